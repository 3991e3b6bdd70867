"""What `manage.py doctor` says of exports: the disk, the active export, the mails."""

from collections.abc import Iterator

from django.conf import settings

from exports import storage
from exports.models import ExportJob, Mail
from exports.models.mails import MailStatus
from jobs.registry import Finding


def look() -> Iterator[Finding]:
    yield _disk()
    yield _job()
    yield from _mails()


def _disk() -> Finding:
    try:
        free = storage.probe()
    except OSError as error:
        return False, f"Disk: {error}"
    amount = f"{free / 1e6:,.0f} MB may be used for exported files in {storage.folder()}"
    return free > 0, f"Disk: {amount}, {settings.EXPORT_RESERVE_MB} MB are kept free."


def _job() -> Finding:
    job = ExportJob.objects.active().first()
    if job is None:
        return True, "Export: none is active."
    is_stuck = ExportJob.objects.neglected().exists()
    return not is_stuck, f"Export: {job.pk} is {job.status}, attempt {job.attempt}, {job.progress} %, {job.worker}."


def _mails() -> Iterator[Finding]:
    for status in (MailStatus.FAILED, MailStatus.UNKNOWN):
        count = Mail.objects.filter(status=status).count()
        yield not count, f"Mail: {count} {status.label.lower()}; send again what matters."
    waiting = list(Mail.objects.filter(status=MailStatus.QUEUED).order_by("pk"))
    replies = [row.reply for row in waiting if row.reply]
    first = replies[0] if replies else ""
    yield not first, f"Mail: {len(waiting)} queued. {first}".rstrip()
