"""What the queue may call. A task may be delivered twice, late or to two workers: every one is safe as such.

The queue carries only a dotted name and a key; the truth is the row, and a task that finds nothing to
claim returns as if it had never been called.
"""

import errno
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django_q.tasks import async_task

from exports import draining, outbox, storage, upkeep
from exports.builder import build
from exports.errors import BuildFailed, CancelRequested, ExportError, LostJob, WorkerStops
from exports.filters import IssueFilter
from exports.models import ExportJob
from exports.models.jobs import JobStatus
from exports.models.mails import MailKind

logger = logging.getLogger(__name__)
T = TypeVar("T")


def enqueue_build(job: ExportJob) -> None:
    """Ask for a build in the caller's transaction: no row without a message, no message without a row."""
    async_task("exports.tasks.build_export", job.pk, task_name=f"build_export {job.pk}")  # type: ignore[no-untyped-call]


def send_mail(mail_id: int) -> None:
    """Send a mail of the outbox."""
    outbox.send(mail_id)


def answer() -> None:
    """Do nothing: that it was done shows that the queue works."""


def build_export(job_id: int) -> None:
    """Claim the job, build its file, publish it and settle the job."""
    job = ExportJob.objects.get(pk=job_id)
    if draining.is_asked():
        enqueue_build(job)  # this message is used up: leave one for the next worker
        return
    attempt = job.claim(f"{socket.gethostname()}:{os.getpid()}")
    if attempt is None:
        logger.info("Export %s is not waiting any more", job_id)
        return
    try:
        _build_and_publish(job, attempt)
    except CancelRequested:
        _patiently(lambda: job.settle_cancel(attempt))
    except WorkerStops:
        _requeue(job, attempt)
    except LostJob:
        logger.warning("Export %s went to another worker during attempt %s", job_id, attempt)
    except (OperationalError, InterfaceError) as error:
        logger.exception("Export %s lost the database in attempt %s", job_id, attempt)
        _break_off(job, attempt, f"the database failed: {str(error).strip()}")
    except Exception as error:  # noqa: BLE001 - whatever it is, the slot must come free
        _settle_failure(job, attempt, _failure_words(error))


def _build_and_publish(job: ExportJob, attempt: int) -> None:
    guard = settings.EXPORT_FORMULA_GUARD
    with storage.begin(job.pk, attempt) as part:
        issues = IssueFilter.from_json(job.filter).issues()
        built = build(issues, part, guard=guard, beat=_beater(job, attempt, part))
        name = part.publish()
    facts = {
        "rows_expected": built.rows,
        "rows_written": built.rows,
        "as_of": built.as_of,
        "formula_guard": guard,
        "time_zone": settings.TIME_ZONE,
        "version": settings.VERSION,
        "file_name": name,
        "bytes": part.bytes,
        "sha256": part.sha256,
    }
    if not _patiently(lambda: _complete(job, attempt, facts)):
        storage.remove(name)
        _stop(job, attempt)


def _complete(job: ExportJob, attempt: int, facts: dict[str, object]) -> bool:
    """The transaction that publishes; True also when an earlier try committed and only its answer was lost."""
    with transaction.atomic():
        if job.complete(attempt, **facts):
            outbox.enqueue_mail(job, MailKind.READY)
            return True
    job.refresh_from_db()
    return job.status == JobStatus.COMPLETE and job.file_name == facts["file_name"]


def _beater(job: ExportJob, attempt: int, part: storage.PartFile) -> Callable[[int, int], None]:
    """What the build calls about every second: fence, lease, progress, and every reason to stop."""
    deadline = time.monotonic() + settings.EXPORT_DEADLINE_SECONDS
    usual = upkeep.usual_row_bytes()

    def beat(rows_written: int, rows_expected: int) -> None:
        if time.monotonic() > deadline:
            raise BuildFailed(
                f"The export was stopped after {settings.EXPORT_DEADLINE_SECONDS:,} seconds, "
                f"{rows_written:,} of {rows_expected:,} issues written. Narrow the filter and run it again."
            )
        if not _patiently(lambda: job.beat(attempt, rows_written=rows_written, rows_expected=rows_expected)):
            _stop(job, attempt)
        if draining.is_asked():
            raise WorkerStops
        row_bytes = part.bytes / rows_written if rows_written else usual
        storage.require_space(round(row_bytes * (rows_expected - rows_written)))

    return beat


def _patiently(move: Callable[[], T]) -> T:
    """The move's answer, asked for until the lease would be over while the database is away.

    Every move may be made twice: it is conditional, and its second try finds what the first one left.
    """
    end = time.monotonic() + settings.EXPORT_LEASE_SECONDS
    while True:
        try:
            return move()
        except (OperationalError, InterfaceError):
            if time.monotonic() > end:
                raise
            connection.close()
            time.sleep(0.5)


def _stop(job: ExportJob, attempt: int) -> None:
    """Say why this worker may not go on."""
    job.refresh_from_db()
    if job.attempt == attempt and job.status == JobStatus.CANCEL_REQUESTED:
        raise CancelRequested
    raise LostJob


def _requeue(job: ExportJob, attempt: int) -> None:
    """The worker stops: the job waits for another one, and this attempt does not count."""
    with transaction.atomic():
        if job.put_back(attempt, "the worker was told to stop: the job waits for another one"):
            enqueue_build(job)
            return
    job.settle_cancel(attempt)


def _break_off(job: ExportJob, attempt: int, reason: str) -> None:
    _patiently(lambda: settle_loss(job, lambda: job.break_off(attempt, reason)))


def settle_loss(job: ExportJob, lose: Callable[[], JobStatus | None]) -> None:
    """Move a job whose attempt came to nothing, and do what its new status asks for."""
    with transaction.atomic():
        status = lose()
        if status == JobStatus.ENQUEUED:
            enqueue_build(job)
        elif status == JobStatus.DEAD:
            outbox.enqueue_mail(job, MailKind.FAILED)


def _settle_failure(job: ExportJob, attempt: int, words: str) -> None:
    def settle() -> None:
        with transaction.atomic():
            if job.fail(attempt, words):
                outbox.enqueue_mail(job, MailKind.FAILED)
                return
        job.settle_cancel(attempt)

    _patiently(settle)


def _failure_words(error: Exception) -> str:
    """The sentence for the admin; what is not foreseen gets a number that leads to the log."""
    if isinstance(error, ExportError):
        return str(error)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The disk for exported files is full: free space or narrow the filter, then run the export again."
    incident = uuid.uuid4().hex[:12]
    logger.error("Incident %s", incident, exc_info=error)
    return f"An unexpected error ended the export. The administrator finds it in the log as incident {incident}."


def reap() -> None:
    """Free the slot of silent workers and of lost messages. Cheap; call it anywhere, any number of times."""
    for job in ExportJob.objects.neglected():
        if job.status == JobStatus.ENQUEUED:
            _remind(job)
        else:
            settle_loss(job, job.lose_lease)


def _remind(job: ExportJob) -> None:
    """Tell the queue again about a job that nobody took, or give it up."""
    with transaction.atomic():
        if job.give_up_waiting():
            outbox.enqueue_mail(job, MailKind.FAILED)
        elif job.ask_again():
            enqueue_build(job)


def sweep() -> None:
    """What must happen in time, whoever died: lost jobs and messages, due mails, files and records past their day."""
    reap()
    outbox.look_after()
    upkeep.remove_expired_files()
    upkeep.remove_orphans()
    upkeep.forget_old_records()
