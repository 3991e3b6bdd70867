"""The Import page: staff hand over Jira's files, the worker imports them, the page tells what became of them."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.models import validate_time_zone
from accounts.views_for_admins import AdminRequest, to_sign_in
from core.error_pages import refusal_page
from core.errors import PortalError
from imports import services, uploads
from imports.models import ImportJob
from jobs.leased import JobStatus
from jobs.services import worker_seen_lately

FORM_BYTES = 64 * 1024  # what the other fields may take of a request


class ImportForm(forms.Form):
    file = forms.FileField(label="File", help_text="Jira's CSV, REST JSON or NDJSON; also .gz or .zip.")
    archived_by = forms.CharField(
        required=False, max_length=128, help_text="Account ID. Where the file does not say; empty: you."
    )
    archived_date = forms.DateField(
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Where the file does not say; empty: now.",
    )
    date_format = forms.CharField(
        required=False, max_length=64, help_text="Of CSV dates other than 16/Jul/23 3:04 PM, such as %d.%m.%Y %H:%M."
    )
    time_zone = forms.CharField(
        required=False, validators=[validate_time_zone], help_text="Of CSV dates; empty: the site's."
    )
    on_conflict = forms.ChoiceField(
        label="Issues that stand already",
        choices=[("update", "are updated"), ("skip", "stay as they are"), ("error", "stop the import")],
    )
    is_strict = forms.BooleanField(required=False, label="Stop at the first issue that cannot be read")
    is_trial = forms.BooleanField(required=False, label="Only tell what would happen")

    def options(self) -> dict[str, Any]:
        """What was chosen besides the file, as JSON can keep it."""
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "file" and value}
        if day := chosen.get("archived_date"):
            chosen["archived_date"] = day.isoformat()
        return chosen


@method_decorator([csrf_exempt, never_cache], name="dispatch")
class ImporterView(View):
    """A page for staff who may import. Exempt, because the check of a form's token reads the whole upload:
    `post` is protected, behind the questions who asks and how large it is.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        try:
            services.check_importer(request.user)
            services.check_size(max(int(request.META.get("CONTENT_LENGTH") or 0) - FORM_BYTES, 0))
            return super().dispatch(request, *args, **kwargs)
        except PortalError as error:
            return refusal_page(request, error)


class ImportsView(ImporterView):
    """The form and the latest imports."""

    def get(self, request: AdminRequest) -> HttpResponse:
        return _page(request, ImportForm())

    @method_decorator(csrf_protect)
    def post(self, request: AdminRequest) -> HttpResponseBase:
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return _page(request, form, status=400)
        file = form.cleaned_data["file"]
        row = services.request_import(request.user, file.name, file.size, file.chunks(), form.options())
        return redirect("import", row.pk)


class ImportView(ImporterView):
    def get(self, request: AdminRequest, number: int) -> HttpResponse:
        return render(request, "imports/import.html", _about(services.find_import(request.user, number)))


class ImportProgressView(ImporterView):
    """The part of the page that asks for itself again, until the import has ended."""

    def get(self, request: AdminRequest, number: int) -> HttpResponse:
        return render(request, "imports/_import_progress.html", _about(services.find_import(request.user, number)))


class RejectsView(ImporterView):
    def get(self, request: AdminRequest, number: int, name: str) -> FileResponse:
        path = services.find_rejects(request.user, number, name)
        return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")


def _page(request: AdminRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "rows": services.latest_imports(request.user), "most_mb": settings.IMPORT_UPLOAD_MB}
    return render(request, "imports/imports.html", context, status=status)


def _about(row: ImportJob) -> dict[str, Any]:
    records, share = uploads.progress_of(row.pk)
    counts = [
        (name, getattr(row, f"{name}_count")) for name in ("created", "updated", "unchanged", "skipped", "rejected")
    ]
    is_waiting = row.status == JobStatus.ENQUEUED
    return {
        "row": row,
        "records": records,
        "percent": round(share * 100),
        "counts": counts,
        "is_worker_missing": is_waiting and not (services.is_importing() or worker_seen_lately()),
    }
