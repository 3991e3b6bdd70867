"""Emails about an account: to reset a password, to confirm an email, and notices of what was changed.

Notices are sent by a worker, so that a mail server that is away does not keep anyone from changing a password.
"""

import smtplib
from collections.abc import Mapping
from typing import Any

from anymail.exceptions import AnymailError
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django_q.tasks import async_task

from accounts.errors import MailNotSent

# By allauth's name of the email: its subject.
SUBJECTS: Mapping[str, str] = {
    "password_reset_key": "Reset your password",
    "email_confirmation": "Confirm your email",
}
# By allauth's name of the notice: its subject and first sentence.
NOTICES: Mapping[str, tuple[str, str]] = {
    "password_changed": ("Your password was changed", "Your password was changed."),
    "password_reset": ("Your password was changed", "Your password was changed with a link from an email."),
    "password_set": ("Your account has a password", "A password was set for your account."),
    "totp_activated": ("Your account has a new second factor", "An authenticator app was added to your account."),
    "totp_deactivated": ("A second factor was removed", "The authenticator app was removed from your account."),
    "webauthn_added": ("Your account has a new second factor", "A passkey was added to your account."),
    "webauthn_removed": ("A second factor was removed", "A passkey was removed from your account."),
    "recovery_codes_generated": ("You have new recovery codes", "New recovery codes replace those you had."),
    "account_connected": (
        "Single sign-on opens your account",
        "Your account was connected to single sign-on, because your provider has verified your email.",
    ),
    "email_changed": (
        "Your email was changed",
        "The email of your account was changed from {from_email} to {to_email}.",
    ),
}


def send(name: str, recipient: str, context: Mapping[str, Any]) -> None:
    """Send one of SUBJECTS at once, or have a worker send one of NOTICES. Other emails of allauth are not sent.

    Raises:
        MailNotSent: the mail server did not accept one of SUBJECTS.
    """
    if name in NOTICES:
        subject, sentence = NOTICES[name]
        details = {
            "sentence": sentence.format(**context),
            "at": timezone.localtime(context["timestamp"]),
            "address": context["ip"],
            "browser": context["user_agent"],
        }
        body = _render("notice", details)
        async_task("accounts.tasks.send_notice", subject, body, recipient)  # type: ignore[no-untyped-call]
    elif name in SUBJECTS:
        try:
            deliver(SUBJECTS[name], _render(name, context), recipient)
        except (OSError, smtplib.SMTPException, AnymailError) as error:
            raise MailNotSent(recipient) from error


def deliver(subject: str, body: str, recipient: str) -> None:
    """Hand an email to the mail server. Raises what the email backend raises."""
    headers = {"Auto-Submitted": "auto-generated"}
    EmailMessage(f"{subject} · Archive Export Portal", body, to=[recipient], headers=headers).send()


def _render(name: str, context: Mapping[str, Any]) -> str:
    values = {
        **context,
        "portal_url": settings.PORTAL_URL,
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "zone": str(timezone.get_current_timezone()),
    }
    return render_to_string(f"accounts/mail/{name}.txt", values)
