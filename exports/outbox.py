"""Send the emails of the outbox: each one is claimed, sent once, and its result recorded.

An email that was certainly not delivered is sent again after a delay. An email that may have been delivered is sent
again only if a person asks for it.
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

REPLY_LOST = "the worker stopped while sending and recorded no reply"


def enqueue_mail(job: ExportJob, kind: MailKind) -> None:
    """Put an email into the outbox, in the caller's transaction. An email that is already there is left unchanged."""
    row, is_new = Mail.objects.get_or_create(
        job=job, kind=kind, defaults={"recipient": job.submitted_by.email, "message_id": mail.new_message_id()}
    )
    if is_new:
        enqueue(row.pk)


def enqueue(mail_id: int) -> None:
    """Queue the email for sending. A slow server can take half of EMAIL_SENDING_SECONDS of a worker's time."""
    limit = settings.EMAIL_SENDING_SECONDS // 2
    async_task("exports.tasks.send_mail", mail_id, task_name=f"send_mail {mail_id}", timeout=limit)  # type: ignore[no-untyped-call]


def send(mail_id: int) -> None:
    """Send an email, unless another worker has it or this worker is shutting down."""
    if shutdown.is_requested():
        return
    row = Mail.objects.select_related("job__submitted_by").get(pk=mail_id)
    try:
        message = mail.compose(row)
    except Exception as error:
        logger.exception("Email %s could not be written", mail_id)
        row.mark_unwritable(f"The email could not be written. {type(error).__name__}: {error}")
        return
    attempt = row.claim()
    if attempt is None:
        return
    try:
        reply, provider_id = mail.deliver(message)
        row.mark_sent(attempt, reply, provider_id)
    except mail.NotDelivered as error:
        row.mark_unsent(attempt, str(error), _retry_delay(row, is_final=error.is_final))
    except Exception as error:
        logger.exception("Email %s may or may not have been sent", mail_id)
        row.mark_unknown(attempt, f"{type(error).__name__}: {error}")


def sweep() -> None:
    """Queue the emails that are due, and mark as unknown those whose worker never recorded a result."""
    for row in Mail.objects.stuck().select_related("job"):
        row.mark_unknown(row.attempt, REPLY_LOST)
    for mail_id in Mail.objects.due().values_list("pk", flat=True):
        with transaction.atomic():
            enqueue(mail_id)


def _retry_delay(row: Mail, *, is_final: bool) -> datetime.timedelta | None:
    """How long to wait before the next attempt; None: do not try again."""
    delays: list[int] = settings.EMAIL_RETRY_SECONDS
    if is_final or row.retry_count > len(delays):
        return None
    return datetime.timedelta(seconds=delays[row.retry_count - 1])
