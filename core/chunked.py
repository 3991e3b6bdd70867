"""Bodies sent in chunks, without a length (RFC 9112, 7.1), as some HTTP clients of Java and .NET do."""

import io
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ChunkedBodyMiddleware:
    """Django takes a request without Content-Length for one without body; the web server has the body all the same."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_chunked = request.META.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
        if is_chunked and request.META.get("wsgi.input_terminated") and request.path_info.startswith("/rest/"):
            body = request.META["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
            request.META["CONTENT_LENGTH"] = str(len(body))
            request._stream = io.BytesIO(body)
        return self.get_response(request)
