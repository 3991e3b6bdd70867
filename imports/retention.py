"""When the files of imports are deleted. Imports themselves and their history are never deleted."""

import datetime

from django.conf import settings

from imports import uploads
from imports.models import ImportJob
from jobs.leased import ENDED, JobStatus, now_plus

# An upload is stored before its row is committed, and a large one takes a while.
ORPHAN_SECONDS = 24 * 60 * 60


def remove_files() -> None:
    """Delete uploads of imports that have ended, rejected issues after EXPORT_KEEP_DAYS, and orphaned files."""
    for import_id in uploads.find_import_ids():
        job = ImportJob.objects.filter(pk=import_id).first()
        if job is not None:
            clean_up(job)
        elif uploads.age_in_seconds(import_id) > ORPHAN_SECONDS:
            uploads.delete(import_id)


def clean_up(job: ImportJob) -> None:
    """Delete the files that the import no longer needs. Does nothing while it waits or runs."""
    if job.status not in ENDED:
        return
    if job.status == JobStatus.COMPLETE and not _forget_old_rejects(job):
        uploads.delete_all_but_rejects(job.pk, job.attempt)
    else:
        uploads.delete(job.pk)


def _forget_old_rejects(job: ImportJob) -> bool:
    """Remove the names of rejects files from an import that ended long ago; True if it did."""
    kept_since = now_plus(-datetime.timedelta(days=settings.EXPORT_KEEP_DAYS))
    return bool(ImportJob.objects.filter(pk=job.pk, finished_at__lt=kept_since).update(rejects=[]))
