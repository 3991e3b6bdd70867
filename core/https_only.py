"""Refuses requests of programs that come unencrypted, where a browser is led to https."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.error_pages import refuse
from core.errors import PortalError

PROGRAM_PATHS = ("/rest/", "/oauth/token", "/oauth/revoke", "/mail/", "/.well-known/")


class HttpsRequired(PortalError):
    """A program asks by http. What it sent may have been read on its way."""

    status = 403
    title = "Use https"

    def __init__(self) -> None:
        super().__init__(
            f"This request came unencrypted. Use {settings.PORTAL_URL}. If it contained a token, revoke that token."
        )


class HttpsOnlyMiddleware:
    """A program that is led to https sends its token unencrypted first, each time, and nobody notices.

    Django's SecurityMiddleware, further in, leads browsers there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure() and _is_of_a_program(request):
            return refuse(request, HttpsRequired())
        return self.get_response(request)


def _is_of_a_program(request: HttpRequest) -> bool:
    return request.path_info.startswith(PROGRAM_PATHS) or "Authorization" in request.headers
