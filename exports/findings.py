"""What `manage.py doctor` reports about exports: the disk and the emails."""

from collections.abc import Iterator

from django.conf import settings

from exports import retention, storage
from exports.models import Mail
from exports.models.mails import MailStatus
from jobs.registry import Finding


def export_findings() -> Iterator[Finding]:
    yield _check_disk()
    yield _check_leftovers()
    yield _check_undelivered(MailStatus.FAILED)
    yield _check_undelivered(MailStatus.UNKNOWN)
    yield _check_queued()


def _check_disk() -> Finding:
    try:
        free = storage.probe()
    except OSError as error:
        return False, f"Disk: {error}"
    free_text = f"{free / 1e6:,.0f} MB available for exported files in {storage.folder()}"
    return free > 0, f"Disk: {free_text}; {settings.EXPORT_RESERVE_MB} MB kept free."


def _check_leftovers() -> Finding:
    names = retention.find_leftovers()
    if not names:
        return True, "Files: every file that should be deleted is."
    hint = f"Check the permissions of {storage.folder()}, and that a worker is running."
    return False, f"Files: {len(names)} could not be deleted, such as {names[0]}. {hint}"


def _check_undelivered(status: MailStatus) -> Finding:
    count = Mail.objects.filter(status=status).count()
    text = f"Email: {count} {status.label.lower()}."
    if count == 0:
        return True, text
    return False, f"{text} Open the exports and send again what is still needed."


def _check_queued() -> Finding:
    queued = Mail.objects.filter(status=MailStatus.QUEUED)
    text = f"Email: {queued.count()} queued."
    failed = queued.exclude(reply="").order_by("pk").first()
    if failed is None:
        return True, text
    return False, f"{text} {failed.reply}"
