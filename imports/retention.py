"""When the files of imports are deleted. Imports themselves and their history are never deleted."""

import datetime
from collections.abc import Iterable

from django.conf import settings

from imports import uploads
from imports.models import ImportJob
from jobs.leased import ENDED, JobStatus, now_plus

# An upload is stored before its row is committed, and a large one takes a while.
ORPHAN_SECONDS = 24 * 60 * 60
# The sweep runs every minute. What is left after so long can't be deleted, or nothing sweeps.
LEFT_AFTER = datetime.timedelta(minutes=10)


def remove_files() -> None:
    """Delete uploads of imports that have ended, rejected issues after EXPORT_KEEP_DAYS, and orphaned files."""
    import_ids = list(uploads.find_import_ids())
    jobs = ImportJob.objects.only("status", "attempt").in_bulk(import_ids)
    old_ids = _find_old(import_ids)
    ImportJob.objects.filter(pk__in=old_ids).exclude(rejects=[]).update(rejects=[])
    for import_id in import_ids:
        job = jobs.get(import_id)
        if job is None:
            _delete_if_orphaned(import_id)
        elif import_id in old_ids:
            uploads.delete(import_id)
        else:
            clean_up(job)


def clean_up(job: ImportJob) -> None:
    """Delete the files that the import no longer needs. Does nothing while it waits or runs."""
    if job.status not in ENDED:
        return
    if job.status == JobStatus.COMPLETE:
        uploads.delete_all_but_rejects(job.pk, job.attempt)
    else:
        uploads.delete(job.pk)


def find_leftovers() -> list[int]:
    """The numbers of imports with files that the sweep should have deleted LEFT_AFTER ago or earlier."""
    import_ids = list(uploads.find_import_ids())
    ended = ImportJob.objects.filter(pk__in=import_ids, status__in=ENDED, finished_at__lt=now_plus(-LEFT_AFTER))
    ended_ids = set(ended.values_list("pk", flat=True))
    old_ids = _find_old(import_ids, LEFT_AFTER)
    known_ids = set(ImportJob.objects.filter(pk__in=import_ids).values_list("pk", flat=True))
    leftovers = []
    for import_id in import_ids:
        has_upload = import_id in ended_ids and uploads.upload_of(import_id).exists()
        is_orphan = import_id not in known_ids and _is_orphaned(import_id, LEFT_AFTER)
        if has_upload or is_orphan or import_id in old_ids:
            leftovers.append(import_id)
    return sorted(leftovers)


def _find_old(import_ids: Iterable[int], later: datetime.timedelta = datetime.timedelta()) -> set[int]:
    """Those of the imports that ended more than EXPORT_KEEP_DAYS and `later` ago."""
    kept_since = now_plus(-datetime.timedelta(days=settings.EXPORT_KEEP_DAYS) - later)
    old = ImportJob.objects.filter(pk__in=import_ids, finished_at__lt=kept_since)
    return set(old.values_list("pk", flat=True))


def _delete_if_orphaned(import_id: int) -> None:
    if _is_orphaned(import_id):
        uploads.delete(import_id)


def _is_orphaned(import_id: int, later: datetime.timedelta = datetime.timedelta()) -> bool:
    """Whether the files are so old that their import will never be committed."""
    return uploads.age_in_seconds(import_id) > ORPHAN_SECONDS + later.total_seconds()
