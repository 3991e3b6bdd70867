"""What the queue runs for imports: an upload is imported once and as a whole, whichever worker dies.

All files of an upload, and the transition to COMPLETE, are one transaction: a worker that dies, or that lost its
lease, leaves nothing. On SQLite nobody else can write while an import does: it runs in the attempt's exclusive phase.
"""

import datetime
import time
import zoneinfo
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction

from core.errors import PortalError
from imports import uploads
from imports.importer import Plan, Report, UnknownFormat, import_file
from imports.load import Archiving, OnConflict
from imports.models import ImportJob
from imports.records import Person, Reading, UnreadableFile, UnreadableRecord
from imports.report import describe
from imports.sources import Source, find_sources
from jobs import lifecycle
from jobs.attempt import Attempt
from jobs.leased import ENDED, JobStatus

REPORT_SECONDS = 1.0
MOST_LISTED = 100  # rejected issues in a report
COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")


class ImportFailed(PortalError):
    """Nothing of the upload was imported; the sentence becomes the import's message."""


def import_upload(import_id: int) -> None:
    """Claim the import, do it, settle it; then let the next one have the slot."""
    job = ImportJob.objects.get(pk=import_id)
    lifecycle.run(job, _import_and_complete)
    job.refresh_from_db()
    if job.status in ENDED:
        uploads.forget_upload(import_id)
        enqueue_next()


def enqueue_next() -> None:
    """Notify the queue of the import that has waited longest: its own message may have found the slot taken."""
    waiting = ImportJob.objects.filter(status=JobStatus.ENQUEUED).order_by("pk").first()
    if waiting is not None:
        lifecycle.enqueue(waiting)


def _import_and_complete(attempt: Attempt) -> None:
    job = cast("ImportJob", attempt.job)
    with _writing(attempt), transaction.atomic():
        facts = _import_all(job, _Progress(attempt))
        note = f"{facts['created_count']:,} created, {facts['updated_count']:,} updated"
        if not job.complete(attempt.number, note, **facts):
            raise attempt.find_stop_reason()


def _writing(attempt: Attempt) -> AbstractContextManager[None]:
    if connection.vendor == "sqlite":
        return attempt.exclusive()
    return nullcontext()


# -- The upload's files -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Account:
    """What is said about an upload in the end."""

    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {f"{name}_count": 0 for name in COUNTS})
    rejects: list[str] = field(default_factory=list)
    told: int = 0
    done: int = 0

    def tell_reject(self, rejected: UnreadableRecord) -> None:
        self.told += 1
        if self.told <= MOST_LISTED:
            self.lines.append(str(rejected))

    def add(self, name: str, report: Report, *, is_trial: bool) -> None:
        self.done += 1
        self.rejects += [report.rejects.name] if report.rejects else []
        report.rejects = None  # the page offers the file itself: where it lies is nobody's business
        self.lines += [line.strip() for line in describe(name, report, is_trial=is_trial)]
        for count in COUNTS:
            self.counts[f"{count}_count"] += getattr(report.outcome, count)


def _import_all(job: ImportJob, progress: "_Progress") -> dict[str, Any]:
    """Import every file of the upload; gives what the row keeps of it.

    Raises:
        ImportFailed: none of the files could be read.
    """
    plan, account = make_plan(job), _Account()
    sources = list(find_sources([uploads.upload_of(job.pk)]))
    for number, source in enumerate(sources):
        progress.part = (number, len(sources))
        name = source.member or job.file_name
        try:
            _import_one(Source(name, source.path, source.member, source.is_found), plan, account, progress)
        except UnknownFormat as error:
            account.lines.append(str(error))
        except UnreadableFile as error:
            if plan.is_strict:
                raise
            account.lines.append(f"{error} Nothing of it was imported.")
    if not account.done:
        raise ImportFailed(" ".join(account.lines) or "The archive holds no file.")
    return {"report": account.lines, "rejects": account.rejects, **account.counts}


def _import_one(source: Source, plan: Plan, account: _Account, progress: "_Progress") -> None:
    report = import_file(source, plan, account.tell_reject, progress.report)
    account.add(source.name, report, is_trial=plan.is_trial)


def make_plan(job: ImportJob) -> Plan:
    """The plan that was chosen in the form."""
    chosen: dict[str, Any] = job.options
    by, day = chosen.get("archived_by"), chosen.get("archived_date")
    zone = zoneinfo.ZoneInfo(chosen.get("time_zone") or settings.TIME_ZONE)
    date = datetime.datetime.fromisoformat(day).replace(tzinfo=zone) if day else job.submitted_at
    return Plan(
        archiving=Archiving(
            by=Person(by) if by else Person(job.operator[:128]),
            date=date,
            is_by_chosen=bool(by),
            is_date_chosen=bool(day),
        ),
        rejects=uploads.rejects_folder(job.pk),
        new_reading=lambda: Reading(zone=zone, date_format=chosen.get("date_format", "")),
        on_conflict=OnConflict(chosen.get("on_conflict", "update")),
        is_strict=bool(chosen.get("is_strict")),
        is_trial=bool(chosen.get("is_trial")),
    )


class _Progress:
    """Records progress about every second, and stops the import when it must stop."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._next = 0.0
        self.part = (0, 1)

    def report(self, records: int, share: float) -> None:
        """Raises what `Attempt.report` raises."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + REPORT_SECONDS
        number, count = self.part
        done = (number + share) / count
        self._attempt.report(progress=min(99, round(done * 100)))
        uploads.note_progress(self._attempt.job.pk, records, done)
