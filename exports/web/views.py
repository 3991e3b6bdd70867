"""Thin: parse, call one service, answer."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django_htmx.http import trigger_client_event

from accounts.views_for_admins import AdminRequest, AdminView
from archive.filters import IssueFilter
from archive.web.page import ArchivePage
from archive.web.views import ArchiveView
from exports import services
from exports.web.history import read_history
from exports.web.progress import about_export
from jobs.services import worker_seen_lately


class ArchiveExportView(ArchiveView):
    """The archive page with the button that exports exactly what it shows."""

    template_name = "exports/archive.html"
    results_template_name = "exports/_archive_results.html"

    def get_context(self, request: AdminRequest, page: ArchivePage) -> dict[str, Any]:
        return super().get_context(request, page) | {
            "running": services.running_export(),
            "is_worker_seen": worker_seen_lately(),
            "plan": settings.SITE_PLAN,
            "plan_allows": settings.SITE_PLAN in services.PLANS_WITH_EXPORT,
        }


class RunningView(AdminView):
    """The note about the export that holds the slot; when it has ended, the page is told to look again."""

    def get(self, request: AdminRequest) -> HttpResponse:
        running = services.running_export()
        if running is None:
            return trigger_client_event(HttpResponse(), "slot-free")
        return render(request, "exports/_running.html", {"running": running})


class ExportsView(AdminView):
    """The exports of the site: a GET lists them, a POST requests a new one."""

    def get(self, request: AdminRequest) -> HttpResponse:
        return render(request, "exports/history.html", {"page": read_history(request.user, request.GET)})

    def post(self, request: AdminRequest) -> HttpResponseBase:
        job = services.request_export(request.user, IssueFilter.from_query(request.POST))
        return redirect("export", job.pk)


class ExportView(AdminView):
    """One export: its progress, and in the end its result."""

    def get(self, request: AdminRequest, job_id: int) -> HttpResponse:
        job = services.find_job(request.user, job_id)
        return render(request, "exports/export.html", about_export(job) | {"events": job.events.all()})


class ProgressView(AdminView):
    """The part of the export page that reloads itself until nothing can change any more."""

    def get(self, request: AdminRequest, job_id: int) -> HttpResponse:
        job = services.find_job(request.user, job_id)
        is_news = request.GET.get("from") != job.status
        context = about_export(job) | {"is_fragment": True, "is_news": is_news}
        return render(request, "exports/_progress.html", context)


class CancelView(AdminView):
    def post(self, request: AdminRequest, job_id: int) -> HttpResponseBase:
        return redirect("export", services.cancel_export(request.user, job_id).pk)


class RerunView(AdminView):
    def post(self, request: AdminRequest, job_id: int) -> HttpResponseBase:
        return redirect("export", services.rerun_export(request.user, job_id).pk)


class ResendView(AdminView):
    """Send a mail again that failed or may not have arrived."""

    def post(self, request: AdminRequest, mail_id: int) -> HttpResponseBase:
        return redirect("export", services.resend_mail(request.user, mail_id).job_id)
