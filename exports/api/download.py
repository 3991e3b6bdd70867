"""The file behind `fileUrl`: for REST clients with their credentials, for browsers with their session."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.permissions import SignedInRequest
from exports import services
from exports.errors import ExportError

CSV_TYPE = "text/csv; charset=utf-8; header=present"


class DownloadView(APIView):
    """GET or HEAD of a whole, published file; nothing is ever streamed that may still fail."""

    permission_classes = [IsAuthenticated]
    http_method_names = ["get", "head"]

    def get(self, request: SignedInRequest, job_id: str) -> FileResponse:
        job, file = services.open_download(request.user, job_id, request.META.get("REMOTE_ADDR"))
        response = FileResponse(file, as_attachment=True, filename=job.download_name, content_type=CSV_TYPE)
        response["Content-Length"] = str(job.bytes)
        response["ETag"] = f'"{job.sha256}"'
        response["Cache-Control"] = "private, no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def handle_exception(self, error: Exception) -> HttpResponseBase:  # type: ignore[override]
        """A browser gets a page where a client gets JSON: it came by a link in a mail."""
        if not _is_browser(self.request):
            return super().handle_exception(error)
        if isinstance(error, NotAuthenticated):
            return redirect_to_login(self.request.get_full_path())
        if not isinstance(error, ExportError):
            return super().handle_exception(error)
        context: dict[str, Any] = {"status": error.status, "title": error.title, "sentence": str(error)}
        return render(self.request._request, "error.html", context, status=error.status)


def _is_browser(request: Request | HttpRequest) -> bool:
    return "text/html" in request.META.get("HTTP_ACCEPT", "")
