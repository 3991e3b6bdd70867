"""The Import pages: importers upload Jira's files, a worker imports them, and a page shows the result."""

from contextlib import suppress
from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.models import User, validate_time_zone
from accounts.views_for_admins import AdminRequest, redirect_to_sign_in
from core.error_pages import refusal_page
from core.errors import PortalError
from imports import services
from imports.models import COUNTED, ImportJob
from imports.options import ImportOptions, InvalidOption
from jobs.leased import JobStatus
from jobs.services import worker_seen_lately

FORM_BYTES = 64 * 1024  # the most that the form's other fields can take


class ImportForm(forms.Form):
    file = forms.FileField(label="File", help_text="A Jira export: CSV, REST JSON or NDJSON, also as .gz or .zip.")
    archived_by = forms.CharField(
        label="Archived by (account ID)",
        required=False,
        max_length=128,
        help_text="Used when the file names no one. Defaults to you.",
    )
    archived_date = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Used when the file has no archive date. Defaults to now.",
    )
    date_format = forms.CharField(
        required=False,
        max_length=64,
        help_text="Format of dates in the CSV, such as %d.%m.%Y %H:%M. Not needed for 16/Jul/23 3:04 PM and ISO 8601.",
    )
    time_zone = forms.CharField(
        required=False,
        validators=[validate_time_zone],
        help_text="Time zone of dates in the CSV. Defaults to the site's.",
    )
    on_conflict = forms.ChoiceField(
        label="If an issue already exists",
        choices=[("update", "Update"), ("skip", "Skip"), ("error", "Stop the import")],
    )
    is_strict = forms.BooleanField(required=False, label="Stop at the first error")
    is_dry_run = forms.BooleanField(required=False, label="Dry run (nothing is changed)")


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class ImporterView(View):
    """A page for importers and site admins.

    The view is exempt from the CSRF check, because that check reads the whole upload. `post` is protected instead,
    after it is known who is asking, how large the upload is, and how many are waiting.
    """

    def check_access(self, user: User) -> None:
        services.check_importer(user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_sign_in(request)
        try:
            self.check_access(request.user)
            content_length = int(request.META.get("CONTENT_LENGTH") or 0)
            services.check_size(content_length - FORM_BYTES)
            if request.method == "POST":
                services.check_waiting(request.user)
            return super().dispatch(request, *args, **kwargs)
        except PortalError as error:
            return refusal_page(request, error)
        finally:
            if request.method == "POST":
                _delete_temporary_files(request)


class ImportsView(ImporterView):
    """The form and the latest imports."""

    takes_uploads = True

    def get(self, request: AdminRequest) -> HttpResponse:
        return _render_form(request, ImportForm())

    @method_decorator(csrf_protect)
    def post(self, request: AdminRequest) -> HttpResponseBase:
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return _render_form(request, form, status=400)
        try:
            options = ImportOptions.from_form(form.cleaned_data)
        except InvalidOption as error:
            form.add_error(error.name, f"The value {error.reason}")
            return _render_form(request, form, status=400)
        file = form.cleaned_data["file"]
        job = services.request_import(request.user, file.name, file.size, file.chunks(), options)
        return redirect("import", job.pk)


class ImportView(ImporterView):
    """One import: its progress, its result and its events."""

    def get(self, request: AdminRequest, number: int) -> HttpResponse:
        job = services.find_import(request.user, number)
        return render(request, "imports/import.html", _about_import(job) | {"events": job.events.all()})


class ImportProgressView(ImporterView):
    """The part of the page that reloads itself until the import has ended."""

    def get(self, request: AdminRequest, number: int) -> HttpResponse:
        job = services.find_import(request.user, number)
        return render(request, "imports/_import_progress.html", _about_import(job))


class RejectsView(ImporterView):
    """Downloads a file of rejected issues."""

    def get(self, request: AdminRequest, number: int, name: str) -> FileResponse:
        file = services.open_rejects(request.user, number, name)
        return FileResponse(file, as_attachment=True, filename=name, content_type="application/octet-stream")


class OverwrittenView(ImporterView):
    """Downloads the list of issues that an import overwrote; also for reviewers."""

    def check_access(self, user: User) -> None:
        services.check_reader(user)

    def get(self, request: AdminRequest, number: int) -> StreamingHttpResponse:
        lines = services.read_overwritten(request.user, number)
        name = f"import-{number}-overwritten.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8; header=present", headers=headers)


def _delete_temporary_files(request: HttpRequest) -> None:
    """Delete what Django keeps of an upload. If an upload breaks off, Django keeps the part that has arrived."""
    for handler in request.upload_handlers:
        file = getattr(handler, "file", None)
        if file is not None:
            with suppress(OSError):  # the disk is full: the file is deleted nevertheless
                file.close()


def _render_form(request: AdminRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "jobs": services.latest_imports(request.user), "max_mb": settings.IMPORT_UPLOAD_MB}
    return render(request, "imports/imports.html", context, status=status)


def _about_import(job: ImportJob) -> dict[str, Any]:
    is_worker_missing = False
    if job.status == JobStatus.ENQUEUED:
        is_worker_missing = not services.is_import_running() and not worker_seen_lately()
    return {
        "job": job,
        "counts": [(name, getattr(job, f"{name}_count")) for name in COUNTED],
        "is_worker_missing": is_worker_missing,
    }
