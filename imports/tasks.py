"""What the queue runs for imports: each upload is imported once, as a whole, even if workers die.

All files of an upload and the transition to COMPLETE are one transaction: a worker that dies, or that lost its lease,
changes nothing. With SQLite nobody else can write during an import, so it runs in the attempt's exclusive phase.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from django.db import connection, transaction

from core.errors import PortalError
from imports import retention, uploads
from imports.importer import FileReport, Observer, Plan, import_sources
from imports.models import ImportJob
from imports.options import PAGE_HINTS, ImportOptions
from imports.records import UnreadableRecord
from imports.report import RejectList, describe
from imports.sources import Source, find_sources
from jobs import lifecycle
from jobs.attempt import Attempt
from jobs.leased import ENDED, JobStatus

REPORT_SECONDS = 1.0
MAX_ACCOUNT_LENGTH = 128


class ImportFailed(PortalError):
    """Nothing of the upload was imported; the sentence becomes the import's message."""


def import_upload(import_id: int) -> None:
    """Claim the import, do it and settle it; then let the next one have the slot."""
    job = ImportJob.objects.get(pk=import_id)
    lifecycle.run(job, _import_and_complete)
    job.refresh_from_db()
    if job.status in ENDED:
        retention.clean_up(job)
        enqueue_next()


def enqueue_next() -> None:
    """Notify the queue of the import that has waited longest: its own message may have found the slot taken."""
    waiting = ImportJob.objects.filter(status=JobStatus.ENQUEUED).order_by("pk").first()
    if waiting is not None:
        lifecycle.enqueue(waiting)


def _import_and_complete(attempt: Attempt) -> None:
    job = cast("ImportJob", attempt.job)
    with _writing(attempt), transaction.atomic():
        report = _UploadReport(attempt)
        _import_all(job, report, _make_plan(job, attempt))
        if not job.complete(attempt.number, report.note(), **report.facts()):
            raise attempt.find_stop_reason()


def _writing(attempt: Attempt) -> AbstractContextManager[None]:
    if connection.vendor == "sqlite":
        return attempt.exclusive()
    return nullcontext()


def _import_all(job: ImportJob, report: "_UploadReport", plan: Plan) -> None:
    """Import every file of the upload.

    Raises:
        ImportFailed: none of the files could be imported.
    """
    sources = list(_find_sources(job))
    report.file_count = len(sources)
    for file_report in import_sources(sources, plan, report):
        report.add(file_report)
    if not report.imported_count:
        raise ImportFailed(" ".join(report.lines) or "The zip archive has no files.")


def _find_sources(job: ImportJob) -> Iterator[Source]:
    """The files of the upload, under the names that the person who uploaded it knows."""
    for source in find_sources([uploads.upload_of(job.pk)]):
        name = source.member or job.file_name
        yield Source(name, source.path, source.member, source.is_found)


def _make_plan(job: ImportJob, attempt: Attempt) -> Plan:
    return ImportOptions.from_json(job.options).make_plan(
        operator=job.operator[:MAX_ACCOUNT_LENGTH],
        now=job.submitted_at,
        rejects=uploads.make_rejects_folder(job.pk, attempt.number),
        hints=PAGE_HINTS,
        wait=attempt.waiting,
    )


class _UploadReport(Observer):
    """Reports progress about every second, and collects what the row keeps of the import."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._next_report = 0.0
        self._begun_count = 0
        self._reject_list = RejectList()
        self._counts = Counter[str]()
        self._rejects_names: list[str] = []
        self.file_count = 0
        self.imported_count = 0
        self.lines: list[str] = []

    def begin_file(self, source: Source) -> None:
        self._begun_count += 1

    def report_progress(self, record_count: int, share: float) -> None:
        """Raises what `Attempt.report` raises: why the import must stop."""
        now = time.monotonic()
        if now < self._next_report:
            return
        self._next_report = now + REPORT_SECONDS
        share_of_all = (self._begun_count - 1 + share) / self.file_count
        self._attempt.report(progress=min(99, round(share_of_all * 100)))
        uploads.write_progress(self._attempt.job.pk, self._attempt.number, record_count, share_of_all)

    def report_reject(self, rejected: UnreadableRecord) -> None:
        line = self._reject_list.add(rejected)
        if line:
            self.lines.append(line)

    def add(self, report: FileReport) -> None:
        for line in describe(report):
            self.lines.append(line.strip())
        if report.is_imported:
            self.imported_count += 1
            self._counts.update(report.outcome.columns())
        if report.rejects:
            self._rejects_names.append(report.rejects.name)

    def note(self) -> str:
        """What the import's last event says."""
        return f"{self._counts['created_count']:,} created, {self._counts['updated_count']:,} updated"

    def facts(self) -> dict[str, Any]:
        """The job's columns for its report."""
        others = self._reject_list.describe_others()
        if others:
            self.lines.append(others)
        return {"report": self.lines, "rejects": self._rejects_names, **self._counts}
