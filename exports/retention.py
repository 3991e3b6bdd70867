"""When exported files are deleted. Exports and their history never are: a task can always be asked for."""

from django.db.models.functions import Now

from exports import storage
from exports.models import ExportJob
from jobs.leased import JobStatus

USUAL_ROW_BYTES = 1_000


def usual_row_bytes() -> float:
    """Bytes an issue takes in the last export that has any, or a guess if there was none."""
    done = ExportJob.objects.filter(status=JobStatus.COMPLETE, rows_written__gt=0)
    last = done.values_list("bytes", "rows_written").first()
    if last is None:
        return USUAL_ROW_BYTES
    size, rows = last
    return (size or 0) / rows


def remove_expired_files() -> None:
    """Delete files at the time their link named, by the database's clock, and record when."""
    for job in ExportJob.objects.holding_expired_file():
        storage.remove(job.file_name)
        ExportJob.objects.filter(pk=job.pk).update(file_removed_at=Now())


def remove_orphans() -> None:
    """Delete part files of dead workers, and complete files that no job publishes."""
    for name in storage.names():
        if _is_orphan(name):
            storage.remove(name)


def _is_orphan(name: str) -> bool:
    """Whether no job can need the file `<job>.<attempt>.<part or csv>` any longer; other names are not ours.

    Asks no clock: a file that a COMPLETE job names stays until it is removed as expired.
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
