"""Delete exported files. Exports and their history are never deleted, so a task ID always works."""

from django.db.models.functions import Now

from exports import storage
from exports.models import ExportJob
from jobs.leased import JobStatus

USUAL_ROW_BYTES = 1_000


def usual_row_bytes() -> float:
    """Average bytes per issue in the last complete export that has issues, or an estimate if there is none."""
    done = ExportJob.objects.filter(status=JobStatus.COMPLETE, rows_written__gt=0)
    last = done.values_list("bytes", "rows_written").first()
    if last is None:
        return USUAL_ROW_BYTES
    size, rows = last
    return (size or 0) / rows


def remove_expired_files() -> None:
    """Delete the files whose expiry time is over, by the database's clock, and record when."""
    for job in ExportJob.objects.holding_expired_file():
        storage.remove(job.file_name)
        ExportJob.objects.filter(pk=job.pk).update(file_removed_at=Now())


def remove_orphans() -> None:
    """Delete partial files of lost workers, and complete files that no export has published."""
    for name in storage.names():
        if _is_orphan(name):
            storage.remove(name)


def _is_orphan(name: str) -> bool:
    """Whether no export needs the file `<export>.<attempt>.<part or csv>`. Files with other names are left alone.

    This does not depend on the time: the file of a COMPLETE export stays until it is removed as expired.
    """
    job_id, _, rest = name.partition(".")
    attempt = rest.partition(".")[0]
    if not (job_id.isdecimal() and attempt.isdecimal()):
        return False
    job = ExportJob.objects.filter(pk=job_id).first()
    if job is None:
        return True
    is_being_built = job.is_active and job.attempt == int(attempt)
    is_published = job.status == JobStatus.COMPLETE and job.file_name == name and job.file_removed_at is None
    return not is_being_built and not is_published
