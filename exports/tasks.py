"""What the queue may call. A task may be delivered twice, late or to two workers: every one is safe as such.

The queue carries only a dotted name and a key; the truth is the row, and a task that finds nothing to
claim returns as if it had never been called.
"""

import datetime
import errno
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from django_q.tasks import async_task

from exports import mail, storage
from exports.builder import build
from exports.errors import BuildFailed, CancelRequested, ExportError, LostJob
from exports.filters import IssueFilter
from exports.models import ExportJob, Mail
from exports.models.jobs import JobStatus
from exports.models.mails import MailKind

logger = logging.getLogger(__name__)

MAIL_RETRIES = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))


def enqueue_build(job: ExportJob) -> None:
    """Ask for a build in the caller's transaction: no row without a message, no message without a row."""
    _enqueue("build_export", job.pk)


def enqueue_mail(job: ExportJob, kind: MailKind) -> None:
    """Put a mail into the outbox in the caller's transaction."""
    row, is_new = Mail.objects.get_or_create(
        job=job, kind=kind, defaults={"recipient": job.submitted_by.email, "message_id": mail.new_message_id()}
    )
    if is_new:
        _enqueue("send_mail", row.pk)


def _enqueue(task: str, key: int) -> None:
    """A row in the queue's table of the same database: it commits, or not, with the caller's transaction."""
    async_task(f"exports.tasks.{task}", key, task_name=f"{task} {key}")  # type: ignore[no-untyped-call]


def build_export(job_id: int) -> None:
    """Claim the job, build its file, publish it and settle the job."""
    job = ExportJob.objects.get(pk=job_id)
    attempt = job.claim(f"{socket.gethostname()}:{os.getpid()}")
    if attempt is None:
        logger.info("Export %s is not waiting any more", job_id)
        return
    try:
        _build_and_publish(job, attempt)
    except CancelRequested:
        job.settle_cancel(attempt)
    except LostJob:
        logger.warning("Export %s went to another worker during attempt %s", job_id, attempt)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out and the job is built again
    except Exception as error:  # noqa: BLE001 - whatever it is, the slot must come free
        _settle_failure(job, attempt, _failure_words(error))


def _build_and_publish(job: ExportJob, attempt: int) -> None:
    guard = settings.EXPORT_FORMULA_GUARD
    with storage.begin(job.pk, attempt) as part:
        issues = IssueFilter.from_json(job.filter).issues()
        built = build(issues, part, guard=guard, beat=_beater(job, attempt))
        name = part.publish()
        facts = {
            "rows_expected": built.rows,
            "rows_written": built.rows,
            "as_of": built.as_of,
            "formula_guard": guard,
            "file_name": name,
            "bytes": part.bytes,
            "sha256": part.sha256,
        }
    with transaction.atomic():
        if is_complete := job.complete(attempt, **facts):
            enqueue_mail(job, MailKind.READY)
    if not is_complete:
        storage.remove(name)
        _stop(job, attempt)


def _beater(job: ExportJob, attempt: int) -> Callable[[int, int], None]:
    deadline = time.monotonic() + settings.EXPORT_DEADLINE_SECONDS

    def beat(rows_written: int, rows_expected: int) -> None:
        if time.monotonic() > deadline:
            raise BuildFailed(
                f"The export was stopped after {settings.EXPORT_DEADLINE_SECONDS:,} seconds, "
                f"{rows_written:,} of {rows_expected:,} issues written. Narrow the filter and run it again."
            )
        if not job.beat(attempt, rows_written=rows_written, rows_expected=rows_expected):
            _stop(job, attempt)

    return beat


def _stop(job: ExportJob, attempt: int) -> None:
    """Say why this worker may not go on."""
    job.refresh_from_db()
    if job.attempt == attempt and job.status == JobStatus.CANCEL_REQUESTED:
        raise CancelRequested
    raise LostJob


def _settle_failure(job: ExportJob, attempt: int, words: str) -> None:
    with transaction.atomic():
        if job.fail(attempt, words):
            enqueue_mail(job, MailKind.FAILED)
            return
    job.settle_cancel(attempt)


def _failure_words(error: Exception) -> str:
    """The sentence for the admin; what is not foreseen gets a number that leads to the log."""
    if isinstance(error, ExportError):
        return str(error)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The disk for exported files is full: free space or narrow the filter, then run the export again."
    incident = uuid.uuid4().hex[:12]
    logger.error("Incident %s", incident, exc_info=error)
    return f"An unexpected error ended the export. The administrator finds it in the log as incident {incident}."


def send_mail(mail_id: int) -> None:
    """Send a mail of the outbox, at most once for certain."""
    row = Mail.objects.select_related("job__submitted_by").get(pk=mail_id)
    if not row.claim():
        return
    try:
        row.mark_sent(mail.deliver(mail.compose(row)))
    except mail.NotDelivered as error:
        row.mark_unsent(str(error), _retry_in(row, is_final=error.is_final))
    except Exception as error:
        logger.exception("Mail %s may or may not have been sent", mail_id)
        row.mark_unknown(f"{type(error).__name__}: {error}")


def _retry_in(row: Mail, *, is_final: bool) -> datetime.timedelta | None:
    return None if is_final or row.attempts > len(MAIL_RETRIES) else MAIL_RETRIES[row.attempts - 1]


def reap() -> None:
    """Take jobs from workers that fell silent, so that the slot never stays stuck. Cheap; call it anywhere."""
    for job in ExportJob.objects.lease_lost():
        with transaction.atomic():
            status = job.lose_lease()
            if status == JobStatus.ENQUEUED:
                enqueue_build(job)
            elif status == JobStatus.DEAD:
                enqueue_mail(job, MailKind.FAILED)


def sweep() -> None:
    """What must happen in time, whoever died: lost leases, due mails, expired and orphaned files."""
    reap()
    for mail_id in Mail.objects.due().values_list("pk", flat=True):
        send_mail(mail_id)
    for job in ExportJob.objects.holding_expired_file():
        storage.remove(job.file_name)
        ExportJob.objects.filter(pk=job.pk).update(file_removed=timezone.now())
    for name in storage.names():
        if _is_orphan(name):
            storage.remove(name)


def _is_orphan(name: str) -> bool:
    """Whether no job can want the file `<job>.<attempt>.<part or csv>` any more; other names are not ours."""
    job_id, _, rest = name.partition(".")
    attempt = rest.partition(".")[0]
    if not (job_id.isdecimal() and attempt.isdecimal()):
        return False
    job = ExportJob.objects.filter(pk=job_id).first()
    if job is None:
        return True
    is_being_built = job.is_active and job.attempt == int(attempt)
    return not is_being_built and not (job.has_file and job.file_name == name)
