"""The pages of exports. Each view reads the request, calls one service and responds."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django_htmx.http import trigger_client_event

from accounts.views_for_admins import AdminRequest, AdminView
from archive.filters import IssueFilter
from archive.includes import Include
from archive.web.page import ArchivePage
from archive.web.views import ArchiveView
from exports import services
from exports.options import ExportOptions
from exports.web.history import read_history
from exports.web.progress import about_export
from jobs.services import worker_seen_lately


class ArchiveExportView(ArchiveView):
    """The archive page with a button that exports the issues it shows."""

    template_name = "exports/archive.html"
    results_template_name = "exports/_archive_results.html"

    def get_context(self, request: AdminRequest, page: ArchivePage) -> dict[str, Any]:
        return super().get_context(request, page) | {
            "running": services.running_export(),
            "is_worker_missing": not worker_seen_lately(),
            "includes": Include.choices,
            "plan": settings.SITE_PLAN,
            "plan_allows": settings.SITE_PLAN in services.PLANS_WITH_EXPORT,
        }


class RunningView(AdminView):
    """The note about the active export. When that export has ended, the event `slot-free` makes the page reload."""

    def get(self, request: AdminRequest) -> HttpResponse:
        running = services.running_export()
        if running is None:
            return trigger_client_event(HttpResponse(), "slot-free")
        return render(request, "exports/_running.html", {"running": running})


class ExportsView(AdminView):
    """GET lists the site's exports, POST requests a new one."""

    def get(self, request: AdminRequest) -> HttpResponse:
        return render(request, "exports/history.html", {"page": read_history(request.user, request.GET)})

    def post(self, request: AdminRequest) -> HttpResponseBase:
        options = ExportOptions.from_query(request.POST)
        job = services.request_export(request.user, IssueFilter.from_query(request.POST), options)
        return redirect("export", job.pk)


class ExportView(AdminView):
    """The page of one export."""

    def get(self, request: AdminRequest, job_id: int) -> HttpResponse:
        job = services.find_job(request.user, job_id)
        return render(request, "exports/export.html", about_export(job) | {"events": job.events.all()})


class ProgressView(AdminView):
    """The part of the export page that reloads itself until nothing can change."""

    def get(self, request: AdminRequest, job_id: int) -> HttpResponse:
        job = services.find_job(request.user, job_id)
        has_new_status = request.GET.get("from") != job.status
        context = about_export(job) | {"is_fragment": True, "has_new_status": has_new_status}
        return render(request, "exports/_progress.html", context)


class CancelView(AdminView):
    def post(self, request: AdminRequest, job_id: int) -> HttpResponseBase:
        job = services.cancel_export(request.user, job_id)
        return redirect("export", job.pk)


class RerunView(AdminView):
    def post(self, request: AdminRequest, job_id: int) -> HttpResponseBase:
        job = services.rerun_export(request.user, job_id)
        return redirect("export", job.pk)


class ResendView(AdminView):
    """Send an email again."""

    def post(self, request: AdminRequest, mail_id: int) -> HttpResponseBase:
        mail = services.resend_mail(request.user, mail_id)
        return redirect("export", mail.job_id)
