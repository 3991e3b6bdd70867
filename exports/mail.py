"""Write an email and hand it to the mail server. `outbox` decides when, and whether to try again."""

import smtplib
import uuid
from email.utils import formatdate
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from archive.filters import IssueFilter
from exports.models import ExportJob, Mail
from exports.models.mails import MailKind

SUBJECTS = {
    MailKind.READY: "Your archive export {job.pk} is ready: {job.rows_written:,} issues",
    MailKind.FAILED: "Your archive export {job.pk} did not finish",
}


class NotDelivered(Exception):
    """The email was certainly not delivered. `is_final`: trying again can't help."""

    def __init__(self, reply: str, *, is_final: bool) -> None:
        super().__init__(reply)
        self.is_final = is_final


def new_message_id() -> str:
    """A Message-ID (RFC 5322) in the portal's own domain. All attempts to send an email use the same one."""
    return f"<{uuid.uuid4().hex}@{urlsplit(settings.PORTAL_URL).hostname}>"


def absolute_url(name: str, *args: object) -> str:
    """The full URL of a page, as users open it."""
    return settings.PORTAL_URL + reverse(name, args=args)


def compose(mail: Mail) -> EmailMultiAlternatives:
    """The email as plain text and HTML, with times in the recipient's time zone, which it names."""
    job = mail.job
    with timezone.override(job.submitted_by.zone):
        context = _context(job)
        text = render_to_string(f"exports/mail/{mail.kind}.txt", context)
        html = render_to_string(f"exports/mail/{mail.kind}.html", context)
    message = EmailMultiAlternatives(
        subject=SUBJECTS[MailKind(mail.kind)].format(job=job),
        body=text,
        to=[mail.recipient],
        headers={
            "Message-ID": mail.message_id,
            "Date": formatdate(mail.created_at.timestamp()),
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(html, "text/html")
    return message


def deliver(message: EmailMultiAlternatives) -> tuple[str, str]:
    """Hand the email to the mail server; returns the server's reply and the provider's own ID, or "".

    Raises:
        NotDelivered: the server certainly did not accept it.
        Exception: any other error: the server may or may not have accepted it.
    """
    connection = get_connection()
    try:
        connection.open()  # if this fails, the email was not sent yet
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(_reply(error), is_final=False) from error
    try:
        connection.send_messages([message])
    except REJECTIONS as error:
        raise NotDelivered(_reply(error), is_final=_is_final(error)) from error
    finally:
        connection.close()
    status = getattr(message, "anymail_status", None)
    if not (status and status.status):
        return "accepted", ""
    statuses = ", ".join(sorted(status.status))
    return f"{statuses} ({status.message_id})", str(status.message_id or "")


# Errors of a server that read the email, or its envelope, and rejected it.
REJECTIONS: tuple[type[Exception], ...] = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    AnymailRecipientsRefused,
    AnymailAPIError,
)


def _is_final(error: Exception) -> bool:
    """Whether the rejection is permanent: SMTP 5xx (RFC 5321, 4.2.1), or HTTP 4xx except 429 Too Many Requests."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    code = getattr(error, "status_code", None) or 0
    return 400 <= code < 500 and code != 429


def _reply(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(_smtp_reply(code, text) for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return _smtp_reply(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"


def _smtp_reply(code: int, text: bytes | str) -> str:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return f"{code} {text}"


def _context(job: ExportJob) -> dict[str, Any]:
    return {
        "job": job,
        "payload": IssueFilter.from_json(job.filter).payload(),
        "file_url": absolute_url("download", job.pk),
        "manifest_url": absolute_url("manifest", job.pk),
        "page_url": absolute_url("export", job.pk),
        "zone": str(timezone.get_current_timezone()),
    }
