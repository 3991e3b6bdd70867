"""Faults of the disks. Only these may fail an export or an import."""

import time
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Now

from exports.models import ExportJob
from imports import uploads
from imports.models import ImportJob
from jobs import tasks as job_tasks
from jobs.leased import ACTIVE
from tests.chaos import disk
from tests.chaos.fault import Chance, Fault, Undo
from tests.chaos.world import DISK_SPEED, SLOW_DISK_SPEED, World, ask

LANE = "disk"
SECONDS = 2.0


def fill_exports(world: World, chance: Chance) -> Undo | None:
    if world.running_job(ExportJob) is None:
        return None
    disk.fill(world.storage)
    time.sleep(SECONDS)
    return partial(disk.free, world.storage)


def fill_data(world: World, chance: Chance) -> Undo:
    """Fill the disk of DATA_DIR, where uploads and SQLite's database are too, and that of the exported files."""
    for folder in (world.storage, settings.DATA_DIR):
        disk.fill(folder)
    time.sleep(SECONDS)

    def undo() -> None:
        for folder in (world.storage, settings.DATA_DIR):
            disk.free(folder)

    return undo


def make_read_only(world: World, chance: Chance) -> Undo | None:
    for _ in range(50):
        if disk.set_writable(world.storage, is_writable=False):
            time.sleep(SECONDS)
            return partial(disk.set_writable, world.storage, is_writable=True)
        time.sleep(0.1)  # a file is open for writing
    return None


def slow_down(world: World, chance: Chance) -> Undo:
    world.set_disk_speed(SLOW_DISK_SPEED)
    time.sleep(2 * SECONDS)
    return partial(world.set_disk_speed, DISK_SPEED)


def pin_export(world: World, chance: Chance) -> Undo | None:
    """Let an expired file be one that cannot be deleted."""
    job = ask(lambda: ExportJob.objects.filter(status="COMPLETE", file_removed_at=None).first())
    if job is None:
        return None
    path = world.storage / job.file_name
    if not disk.pin(path):
        return None
    ask(lambda: ExportJob.objects.filter(pk=job.pk).update(expires_at=Now()))
    return _sweep_and_unpin(path)


def pin_upload(world: World, chance: Chance) -> Undo | None:
    """Let the upload of a waiting or running import be one that cannot be deleted when the import has ended."""
    for _ in range(40):
        job = ask(lambda: ImportJob.objects.filter(status__in=ACTIVE).last())
        if job and disk.pin(uploads.upload_of(job.pk)):
            return _sweep_and_unpin(uploads.upload_of(job.pk))
        time.sleep(0.1)
    return None


def _sweep_and_unpin(path: Path) -> Undo:
    """Let the sweep meet the file, and let it be deleted afterwards."""
    time.sleep(SECONDS)
    ask(job_tasks.sweep)

    def undo() -> None:
        disk.unmount(path)

    return undo


MOUNTED = ("has_disk",)

FAULTS = (
    Fault("disk of the exports full", LANE, fill_exports, needs=MOUNTED, can_fail_jobs=True),
    Fault("disk of DATA_DIR full", LANE, fill_data, needs=MOUNTED, can_lose_attempts=True, can_fail_jobs=True),
    Fault("disk of the exports read-only", LANE, make_read_only, needs=MOUNTED, can_fail_jobs=True),
    Fault("disk slow", LANE, slow_down, needs=("has_preload",)),
    Fault("file of an export cannot be deleted", LANE, pin_export, needs=MOUNTED),
    Fault("upload cannot be deleted", LANE, pin_upload, needs=MOUNTED),
)
