"""When the files of imports are deleted. Imports and their history never are."""

import datetime

from django.conf import settings

from imports import uploads
from imports.models import ImportJob
from jobs.leased import now_plus


def remove_files() -> None:
    """Delete folders of imports that do not exist, and of imports that ended EXPORT_KEEP_DAYS ago."""
    for number in uploads.known():
        if not ImportJob.objects.filter(pk=number).exists() or ImportJob.objects.filter(
            pk=number, finished_at__lt=_kept_since()
        ).update(rejects=[]):
            uploads.forget(number)


def _kept_since() -> object:
    return now_plus(-datetime.timedelta(days=settings.EXPORT_KEEP_DAYS))
