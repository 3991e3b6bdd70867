"""What the queue runs for imports: each upload is imported once, as a whole, even if workers die.

All files of an upload and the transition to COMPLETE are one transaction: a worker that dies, or that lost its lease,
changes nothing. With SQLite nobody else can write during that transaction, so it runs in the attempt's exclusive
phase, after all files have been read.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from core.errors import PortalError
from imports import overwritten, retention, uploads
from imports.importer import FileReport, Observer, Plan, import_together
from imports.models import ImportJob
from imports.options import PAGE_HINTS, ImportOptions
from imports.records import UnreadableRecord
from imports.report import RejectList, describe
from imports.sources import Source, find_sources
from imports.unpacking import Look
from jobs import lifecycle
from jobs.attempt import Attempt
from jobs.leased import ENDED

REPORT_SECONDS = 1.0
MAX_LINES_JOINED = 100
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
    waiting = ImportJob.objects.waiting().order_by("pk").first()
    if waiting is not None:
        lifecycle.enqueue(waiting)


def _import_and_complete(attempt: Attempt) -> None:
    """Import every file of the upload, and complete the job in the same transaction.

    Raises:
        ImportFailed: none of the files could be imported.
    """
    job = cast("ImportJob", attempt.job)
    sources = list(_find_sources(job))
    report = _UploadReport(attempt, len(sources))

    def settle() -> None:
        if not report.imported_count:
            raise ImportFailed(_join(report.lines) or "The zip archive has no files.")
        facts = report.facts() | {"overwritten_sha256": overwritten.sha256(job.pk)}
        if not job.complete(attempt.number, report.note(), **facts):
            raise attempt.find_stop_reason()

    import_together(sources, _make_plan(job, attempt, report.look), report, report.add, settle)


def _join(lines: list[str]) -> str:
    """The lines as one message. An archive may have thousands of files that can't be imported."""
    joined = " ".join(lines[:MAX_LINES_JOINED])
    others = len(lines) - MAX_LINES_JOINED
    if others <= 0:
        return joined
    return f"{joined} There are {others:,} more lines like these."


def _find_sources(job: ImportJob) -> Iterator[Source]:
    """The files of the upload, under the names that the person who uploaded it knows."""
    for source in find_sources([uploads.upload_of(job.pk)]):
        name = source.member or job.file_name
        yield replace(source, name=name)


def _make_plan(job: ImportJob, attempt: Attempt, look: Look) -> Plan:
    plan = ImportOptions.from_json(job.options).make_plan(
        operator=job.operator[:MAX_ACCOUNT_LENGTH],
        now=job.submitted_at,
        rejects=uploads.make_rejects_folder(job.pk, attempt.number),
        hints=PAGE_HINTS,
        wait=attempt.waiting,
        look=look,
        write_alone=attempt.exclusive,
    )
    return replace(plan, open_history=lambda _name: job.pk)


class _UploadReport(Observer):
    """Reports progress about every second, and collects what the row keeps of the import."""

    def __init__(self, attempt: Attempt, file_count: int) -> None:
        self._attempt = attempt
        self._file_count = file_count
        self._begun_count = 0
        self._earlier_count = 0
        self._record_count = 0
        self._percent = 0
        self._next_report = 0.0
        self._reject_list = RejectList()
        self._counts = Counter[str]()
        self._rejects_names: list[str] = []
        self.imported_count = 0
        self.lines: list[str] = []

    def begin_file(self, source: Source) -> None:
        self._begun_count += 1
        self._earlier_count += self._record_count
        self._record_count = 0

    def report_read(self, record_count: int, share: float) -> None:
        """Raises what `Attempt.report` raises: why the import must stop."""
        self._record_count = record_count
        now = time.monotonic()
        if now < self._next_report:
            return
        self._next_report = now + REPORT_SECONDS
        share_of_all = (self._begun_count - 1 + share) / self._file_count
        self._percent = min(99, round(share_of_all * 100))
        self.look()

    def look(self) -> None:
        """Keep the lease while a piece of a file is read, whatever is in it. Raises what `Attempt.report` raises."""
        self._attempt.report(progress=self._percent, record_count=self._earlier_count + self._record_count)

    def report_written(self, record_count: int, share: float) -> None:
        """Raises what `Attempt.check` raises. No progress is stored: nobody else can write to the database now."""
        self._attempt.check()

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
