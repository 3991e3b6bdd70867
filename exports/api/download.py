"""The file behind `fileUrl`, for REST clients with their credentials and for browsers with their session.

A download can be repeated until the file expires, so a mail scanner that follows the link does no harm.
"""

from contextlib import ExitStack
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework import exceptions

from accounts.api_permissions import SignedInRequest
from accounts.api_view import ApiView
from core.error_pages import refusal_page
from core.errors import PortalError
from exports import services
from exports.api import schema
from exports.api.download_formats import BLOCK_BYTES, DownloadFormat, check_name, find_format, gzip_blocks
from exports.api.ranges import ByteRange, Slice, Unsatisfiable, requested_range
from exports.api.streaming_threads import StreamingThreads
from exports.models import ExportJob

# A quarter of the threads is reserved for other requests.
_threads = StreamingThreads(max(1, settings.WEB_THREADS * 3 // 4))


class PreconditionFailed(exceptions.APIException):
    status_code = 412
    default_detail = "The file is not the one that If-Match names."


class RangeNotSatisfiable(exceptions.APIException):
    status_code = 416
    default_detail = "The range begins after the end of the file."


class DownloadView(ApiView):
    """`GET` or `HEAD /exports/{taskId}/file`: a file that was published whole, so sending it cannot fail halfway."""

    http_method_names = ["get", "head"]

    @schema.download_file
    def get(self, request: SignedInRequest, task_id: str) -> HttpResponseBase:
        name = request.query_params.get("form", "")
        check_name(name)
        job, file = services.open_download(request.user, task_id)
        with ExitStack() as on_refusal:
            on_refusal.callback(file.close)
            download_format = find_format(job, name)
            response = _answer_without_body(request, job, download_format)
            if response is not None:
                return response
            part = self._requested_part(job, download_format)
            if not download_format.is_sent_from_file:
                on_refusal.enter_context(_threads.take(request.user.pk))
            services.record_download(request.user, job, _sent_part(request, job, download_format, part))
            sending = _sending(job, download_format, file, part)
            sending._resource_closers.append(on_refusal.pop_all().close)  # type: ignore[attr-defined]
            return sending

    def _requested_part(self, job: ExportJob, download_format: DownloadFormat) -> ByteRange | None:
        """The range to send; None for the whole file."""
        length = download_format.length_of(job)
        if length is None:
            return None
        headers = self.request.headers
        etag = download_format.etag_of(job)
        try:
            return requested_range(headers.get("Range"), headers.get("If-Range"), etag=etag, length=length)
        except Unsatisfiable:
            self.headers["Content-Range"] = f"bytes */{length}"
            raise RangeNotSatisfiable from None

    def handle_exception(self, error: Exception) -> HttpResponseBase:  # type: ignore[override]
        """Browsers, which come from the link in a mail, get a page. Other clients get JSON."""
        if "text/html" not in self.request.META.get("HTTP_ACCEPT", ""):
            return super().handle_exception(error)
        if isinstance(error, exceptions.NotAuthenticated):
            return redirect_to_login(self.request.get_full_path())
        if isinstance(error, PortalError):
            return refusal_page(self.request._request, error)
        return super().handle_exception(error)


class _BlockResponse(FileResponse):
    block_size = BLOCK_BYTES


def _answer_without_body(
    request: SignedInRequest, job: ExportJob, download_format: DownloadFormat
) -> HttpResponseBase | None:
    """The answer to HEAD, and to a client that already has the file. None: send the file."""
    response = get_conditional_response(request._request, etag=download_format.etag_of(job))
    if response is not None:
        if response.status_code == PreconditionFailed.status_code:
            raise PreconditionFailed
        return response
    if request.method == "HEAD":
        return StreamingHttpResponse([], headers=_headers(job, download_format))
    return None


def _sent_part(
    request: SignedInRequest, job: ExportJob, download_format: DownloadFormat, part: ByteRange | None
) -> services.Part:
    name = request.query_params.get("form") or job.file_format
    if part is None:
        return services.Part(name, byte_count=download_format.length_of(job))
    first_byte, byte_count = part
    return services.Part(name, is_whole=False, first_byte=first_byte, byte_count=byte_count)


def _sending(
    job: ExportJob, download_format: DownloadFormat, file: BinaryIO, part: ByteRange | None
) -> StreamingHttpResponse:
    """The response that sends the file or a part of it. The web server sends plain files from their descriptor."""
    headers = _headers(job, download_format)
    length = download_format.length_of(job)
    if length is None:
        return StreamingHttpResponse(gzip_blocks(file), headers=headers)
    status = 200
    start, count = part or (0, length)
    headers["Content-Length"] = str(count)
    if part:
        status = 206
        headers["Content-Range"] = f"bytes {start}-{start + count - 1}/{length}"
    response = _BlockResponse(Slice(download_format.wrap(file), start, count), status=status)
    for name, value in headers.items():
        response[name] = value
    return response


def _headers(job: ExportJob, download_format: DownloadFormat) -> dict[str, str]:
    headers = {
        "Content-Type": download_format.content_type,
        "Content-Disposition": f'attachment; filename="{download_format.file_name_of(job)}"',
        "ETag": download_format.etag_of(job),
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    length = download_format.length_of(job)
    if length is not None:
        headers["Accept-Ranges"] = "bytes"
        headers["Content-Length"] = str(length)
    return headers
