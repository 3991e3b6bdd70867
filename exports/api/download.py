"""The file behind `fileUrl`: for REST clients with their credentials, for browsers with their session.

Nothing is used up by looking: a link works as often as it is followed, until the file expires.
"""

import threading
from contextlib import ExitStack
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework import exceptions

from accounts.api_view import ApiView
from accounts.permissions import SignedInRequest
from core.error_pages import refusal_page
from core.errors import PortalError
from exports import services
from exports.api import schema
from exports.api.download_formats import BLOCK_BYTES, FORMS, Form, gzip_blocks
from exports.api.ranges import Slice, Unsatisfiable, wanted_range
from exports.errors import TooManyDownloads, UnknownDownloadFormat
from exports.models import ExportJob

# A download holds a thread for as long as its client reads: a quarter of them is kept for all else.
_threads = threading.BoundedSemaphore(max(1, settings.WEB_THREADS * 3 // 4))


class PreconditionFailed(exceptions.APIException):
    status_code = 412
    default_detail = "The file is not the one that If-Match names."


class RangeNotSatisfiable(exceptions.APIException):
    status_code = 416
    default_detail = "The range begins after the end of the file."


class DownloadView(ApiView):
    """GET or HEAD of a whole, published file; nothing is ever streamed that may still fail."""

    http_method_names = ["get", "head"]

    @schema.download_file
    def get(self, request: SignedInRequest, job_id: str) -> HttpResponseBase:
        form = _form(request)
        job, file = services.open_download(request.user, job_id)
        with ExitStack() as on_refusal:
            on_refusal.callback(file.close)
            if answer := _answer_without_body(request, job, form):
                return answer
            part = self._wanted_part(job, form)
            _take_thread()
            on_refusal.callback(_threads.release)
            if part is None or part[0] == 0:
                services.note_download(request.user, job, request.META["REMOTE_ADDR"] or None)
            response = _sending(job, form, file, part)
            response._resource_closers.append(on_refusal.pop_all().close)  # type: ignore[attr-defined]
            return response

    def _wanted_part(self, job: ExportJob, form: Form) -> tuple[int, int] | None:
        length, headers = form.length_of(job), self.request.headers
        if length is None:
            return None
        try:
            return wanted_range(headers.get("Range"), headers.get("If-Range"), etag=form.etag_of(job), length=length)
        except Unsatisfiable:
            self.headers["Content-Range"] = f"bytes */{length}"
            raise RangeNotSatisfiable from None

    def handle_exception(self, error: Exception) -> HttpResponseBase:  # type: ignore[override]
        """A browser gets a page where a client gets JSON: it came by a link in a mail."""
        if "text/html" not in self.request.META.get("HTTP_ACCEPT", ""):
            return super().handle_exception(error)
        if isinstance(error, exceptions.NotAuthenticated):
            return redirect_to_login(self.request.get_full_path())
        if not isinstance(error, PortalError):
            return super().handle_exception(error)
        return refusal_page(self.request._request, error)


def _form(request: SignedInRequest) -> Form:
    name = request.query_params.get("form", "")
    if form := FORMS.get(name):
        return form
    raise UnknownDownloadFormat(name, [known for known in FORMS if known])


def _answer_without_body(request: SignedInRequest, job: ExportJob, form: Form) -> HttpResponseBase | None:
    """The answer to HEAD, and to a client that has the file already; None: send it."""
    refusal = get_conditional_response(request._request, etag=form.etag_of(job))
    if refusal is not None and refusal.status_code == 412:
        raise PreconditionFailed
    if request.method == "HEAD" and refusal is None:
        return StreamingHttpResponse([], headers=_headers(job, form))
    return refusal


def _sending(job: ExportJob, form: Form, file: BinaryIO, part: tuple[int, int] | None) -> StreamingHttpResponse:
    """The response that sends the whole or a part; a plain file goes from the disk to the socket by itself."""
    headers, length = _headers(job, form), form.length_of(job)
    if length is None:
        return StreamingHttpResponse(gzip_blocks(file), headers=headers)
    start, count = part or (0, length)
    headers["Content-Length"] = str(count)
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + count - 1}/{length}"
    response = _FileResponse(Slice(form.wrap(file), start, count), status=206 if part else 200)
    for name, value in headers.items():
        response[name] = value
    return response


class _FileResponse(FileResponse):
    block_size = BLOCK_BYTES


def _headers(job: ExportJob, form: Form) -> dict[str, str]:
    length = form.length_of(job)
    headers = {
        "Content-Type": form.content_type,
        "Content-Disposition": f'attachment; filename="{job.download_name.removesuffix(".csv")}{form.suffix}"',
        "ETag": form.etag_of(job),
        "Accept-Ranges": "none" if length is None else "bytes",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return headers if length is None else headers | {"Content-Length": str(length)}


def _take_thread() -> None:
    if not _threads.acquire(blocking=False):
        raise TooManyDownloads
