"""What the queue may call to import uploads; safe to call twice, late, or on two workers at once.

All files of an upload, and the move to COMPLETE, are one transaction: a worker that dies, or that another was
put in place of, leaves nothing. On PostgreSQL beats beside the transaction keep the lease. On SQLite nobody can
write while an import does, so there a dead worker is known by its process.
"""

import datetime
import logging
import os
import socket
import time
import uuid
import zoneinfo
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_q.tasks import async_task

from exports import draining, months
from exports.errors import ExportError, LostJob, WorkerStops
from exports.imports import uploads
from exports.imports.files import Plan, Report, UnknownFormat, import_file
from exports.imports.load import Archiving, OnConflict
from exports.imports.records import Person, Reading, UnreadableFile, UnreadableRecord
from exports.imports.report import describe
from exports.imports.sources import Source, find_sources
from exports.models import ArchiveImport
from exports.models.imports import ENDED, ImportStatus

logger = logging.getLogger(__name__)

BEAT_SECONDS = 1.0
MOST_TOLD = 100  # rejected issues in a report
FORGOTTEN = datetime.timedelta(minutes=2)
COUNTS = ("created", "updated", "unchanged", "skipped", "rejected")


class ImportFailed(ExportError):
    """Nothing of the upload was imported; the sentence becomes the import's message."""


def enqueue_import(row: ArchiveImport) -> None:
    """Ask for an import in the caller's transaction."""
    async_task("exports.tasks_imports.import_upload", row.pk, task_name=f"import_upload {row.pk}")  # type: ignore[no-untyped-call]


def import_upload(import_id: int) -> None:
    """Claim the import, do it, settle it."""
    row = ArchiveImport.objects.get(pk=import_id)
    if draining.is_asked():
        enqueue_import(row)  # this message is used up: leave one for the next worker
        return
    attempt = row.claim(f"{socket.gethostname()}:{os.getpid()}", _lease_seconds())
    if attempt is None:
        return
    try:
        with _Beater(row, attempt) as beater, transaction.atomic():
            _complete(row, attempt, _import_all(row, beater))
    except LostJob:
        logger.warning("Import %s went to another worker during attempt %s", import_id, attempt)
        return
    except WorkerStops:
        _put_back(row, attempt)
        return
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out and the import is done again
    except Exception as error:  # noqa: BLE001 - whatever it is, the page must say so
        row.settle(attempt, ImportStatus.FAILED, message=_failure_words(error))
    uploads.forget_upload(import_id)


def _complete(row: ArchiveImport, attempt: int, facts: dict[str, Any]) -> None:
    if not row.settle(attempt, ImportStatus.COMPLETE, **facts):
        raise LostJob


def _put_back(row: ArchiveImport, attempt: int) -> None:
    with transaction.atomic():
        if row.put_back(attempt):
            enqueue_import(row)


def _failure_words(error: Exception) -> str:
    if isinstance(error, ExportError):
        return f"{error} Nothing was imported."
    incident = uuid.uuid4().hex[:12]
    logger.error("Incident %s", incident, exc_info=error)
    return f"An unexpected error ended the import; nothing was imported. The log has it as incident {incident}."


# -- The upload's files -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Account:
    """What is said about an upload in the end."""

    lines: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    rejects: list[str] = field(default_factory=list)
    told: int = 0
    done: int = 0

    def tell_reject(self, rejected: UnreadableRecord) -> None:
        self.told += 1
        if self.told <= MOST_TOLD:
            self.lines.append(str(rejected))

    def add(self, name: str, report: Report, *, is_trial: bool) -> None:
        self.done += 1
        self.rejects += [report.rejects.name] if report.rejects else []
        report.rejects = None  # the page offers the file itself: where it lies is nobody's business
        self.lines += [line.strip() for line in describe(name, report, is_trial=is_trial)]
        for count in COUNTS:
            self.counts[count] += getattr(report.outcome, count)


def _import_all(row: ArchiveImport, beater: "_Beater") -> dict[str, Any]:
    """Import every file of the upload; gives what the row keeps of it.

    Raises:
        ImportFailed: none of the files could be read.
    """
    plan, account = make_plan(row), _Account()
    sources = list(find_sources([uploads.upload_of(row.pk)]))
    for number, source in enumerate(sources):
        beater.part = (number, len(sources))
        name = source.member or row.file_name
        try:
            _import_one(Source(name, source.path, source.member, source.is_found), plan, account, beater)
        except UnknownFormat as error:
            account.lines.append(str(error))
        except UnreadableFile as error:
            if plan.is_strict:
                raise
            account.lines.append(f"{error} Nothing of it was imported.")
    if not account.done:
        raise ImportFailed(" ".join(account.lines) or "The archive holds no file.")
    return {"report": account.lines, "rejects": account.rejects, **account.counts}


