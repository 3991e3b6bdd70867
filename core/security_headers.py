"""The security headers of every answer, whatever gives it: a view, a middleware, a static file or the web server."""

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

# What a page of the portal never needs.
FEATURES = (
    "accelerometer",
    "autoplay",
    "camera",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "screen-wake-lock",
    "usb",
    "xr-spatial-tracking",
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
    "Cache-Control": "private, no-store",
}
"""A response that sets one of these itself keeps its own. The Content-Security-Policy is in the settings."""


class SecurityHeadersMiddleware(SecurityMiddleware):
    """The outermost middleware. It never redirects and never fails, so no answer goes without it.

    Django's SecurityMiddleware, further in, redirects to https. This class uses its Strict-Transport-Security.
    """

    def process_request(self, request: HttpRequest) -> None:
        pass

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def headers_without_a_request() -> dict[str, str]:
    """The headers of an answer that the web server gives itself, because it can't read the request."""
    found = HEADERS | {"Content-Security-Policy": build_policy()}
    if settings.SECURE_HSTS_SECONDS:
        found["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
    return found
