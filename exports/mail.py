"""What is said, and to whom. Nothing here decides when to send or whether to try again."""

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
    """Certainly not delivered; `is_final` when trying again cannot help."""

    def __init__(self, words: str, *, is_final: bool) -> None:
        super().__init__(words)
        self.is_final = is_final


def new_message_id() -> str:
    """A Message-ID (RFC 5322) in the portal's own domain, fixed for all attempts at one mail."""
    return f"<{uuid.uuid4().hex}@{urlsplit(settings.PORTAL_URL).hostname}>"


def absolute_url(name: str, *args: object) -> str:
    """The address of a page as users reach it from outside."""
    return settings.PORTAL_URL + reverse(name, args=args)


def compose(mail: Mail) -> EmailMultiAlternatives:
    """The mail as plain text and HTML, with times in the recipient's zone, named."""
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
    """Hand the mail to the server; what it said, where it says something, and a provider's own ID or "".

    Raises:
        NotDelivered: the server certainly did not take it.
        Exception: anything else: it may or may not have been taken.
    """
    connection = get_connection()
    try:
        connection.open()  # a failure here is before the mail was offered
    except (OSError, smtplib.SMTPException) as error:
        raise NotDelivered(_words(error), is_final=False) from error
    try:
        connection.send_messages([message])
    except tuple(_REFUSALS) as error:
        raise NotDelivered(_words(error), is_final=_is_final(error)) from error
    finally:
        connection.close()
    status = getattr(message, "anymail_status", None)
    if not (status and status.status):
        return "accepted", ""
    return f"{', '.join(sorted(status.status))} ({status.message_id})", str(status.message_id or "")


# Answers of a server that has read the mail, or its envelope, and said no.
_REFUSALS: tuple[type[Exception], ...] = (
    smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    AnymailRecipientsRefused,
    AnymailAPIError,
)


def _is_final(error: Exception) -> bool:
    """Whether the answer is for good: SMTP 5xx (RFC 5321, 4.2.1) or HTTP 4xx other than "too many"."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    code = getattr(error, "status_code", None) or 0
    return 400 <= code < 500 and code != 429


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(_answer(code, words) for code, words in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"


def _answer(code: int, words: bytes | str) -> str:
    return f"{code} {words.decode('utf-8', 'replace') if isinstance(words, bytes) else words}"


def _context(job: ExportJob) -> dict[str, Any]:
    return {
        "job": job,
        "payload": IssueFilter.from_json(job.filter).payload(),
        "file_url": absolute_url("download", job.pk),
        "manifest_url": absolute_url("manifest", job.pk),
        "page_url": absolute_url("export", job.pk),
        "portal_url": settings.PORTAL_URL,
        "zone": str(timezone.get_current_timezone()),
    }
