"""What is cleared away, and when. Exports and their history are never deleted: a task answers for ever."""

import datetime

from django.db.models import Value
from django.db.models.fields import DurationField
from django.db.models.functions import Now
from django_q.models import Task

from exports import storage
from exports.models import ExportJob, Worker
from exports.models.jobs import JobStatus

USUAL_ROW_BYTES = 1_000
WORKER_DAYS = 1
QUEUE_RECORD_DAYS = 14


def usual_row_bytes() -> float:
    """Bytes an issue takes in the last export that has any, or a guess where there was none."""
    done = ExportJob.objects.filter(status=JobStatus.COMPLETE, rows_written__gt=0)
    last = done.values_list("bytes", "rows_written").first()
    return (last[0] or 0) / last[1] if last else USUAL_ROW_BYTES


def remove_expired_files() -> None:
    """Files go at the moment their link named, by the database's clock; the row says when they went."""
    for job in ExportJob.objects.holding_expired_file():
        storage.remove(job.file_name)
        ExportJob.objects.filter(pk=job.pk).update(file_removed=Now())


def remove_orphans() -> None:
    """Part files of dead workers, and whole files that no job publishes."""
    for name in storage.names():
        if _is_orphan(name):
            storage.remove(name)


def forget_old_records() -> None:
    """The queue's own records, and workers that are long gone."""
    Task.objects.filter(stopped__lt=_days_ago(QUEUE_RECORD_DAYS)).delete()
    Worker.objects.filter(last_seen__lt=_days_ago(WORKER_DAYS)).delete()


def _is_orphan(name: str) -> bool:
    """Whether no job can want the file `<job>.<attempt>.<part or csv>` any more; other names are not ours.

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
    is_published = job.status == JobStatus.COMPLETE and job.file_name == name and job.file_removed is None
    return not is_being_built and not is_published


def _days_ago(days: int) -> object:
    return Now() - Value(datetime.timedelta(days=days), DurationField())
