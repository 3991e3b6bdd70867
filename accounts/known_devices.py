"""Remembers, in a signed cookie, that the owner of an account has signed in from this browser before.

Whoever is refused because strangers guessed too often can still sign in from there (see `throttle`). The cookie opens
nothing by itself.
"""

import datetime
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.throttle import normalize_account

KEPT = datetime.timedelta(days=180)
SALT = "accounts.known_devices"


def known_device(request: HttpRequest, email: str) -> str:
    """The ID of this browser if the owner of this email signed in from it; otherwise ""."""
    value: str = request.get_signed_cookie(_cookie_name(), "", salt=SALT, max_age=KEPT) or ""
    device, _, account = value.partition(".")
    if not constant_time_compare(account, _digest(email)):
        return ""
    return device


def remember_device(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Set the cookie. A browser that has one for this email keeps its ID, so that its counter goes on."""
    device = known_device(request, email) or secrets.token_hex(16)
    response.set_signed_cookie(
        _cookie_name(),
        f"{device}.{_digest(email)}",
        salt=SALT,
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie_name() -> str:
    if settings.SESSION_COOKIE_SECURE:
        return "__Host-known-device"
    return "known-device"


def _digest(email: str) -> str:
    return salted_hmac(SALT, normalize_account(email), algorithm="sha256").hexdigest()
