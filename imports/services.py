"""What importers can do with imports."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.permissions import IMPORT, VIEW_IMPORTS
from core.errors import PortalError
from imports import overwritten, uploads
from imports.importer import FileReport
from imports.models import ImportEvent, ImportJob
from imports.options import ImportOptions
from imports.report import describe
from jobs import lifecycle
from jobs.leased import JobStatus

LATEST = 25
MOST_WAITING = 20
BYTES_PER_MB = 1024 * 1024


class MayNotImport(PortalError):
    """The person is neither an importer nor a site admin."""

    status = 403
    title = "You don't have access"

    def __init__(self) -> None:
        super().__init__("Only importers and site admins can import. Ask a site admin to make you an importer.")


class UploadTooLarge(PortalError):
    """The upload has more bytes than allowed."""

    status = 413
    title = "File too large"

    def __init__(self) -> None:
        super().__init__(
            f"The file is larger than {settings.IMPORT_UPLOAD_MB:,} MB, the largest upload allowed. "
            "Compress it with gzip, or ask an operator to run import_issues."
        )


class TooManyWaiting(PortalError):
    """So many uploads of the person wait that more would only fill the disk."""

    status = 429
    title = "Too many imports are waiting"
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_WAITING} of your imports are waiting or running. Wait until one has ended, or put the files into "
            "one zip archive."
        )


class ImportNotFound(PortalError):
    """There is no such import, or no such file of it."""

    status = 404
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("This import doesn't exist, or its files have been deleted.")


def check_importer(user: User) -> None:
    """Raises MayNotImport."""
    if not user.has_perm(IMPORT):
        raise MayNotImport


def check_reader(user: User) -> None:
    """Raises MayNotImport unless the user may import, or read the history of imports in Admin."""
    if not (user.has_perm(IMPORT) or user.has_perm(VIEW_IMPORTS)):
        raise MayNotImport


def check_size(size: int) -> None:
    """Check an upload's size in bytes. Raises UploadTooLarge."""
    if size > settings.IMPORT_UPLOAD_MB * BYTES_PER_MB:
        raise UploadTooLarge


def check_waiting(user: User) -> None:
    """Raises TooManyWaiting if the user has as many imports that have not ended as one person may have."""
    if ImportJob.objects.active().filter(submitted_by=user).count() >= MOST_WAITING:
        raise TooManyWaiting


def request_import(user: User, file_name: str, size: int, chunks: Iterable[bytes], options: ImportOptions) -> ImportJob:
    """Store the upload and enqueue its import: row, message and file together, or none of them.

    Raises:
        MayNotImport, UploadTooLarge, TooManyWaiting
    """
    check_importer(user)
    check_size(size)
    check_waiting(user)
    job = ImportJob(
        submitted_by=user,
        operator=user.email,
        file_name=file_name[:255],
        bytes=size,
        options=options.to_json(),
    )
    received = uploads.receive(chunks)
    try:
        with transaction.atomic():
            job.save()
            ImportEvent.objects.create(job=job, status=job.status, note=f"Requested by {user}")
            lifecycle.enqueue(job)
            uploads.accept(received, job.pk)
            audit.record("import.requested", on=job.target, user=user, details=_request_details(job))
    finally:
        uploads.discard(received)
    return job


def find_import(user: User, import_id: int) -> ImportJob:
    """Raises MayNotImport, ImportNotFound."""
    check_importer(user)
    lifecycle.reap(ImportJob)
    job = ImportJob.objects.filter(pk=import_id).first()
    if job is None:
        raise ImportNotFound
    return job


def latest_imports(user: User) -> list[ImportJob]:
    """The latest imports, newest first. Raises MayNotImport."""
    check_importer(user)
    return list(ImportJob.objects.order_by("-id")[:LATEST])


def is_import_running() -> bool:
    """Whether an import is running now. With SQLite its worker can't show that it is alive."""
    return ImportJob.objects.leased().exists()


def find_rejects(job: ImportJob, name: str) -> Path:
    """A file of rejected issues. Raises ImportNotFound."""
    path = uploads.rejects_of(job.pk, job.attempt, name)
    if name not in job.rejects or not path.is_file():
        raise ImportNotFound
    return path


def open_rejects(user: User, import_id: int, name: str) -> BinaryIO:
    """A file of rejected issues, open to be sent, which is recorded. Raises MayNotImport, ImportNotFound."""
    job = find_import(user, import_id)
    file = find_rejects(job, name).open("rb")
    audit.record("import.rejects_downloaded", on=job.target, user=user, details={"file": name})
    return file


def read_overwritten(user: User, import_id: int) -> Iterator[bytes]:
    """The list of overwritten issues as a CSV file, in pieces, which is recorded.

    Raises:
        MayNotImport: the user may neither import nor read the history of imports.
        ImportNotFound: there is no such import, it overwrote nothing, or the list is too old.
    """
    check_reader(user)
    job = ImportJob.objects.filter(pk=import_id).first()
    if job is None or not job.overwritten.exists():
        raise ImportNotFound
    audit.record("import.overwritten_downloaded", on=job.target, user=user)
    return overwritten.csv_lines(job.pk)


def _request_details(job: ImportJob) -> dict[str, Any]:
    return {
        "bytes": job.bytes,
        "on_conflict": job.options["on_conflict"],
        "is_dry_run": bool(job.options.get("is_dry_run")),
    }


def open_import(operator: str, file_name: str) -> int:
    """Add a file that a command imports to the history, in the transaction that writes its issues.

    Returns the number of the import, which `record_import` completes.
    """
    now = timezone.now()
    job = ImportJob.objects.create(
        status=JobStatus.COMPLETE,
        operator=operator,
        file_name=file_name[-255:],
        submitted_at=now,
        finished_at=now,
        progress=100,
    )
    return job.pk


def record_import(import_id: int, report: FileReport) -> None:
    """Complete what `open_import` added, when the issues are written, in the same transaction."""
    job = ImportJob.objects.get(pk=import_id)
    job.finished_at = timezone.now()
    job.submitted_at = job.finished_at - timedelta(seconds=report.seconds)
    job.report = list(describe(report))
    job.overwritten_sha256 = overwritten.sha256(job.pk)
    for name, count in report.outcome.columns().items():
        setattr(job, name, count)
    job.save()
    ImportEvent.objects.create(job=job, status=job.status, note="Imported by the command import_issues")
    job.record_end()
