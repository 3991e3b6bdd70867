"""What staff may do with imports."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import PortalError
from imports import tasks, uploads
from imports.importer import Report
from imports.models import ImportEvent, ImportJob
from imports.report import describe
from jobs import lifecycle
from jobs.leased import LEASED, JobStatus

PERMISSION = "imports.add_importjob"
LATEST = 25


class MayNotImport(PortalError):
    """The person is no staff or lacks the permission."""

    status = 403
    title = "Not for this account"

    def __init__(self) -> None:
        super().__init__(
            "Only staff who may add imports can import. Ask a site admin for the permission 'Can add import'."
        )


class UploadTooLarge(PortalError):
    """More than one upload may hold."""

    status = 413
    title = "Too large"

    def __init__(self) -> None:
        super().__init__(
            f"The file is larger than {settings.IMPORT_UPLOAD_MB:,} MB, the most that can be uploaded. "
            "Pack it with gzip, or let an operator run import_issues."
        )


class ImportNotFound(PortalError):
    """No such import, or no such file of it."""

    status = 404
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("There is no such import, or its files are gone.")


def check_importer(user: User) -> None:
    """Raises MayNotImport."""
    if not (user.is_active and user.is_staff and user.has_perm(PERMISSION)):
        raise MayNotImport


def check_size(size: int) -> None:
    """Raises UploadTooLarge."""
    if size > settings.IMPORT_UPLOAD_MB * 1024 * 1024:
        raise UploadTooLarge


def request_import(
    user: User, file_name: str, size: int, chunks: Iterable[bytes], options: dict[str, Any]
) -> ImportJob:
    """Keep the upload and queue its import: row, message and file, or nothing.

    Raises:
        MayNotImport, UploadTooLarge
    """
    check_importer(user)
    check_size(size)
    row = ImportJob(submitted_by=user, operator=user.email, file_name=file_name[:255], bytes=size, options=options)
    with transaction.atomic():
        row.save()
        ImportEvent.objects.create(job=row, status=row.status, note=f"Requested by {user}")
        uploads.forget(row.pk)  # what a folder of this number may hold is of a row that was never committed
        uploads.keep(row.pk, chunks)
        lifecycle.enqueue(row)
    return row


def find_import(user: User, number: int) -> ImportJob:
    """Raises MayNotImport, ImportNotFound."""
    check_importer(user)
    lifecycle.reap(ImportJob)
    if row := ImportJob.objects.filter(pk=number).first():
        return row
    raise ImportNotFound


def latest_imports(user: User) -> list[ImportJob]:
    """Raises MayNotImport."""
    check_importer(user)
    return list(ImportJob.objects.order_by("-id")[:LATEST])


def is_importing() -> bool:
    """Whether a worker imports just now. With SQLite it can give no other sign of life meanwhile."""
    return ImportJob.objects.filter(status__in=LEASED).exists()


def find_rejects(user: User, number: int, name: str) -> Path:
    """The file of rejected issues. Raises MayNotImport, ImportNotFound."""
    row = find_import(user, number)
    path = uploads.rejects_of(row.pk, name)
    if name not in row.rejects or not path.is_file():
        raise ImportNotFound
    return path


def note_import(operator: str, file_name: str, report: Report) -> None:
    """A line of history for a file that a command imported, in the transaction that writes the issues."""
    finished = timezone.now()
    ImportJob.objects.create(
        status=JobStatus.COMPLETE,
        operator=operator,
        file_name=file_name[-255:],
        submitted_at=finished - timedelta(seconds=report.seconds),
        finished_at=finished,
        progress=100,
        report=list(describe(file_name, report, is_trial=False)),
        **{f"{name}_count": getattr(report.outcome, name) for name in tasks.COUNTS},
    )
