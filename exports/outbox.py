"""The outbox at work: each mail is claimed, offered once, and what became of it is written down.

A mail that certainly was not taken is tried again, later and later. One that may have been taken is not:
only a person sends it again.
"""

import datetime
import logging

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task

from exports import mail
from exports.models import ExportJob, Mail
from exports.models.mails import MailKind
from jobs import shutdown

logger = logging.getLogger(__name__)

LOST_WORDS = "the worker ended while it was sending and left no word of what the server said"


def enqueue_mail(job: ExportJob, kind: MailKind) -> None:
    """Put a mail into the outbox in the caller's transaction."""
    row, is_new = Mail.objects.get_or_create(
        job=job, kind=kind, defaults={"recipient": job.submitted_by.email, "message_id": mail.new_message_id()}
    )
    if is_new:
        enqueue(row.pk)


def enqueue(mail_id: int) -> None:
    """Have the queue send it; EMAIL_SENDING_SECONDS bound what a slow server may take of a worker's time."""
    limit = settings.EMAIL_SENDING_SECONDS // 2
    async_task("exports.tasks.send_mail", mail_id, task_name=f"send_mail {mail_id}", timeout=limit)  # type: ignore[no-untyped-call]


def send(mail_id: int) -> None:
    """Send a mail, at most once for certain; a worker that is to stop leaves it to the next."""
    row = Mail.objects.select_related("job__submitted_by").get(pk=mail_id)
    if shutdown.is_requested() or (attempt := row.claim()) is None:
        return
    try:
        row.mark_sent(attempt, *mail.deliver(mail.compose(row)))
    except mail.NotDelivered as error:
        row.mark_unsent(attempt, str(error), _retry_in(row, is_final=error.is_final))
    except Exception as error:
        logger.exception("Mail %s may or may not have been sent", mail_id)
        row.mark_unknown(attempt, f"{type(error).__name__}: {error}")


def look_after() -> None:
    """Queue what is due, and call unknown what a worker took and never spoke of again."""
    for row in Mail.objects.stuck().select_related("job"):
        row.mark_unknown(row.attempt, LOST_WORDS)
    for mail_id in Mail.objects.due().values_list("pk", flat=True):
        with transaction.atomic():
            enqueue(mail_id)


def _retry_in(row: Mail, *, is_final: bool) -> datetime.timedelta | None:
    waits: list[int] = settings.EMAIL_RETRY_SECONDS
    return None if is_final or row.retry_count > len(waits) else datetime.timedelta(seconds=waits[row.retry_count - 1])
