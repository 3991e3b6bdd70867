"""What must be true of the files in DATA_DIR."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from exports import storage
from exports.manifest import manifest
from exports.models import ExportJob
from imports import retention, uploads
from imports.models import ImportJob
from jobs.leased import JobStatus


def file_violations(jobs: list[ExportJob]) -> Iterator[str]:
    """Each complete export has the file that its manifest describes."""
    for job in jobs:
        if job.status != JobStatus.COMPLETE:
            continue
        recorded = manifest(job)
        try:
            with storage.open_file(job.file_name) as file:
                content = file.read()
        except FileNotFoundError:
            if ExportJob.objects.filter(pk=job.pk, file_removed_at=None, expires_at=job.expires_at).exists():
                yield f"{job}: its file is missing"
            continue
        if (hashlib.sha256(content).hexdigest(), len(content)) != (recorded["sha256"], recorded["bytes"]):
            yield f"{job}: the file does not match its manifest"


def folder_violations() -> Iterator[str]:
    """After the sweep: a file for each complete export that has not expired, rejected issues, and nothing else."""
    with_file = ExportJob.objects.filter(status=JobStatus.COMPLETE, file_removed_at=None)
    expected = set(with_file.values_list("file_name", flat=True))
    mismatched = set(storage.names()) ^ expected
    if mismatched:
        yield f"files without an export, or exports without a file: {sorted(mismatched)}"
    expected_of_imports = set(_kept_rejects())
    for path in _files(settings.DATA_DIR / "imports"):
        if path not in expected_of_imports:
            yield f"{path.relative_to(settings.DATA_DIR)} is left, although its import has ended"


def age_orphans() -> None:
    """Let what belongs to no import look a day old, after which the sweep deletes it."""
    root = settings.DATA_DIR / "imports"
    known = {root / str(pk) for pk in ImportJob.objects.values_list("pk", flat=True)}
    long_ago = time.time() - retention.ORPHAN_SECONDS - 3600
    for path in sorted(root.rglob("*"), reverse=True):  # a folder after its files
        if known.isdisjoint({path, *path.parents}):
            os.utime(path, (long_ago, long_ago))


def _kept_rejects() -> Iterator[Path]:
    for job in ImportJob.objects.filter(status=JobStatus.COMPLETE):
        for name in job.rejects:
            yield uploads.rejects_of(job.pk, job.attempt, name)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path
