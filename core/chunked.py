"""Request bodies sent in chunks, without a length (RFC 9112, 7.1), as some HTTP clients of Java and .NET do."""

import io
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ChunkedBodyMiddleware:
    """Reads chunked bodies under /rest/. Without Content-Length, Django would take the body for empty."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/rest/") and _is_chunked(request):
            body = request.META["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            request.META["CONTENT_LENGTH"] = str(len(body))
            request._stream = io.BytesIO(body)
        return self.get_response(request)


def _is_chunked(request: HttpRequest) -> bool:
    """Whether the body is chunked and the web server knows where it ends."""
    encoding = request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    return encoding == "chunked" and bool(request.META.get("wsgi.input_terminated"))
