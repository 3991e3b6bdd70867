"""What the queue runs for exports. The queue carries only a dotted name and a key; the truth is the row."""

from typing import cast

from django.conf import settings
from django.db import transaction

from archive.filters import IssueFilter
from exports import outbox, retention, storage
from exports.builder import Built, build
from exports.models import ExportJob
from exports.models.jobs import percent
from exports.models.mails import MailKind
from jobs import lifecycle
from jobs.attempt import Attempt, patiently
from jobs.leased import JobStatus


def send_mail(mail_id: int) -> None:
    """Send a mail of the outbox."""
    outbox.send(mail_id)


def build_export(job_id: int) -> None:
    """Claim the export, build its file, publish it and settle the export."""
    lifecycle.run(ExportJob.objects.get(pk=job_id), _build_and_publish)


def enqueue_failure_mail(job: ExportJob) -> None:
    """In the transaction that ends an export without a file."""
    outbox.enqueue_mail(job, MailKind.FAILED)


def _build_and_publish(attempt: Attempt) -> None:
    job = cast("ExportJob", attempt.job)
    guard = settings.EXPORT_FORMULA_GUARD
    with storage.begin(job.pk, attempt.number) as part:
        issues = IssueFilter.from_json(job.filter).issues()
        progress = _Progress(attempt, part)
        built = build(issues, part, guard=guard, report=progress.report, wait=attempt.waiting)
        with attempt.waiting():
            name = part.publish()
    facts = _facts(built, part, name, guard=guard)
    if not patiently(lambda: _publish(job, attempt.number, facts)):
        storage.remove(name)
        raise attempt.find_stop_reason()


def _facts(built: Built, part: storage.PartFile, name: str, *, guard: bool) -> dict[str, object]:
    return {
        "rows_expected": built.rows,
        "rows_written": built.rows,
        "snapshot_at": built.snapshot_at,
        "formula_guard": guard,
        "time_zone": settings.TIME_ZONE,
        "version": settings.VERSION,
        "file_name": name,
        "bytes": part.bytes,
        "sha256": part.sha256,
    }


def _publish(job: ExportJob, attempt: int, facts: dict[str, object]) -> bool:
    """The transaction that publishes; True also if an earlier try committed and only its answer was lost."""
    with transaction.atomic():
        if job.publish(attempt, **facts):
            outbox.enqueue_mail(job, MailKind.READY)
            return True
    job.refresh_from_db()
    return job.status == JobStatus.COMPLETE and job.file_name == facts["file_name"]


class _Progress:
    """Hears from the build how far it is, about every second, and looks whether the rest still fits on the disk."""

    def __init__(self, attempt: Attempt, part: storage.PartFile) -> None:
        self._attempt = attempt
        self._part = part
        self._usual_row_bytes = retention.usual_row_bytes()

    def report(self, rows_written: int, rows_expected: int) -> None:
        """Raises what `Attempt.report` raises, and DiskTooSmall."""
        progress = percent(rows_written, rows_expected)
        self._attempt.report(progress=progress, rows_written=rows_written, rows_expected=rows_expected)
        row_bytes = self._usual_row_bytes
        if rows_written:
            row_bytes = self._part.bytes / rows_written
        else:
            self._attempt.send_heartbeat()  # the number of issues shows at once
        storage.require_space(round(row_bytes * (rows_expected - rows_written)))
