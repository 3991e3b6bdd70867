"""The tasks of exports. A queue message holds only the task's name and a primary key."""

from typing import cast

from django.conf import settings
from django.db import transaction

from archive.filters import IssueFilter
from exports import outbox, retention, storage
from exports.builder import Built, build
from exports.models import ExportJob
from exports.models.jobs import percent
from exports.models.mails import MailKind
from exports.options import FileFormat
from jobs import lifecycle
from jobs.attempt import Attempt, patiently
from jobs.leased import JobStatus


def send_mail(mail_id: int) -> None:
    """Send an email of the outbox."""
    outbox.send(mail_id)


def build_export(job_id: int) -> None:
    """Claim the export, build its file, publish it and complete the export."""
    lifecycle.run(ExportJob.objects.get(pk=job_id), _build_and_publish)


def enqueue_failure_mail(job: ExportJob) -> None:
    """Put the email about a failed export into the outbox, in the transaction that ends the export."""
    outbox.enqueue_mail(job, MailKind.FAILED)


def _build_and_publish(attempt: Attempt) -> None:
    job = cast("ExportJob", attempt.job)
    guard = settings.EXPORT_FORMULA_GUARD and job.file_format == FileFormat.CSV
    with storage.begin(job.pk, attempt.number) as part:
        issues = IssueFilter.from_json(job.filter).issues()
        reporter = _Reporter(attempt, part)
        built = build(issues, part, guard=guard, report=reporter.report, wait=attempt.waiting, options=job.options)
        with attempt.waiting():
            name = part.publish(job.file_format)
    facts = _facts(built, part, name, guard=guard)
    if not patiently(lambda: _publish(job, attempt.number, facts)):
        storage.remove(name)
        raise attempt.find_stop_reason()


def _facts(built: Built, part: storage.PartFile, name: str, *, guard: bool) -> dict[str, object]:
    return {
        "rows_expected": built.row_count,
        "rows_written": built.row_count,
        "snapshot_at": built.snapshot_at,
        "formula_guard": guard,
        "time_zone": settings.TIME_ZONE,
        "version": settings.VERSION,
        "file_name": name,
        "bytes": part.bytes,
        "sha256": part.sha256,
    }


def _publish(job: ExportJob, attempt: int, facts: dict[str, object]) -> bool:
    """Publish the file in one transaction. Also True if an earlier try committed but its confirmation was lost."""
    with transaction.atomic():
        if job.publish(attempt, **facts):
            outbox.enqueue_mail(job, MailKind.READY)
            return True
    job.refresh_from_db()
    return job.status == JobStatus.COMPLETE and job.file_name == facts["file_name"]


class _Reporter:
    """Receives the build's progress about once a second, and checks that the rest of the file fits on the disk."""

    def __init__(self, attempt: Attempt, part: storage.PartFile) -> None:
        self._attempt = attempt
        self._part = part
        self._usual_row_bytes = retention.usual_row_bytes(cast("ExportJob", attempt.job).options)

    def report(self, rows_written: int, rows_expected: int) -> None:
        """Raises what `Attempt.report` raises, and DiskTooSmall."""
        progress = percent(rows_written, rows_expected)
        self._attempt.report(progress=progress, rows_written=rows_written, rows_expected=rows_expected)
        if rows_written == 0:
            self._attempt.send_heartbeat()  # so that the number of issues is shown right away
            row_bytes = self._usual_row_bytes
        else:
            row_bytes = self._part.bytes / rows_written
        storage.require_space(round(row_bytes * (rows_expected - rows_written)))
