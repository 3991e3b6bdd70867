"""Delete exported files. Exports and their history are never deleted, so a task ID always works."""

import datetime
import logging
import re

from django.db.models.functions import Now

from exports import storage
from exports.models import ExportJob
from exports.options import ORDINARY, ExportOptions
from jobs.leased import JobStatus, now_plus

logger = logging.getLogger(__name__)

USUAL_ROW_BYTES = 1_000
FILE_NAME = re.compile(r"(\d{1,18})\.(\d{1,9})(?:\.|$)", re.ASCII)
# The sweep runs every minute. What is left after so long can't be deleted, or nothing sweeps.
LEFT_AFTER = datetime.timedelta(minutes=10)


def usual_row_bytes(options: ExportOptions = ORDINARY) -> float:
    """Average bytes per issue in the last complete export with these options, or an estimate if there is none."""
    done = ExportJob.objects.filter(status=JobStatus.COMPLETE, rows_written__gt=0, **options.as_columns())
    last = done.values_list("bytes", "rows_written").first()
    if last is None:
        return USUAL_ROW_BYTES
    size, rows = last
    return (size or 0) / rows


def remove_expired_files() -> None:
    """Delete the files whose expiry time is over, by the database's clock, and record when."""
    names = dict(ExportJob.objects.holding_expired_file().values_list("pk", "file_name"))
    removed_ids = []
    for job_id, name in names.items():
        if _delete(name):
            removed_ids.append(job_id)
    if removed_ids:
        ExportJob.objects.filter(pk__in=removed_ids).update(file_removed_at=Now())


def remove_orphans() -> None:
    """Delete partial files of lost workers, and complete files that no export has published."""
    for name in _find_orphans():
        _delete(name)


def find_leftovers() -> list[str]:
    """The names of files that the sweep should have deleted LEFT_AFTER ago or earlier."""
    expired = ExportJob.objects.holding_expired_file().filter(expires_at__lte=now_plus(-LEFT_AFTER))
    names = expired.order_by("pk").values_list("file_name", flat=True)
    leftovers = [name for name in names if storage.age_in_seconds(name) is not None]
    for name in _find_orphans():
        age = storage.age_in_seconds(name)
        if age is not None and age > LEFT_AFTER.total_seconds():
            leftovers.append(name)
    return leftovers


def _delete(name: str) -> bool:
    """Whether the file is gone. A file that can't be deleted is logged, and must not keep others."""
    try:
        storage.remove(name)
    except OSError as error:
        logger.error("Could not delete %s: %s", name, error)  # noqa: TRY400 - each minute: no traceback
        return False
    return True


def _find_orphans() -> list[str]:
    """The files `<export>.<attempt>.<part or csv>` that no export needs. Files with other names are left alone."""
    names = {}
    for name in storage.names():
        match = FILE_NAME.match(name)
        if match is not None:
            names[name] = (int(match[1]), int(match[2]))
    job_ids = {job_id for job_id, _ in names.values()}
    needed = ("status", "attempt", "file_name", "file_removed_at")
    jobs = ExportJob.objects.only(*needed).in_bulk(job_ids)
    orphans = []
    for name, (job_id, attempt) in names.items():
        if not _is_needed(name, attempt, jobs.get(job_id)):
            orphans.append(name)
    return orphans


def _is_needed(name: str, attempt: int, job: ExportJob | None) -> bool:
    """This does not depend on the time: the file of a COMPLETE export stays until it is removed as expired."""
    if job is None:
        return False
    is_being_built = job.is_active and job.attempt == attempt
    is_published = job.status == JobStatus.COMPLETE and job.file_name == name and job.file_removed_at is None
    return is_being_built or is_published
