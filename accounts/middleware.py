"""The client's address, the use of sessions, and the time zone in which the user sees times."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import sessions
from accounts.errors import UnknownClientAddress
from core.error_pages import refuse

# Monitors ask each host directly, without the proxies.
DIRECT_PATHS = {"/health", "/health/ready"}
KEPT_BY_BROWSERS = '"cache", "storage"'
"""Not cookies: the one by which a browser is known makes the next sign-in possible while strangers guess."""


class ClientAddressMiddleware:
    """Sets REMOTE_ADDR to the client's address if the portal runs behind proxies.

    Each of the PROXIES proxies appends the address it saw to X-Forwarded-For. The farthest proxy saw the client;
    entries before that may be forged. A request whose client is unknown is refused, because limits could not be held.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = _client_address(request)
        if address:
            request.META["REMOTE_ADDR"] = address
        elif request.path_info not in DIRECT_PATHS:
            header = request.META.get("HTTP_X_FORWARDED_FOR", "")
            return refuse(request, UnknownClientAddress(settings.PROXIES, header))
        return self.get_response(request)


def _client_address(request: HttpRequest) -> str:
    """The address of the client; "" if it is unknown."""
    if settings.PROXIES == 0:
        return _parse_address(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(forwarded) < settings.PROXIES:
        return ""
    return _parse_address(forwarded[-settings.PROXIES])


def _parse_address(text: str) -> str:
    """The IP address without brackets and port; "" if the text is not an address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


class SessionUseMiddleware:
    """Notes when and from where each session was used last. When one ends, the browser deletes what it keeps of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_signed_in = request.user.is_authenticated
        if is_signed_in:
            sessions.record_use(request)
        response = self.get_response(request)
        if is_signed_in and not request.user.is_authenticated:
            response["Clear-Site-Data"] = KEPT_BY_BROWSERS
        return response


class UserTimeZoneMiddleware:
    """Shows times in the user's time zone; in the site's if nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = timezone.get_default_timezone()
        if request.user.is_authenticated:
            zone = request.user.zone
        with timezone.override(zone):
            return self.get_response(request)
