"""What is refused before anything else looks at a request: unknown methods, and bodies that are too large or damaged.

Django limits only what it keeps in memory. It would write a file of any size in a form to the temporary folder, before
it is known who sends it.
"""

import io
from collections.abc import Callable
from http import HTTPMethod

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from gunicorn.http.errors import ParseException

from core.error_pages import refuse
from core.errors import PortalError

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Django's Admin answers any other method as if it were GET.
ADMIN_METHODS = ("GET", "HEAD", "POST")
# The connection is closed after these answers: the rest of the body would be taken for the next request.
CLOSE = {"Connection": "close"}


class UnknownMethod(PortalError):
    """A method that no address accepts. TRACE would show a script what the browser sent."""

    status = 405
    title = "This method is not allowed"
    headers = {"Allow": ", ".join(METHODS)}

    def __init__(self, method: str) -> None:
        super().__init__(f"The method {method[:20]} is not allowed.")


class NotForAdmin(UnknownMethod):
    """A method that no page of Admin has."""

    headers = {"Allow": ", ".join(ADMIN_METHODS)}


class BodyTooLarge(PortalError):
    """The body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status = 413
    title = "The request is too large"
    headers = CLOSE

    def __init__(self) -> None:
        super().__init__("The request body is larger than 1 MiB.")

    @property
    def page_sentence(self) -> str:
        return "The request body is larger than 1 MiB. Only the Import page accepts larger files."


class LengthRequired(PortalError):
    """An upload that is sent in chunks. Its size could not be checked before it is stored."""

    status = 411
    title = "The length is missing"
    headers = CLOSE

    def __init__(self) -> None:
        super().__init__("An upload must say how long it is. Send it with a Content-Length, not in chunks.")


class UnreadableBody(PortalError):
    """A body whose chunks do not have the form of RFC 9112, 7.1, or that ends before its last chunk."""

    title = "The request can't be read"
    headers = CLOSE

    def __init__(self, error: Exception) -> None:
        super().__init__(f"The request body is not sent in chunks as its header says. {error}.")


class RequestLimitsMiddleware:
    """Refuses what is too large without reading it, everywhere but on pages that take uploads.

    Such a page is a class-based view with `takes_uploads = True`. It checks who asks and how large the body is before
    it reads it. The length of chunked bodies is only known when they are read, so they are read here. Without a
    Content-Length, Django would take them for empty.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            _check_method(request)
            _check_body(request)
        except PortalError as error:
            return refuse(request, error)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Django calls this when it has found the view, and before anything asks who is signed in."""
        match = request.resolver_match
        if match is None or match.app_name != "admin" or request.method in ADMIN_METHODS:
            return None
        return refuse(request, NotForAdmin(request.method or ""))


def _check_method(request: HttpRequest) -> None:
    if request.method not in METHODS:
        raise UnknownMethod(request.method or "")


def _check_body(request: HttpRequest) -> None:
    if _is_chunked(request):
        if _takes_uploads(request):
            raise LengthRequired
        _read_chunks(request)
    elif _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and not _takes_uploads(request):
        raise BodyTooLarge


def _is_chunked(request: HttpRequest) -> bool:
    """Whether the body is chunked and the web server knows where it ends."""
    encoding = request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    return encoding == "chunked" and bool(request.META.get("wsgi.input_terminated"))


def _length(request: HttpRequest) -> int:
    """Content-Length; 0 if there is none. The web server refuses what is not a number."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal():
        return 0
    return int(length)


def _takes_uploads(request: HttpRequest) -> bool:
    if request.method != HTTPMethod.POST:
        return False
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return False
    view_class = getattr(match.func, "view_class", None)
    return bool(getattr(view_class, "takes_uploads", False))


def _read_chunks(request: HttpRequest) -> None:
    """Read a body sent in chunks (RFC 9112, 7.1), as some HTTP clients of Java and .NET do."""
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    try:
        body = request.META["wsgi.input"].read(limit + 1)
    except (ParseException, OSError) as error:
        raise UnreadableBody(error) from error
    if len(body) > limit:
        raise BodyTooLarge
    request.META["CONTENT_LENGTH"] = str(len(body))
    request._stream = io.BytesIO(body)