def _import_one(source: Source, plan: Plan, account: _Account, beater: "_Beater") -> None:
    report = import_file(source, plan, account.tell_reject, beater.tell)
    account.add(source.name, report, is_trial=plan.is_trial)


def make_plan(row: ArchiveImport) -> Plan:
    """The plan that was chosen in the form."""
    chosen: dict[str, Any] = row.choices
    by, day = chosen.get("archived_by"), chosen.get("archived_date")
    zone = zoneinfo.ZoneInfo(chosen.get("time_zone") or settings.TIME_ZONE)
    date = datetime.datetime.fromisoformat(day).replace(tzinfo=zone) if day else row.submitted
    return Plan(
        archiving=Archiving(
            by=Person(by) if by else Person(row.operator[:128]),
            date=date,
            is_by_chosen=bool(by),
            is_date_chosen=bool(day),
        ),
        rejects=uploads.rejects_folder(row.pk),
        new_reading=lambda: Reading(zone=zone, date_format=chosen.get("date_format", "")),
        on_conflict=OnConflict(chosen.get("on_conflict", "update")),
        is_strict=bool(chosen.get("is_strict")),
        is_trial=bool(chosen.get("is_trial")),
    )


class _Beater:
    """Tells progress about every second, keeps the lease, and stops the import when it must stop."""

    def __init__(self, row: ArchiveImport, attempt: int) -> None:
        self.row, self.attempt = row, attempt
        self.part = (0, 1)
        self._deadline = time.monotonic() + settings.EXPORT_DEADLINE_SECONDS
        self._next = 0.0
        # Beside the import's transaction, so that others see it.
        self._beside = connection.copy() if connection.vendor == "postgresql" else None

    def tell(self, records: int, share: float) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + BEAT_SECONDS
        if now > self._deadline:
            raise ImportFailed(f"The import was stopped after {settings.EXPORT_DEADLINE_SECONDS:,} seconds.")
        if draining.is_asked():
            raise WorkerStops
        number, count = self.part
        uploads.note_progress(self.row.pk, records, (number + share) / count)
        if self._beside:
            self._keep_lease(self._beside)

    def _keep_lease(self, beside: Any) -> None:
        seconds = datetime.timedelta(seconds=settings.EXPORT_LEASE_SECONDS)
        with beside.cursor() as cursor:
            cursor.execute(
                f'UPDATE "{ArchiveImport._meta.db_table}" SET lease_until = statement_timestamp() + %s '
                "WHERE id = %s AND attempt = %s AND status = %s",
                [seconds, self.row.pk, self.attempt, ImportStatus.RUNNING],
            )
            if not cursor.rowcount:
                raise LostJob

    def __enter__(self) -> "_Beater":
        return self

    def __exit__(self, *_: object) -> None:
        if self._beside:
            self._beside.close()


# -- What must happen in time ------------------------------------------------------------------------------


def _lease_seconds() -> int:
    is_beating = connection.vendor == "postgresql"
    seconds: int = settings.EXPORT_LEASE_SECONDS if is_beating else settings.EXPORT_DEADLINE_SECONDS
    return seconds


def reap() -> None:
    """Take imports from workers that are gone. Cheap; call it anywhere."""
    lost = list(ArchiveImport.objects.filter(pk__in=_lost()))
    for row in lost:
        with transaction.atomic():
            if row.lose_lease() == ImportStatus.WAITING:
                enqueue_import(row)


def _lost() -> list[int]:
    running = ArchiveImport.objects.filter(status=ImportStatus.RUNNING)
    lost = set(running.filter(lease_until__lt=Now()).values_list("pk", flat=True))
    if connection.vendor == "sqlite":
        lost |= {pk for pk, worker in running.values_list("pk", "worker") if _is_dead(worker)}
    return sorted(lost)


def _is_dead(worker: str) -> bool:
    """Whether the process is gone; SQLite's processes all share this host."""
    return not Path(f"/proc/{worker.rpartition(':')[2]}").exists()


def sweep() -> None:
    """Lost leases, lost messages, files that were kept as long as promised, months to be counted anew."""
    reap()
    for row in ArchiveImport.objects.filter(status=ImportStatus.WAITING, submitted__lt=timezone.now() - FORGOTTEN):
        enqueue_import(row)  # perhaps its message is lost; one too many finds nothing to claim
    kept_since = timezone.now() - datetime.timedelta(days=settings.EXPORT_KEEP_DAYS)
    for number in uploads.known():
        known = ArchiveImport.objects.filter(pk=number).first()
        if known is None or (known.status in ENDED and known.finished and known.finished < kept_since):
            uploads.forget(number)
            ArchiveImport.objects.filter(pk=number).update(rejects=[])
    months.remember()
