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
from jobs.leased import ACTIVE, ENDED
from tests.chaos import disk
from tests.chaos.fault import Chance, Fault, Undo
from tests.chaos.world import DISK_SPEED, SLOW_DISK_SPEED, World, ask

LANE = "disk"
SECONDS = 2.0
SWEEP_SECONDS = 15.0


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
    """Let an expired file be one that cannot be deleted; the sweep must delete the others."""
    job = ask(lambda: ExportJob.objects.filter(status="COMPLETE", file_removed_at=None).first())
    if job is None:
        return None
    path = world.storage / job.file_name
    if not disk.pin(path):
        return None
    ask(lambda: ExportJob.objects.filter(file_removed_at=None, status="COMPLETE").update(expires_at=Now()))
    names = ask(lambda: ExportJob.objects.holding_expired_file().values_list("file_name", flat=True)[:])
    others = [world.storage / name for name in names if name != job.file_name]
    return _sweep_and_unpin(world, path, others)


def pin_upload(world: World, chance: Chance) -> Undo | None:
    """Let the upload of an import be one that cannot be deleted when it has ended; the others must be deleted."""
    for _ in range(40):
        job = ask(lambda: ImportJob.objects.filter(status__in=ACTIVE).last())
        if job and disk.pin(uploads.upload_of(job.pk)):
            time.sleep(SECONDS)
            ended = ask(lambda: list(ImportJob.objects.filter(status__in=ENDED).values_list("pk", flat=True)))
            others = [uploads.upload_of(pk) for pk in ended if pk != job.pk]
            return _sweep_and_unpin(world, uploads.upload_of(job.pk), others)
        time.sleep(0.1)
    return None


def _sweep_and_unpin(world: World, path: Path, others: list[Path]) -> Undo:
    """Let the sweep meet the file, check that it deletes the others, and let it be deleted afterwards."""
    end = time.monotonic() + SWEEP_SECONDS
    while time.monotonic() < end:
        ask(job_tasks.sweep)  # its steps may be hit by faults of the database
        left = [other.name for other in others if other.exists()]
        if not left:
            break
        time.sleep(1)
    else:
        world.report(f"because {path.name} cannot be deleted, the sweep leaves others: {left}")

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
