"""What workers do for accounts: emails whose sending must not show in a page, or hold it up."""

from allauth.account.forms import default_token_generator
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.account.internal.userkit import filter_users_by_email
from django.http import HttpRequest

from accounts import account_mail


def send_password_reset(email: str) -> None:
    """Send the link to the user with this email, if there is one who signs in with a password."""
    users = filter_users_by_email(email, is_active=True, prefer_verified=True, for_login=True)
    with_password = [user for user in users if user.has_usable_password()]
    request_password_reset(HttpRequest(), email, with_password, default_token_generator)


def send_notice(subject: str, body: str, recipient: str) -> None:
    account_mail.deliver(subject, body, recipient)
