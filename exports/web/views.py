"""Thin: parse, call one service, answer."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.http import push_url, trigger_client_event

from exports import services
from exports.filters import DATE_NAMES, MOST_ISSUES, IssueFilter
from exports.web.access import AdminRequest, AdminView
from exports.web.archive import ArchivePage, read_page
from exports.web.detail import sections, texts
from exports.web.facets import KINDS, chosen_in, facets, suggestions
from exports.web.history import read_history
from exports.web.presets import read_presets
from exports.web.progress import about_export


class ArchiveView(AdminView):
    """The filter, what it selects, and the button that exports exactly that."""

    def get(self, request: AdminRequest) -> HttpResponse:
        page = read_page(request.GET)
        context = _about_archive(request, page)
        if not request.htmx:
            response = render(request, "archive.html", context, status=400 if page.errors else 200)
        else:  # a half-typed filter is no failure while it is being typed
            response = render(request, "_results.html", context | {"is_fragment": True})
        patch_vary_headers(response, ["HX-Request"])
        return response if page.errors else push_url(response, f"?{page.filter.to_query()}")


class SuggestView(AdminView):
    """The options of one facet's type-ahead: what matches its search and is not chosen yet."""

    def get(self, request: AdminRequest, name: str) -> HttpResponse:
        if name not in KINDS:
            raise Http404
        found = suggestions(name, chosen_in(request.GET, name), request.GET.get(f"find-{name}", ""))
        return render(request, "_options.html", {"name": name, "found": found})


class IssueView(AdminView):
    """One archived issue, every field of it."""

    def get(self, request: AdminRequest, key: str) -> HttpResponse:
        issue = services.find_issue(request.user, key)
        is_whole = request.GET.get("texts") == "whole"
        context = {"issue": issue, "sections": sections(issue), "texts": texts(issue, whole=is_whole)}
        return render(request, "issue.html", context)


class RunningView(AdminView):
    """The note about the export that holds the slot; when it has ended, the page is told to look again."""

    def get(self, request: AdminRequest) -> HttpResponse:
        if running := services.running_export():
            return render(request, "_running.html", {"running": running})
        return trigger_client_event(HttpResponse(), "slot-free")


class HistoryView(AdminView):
    """The exports of the site, newest first, by state and person; a POST asks for a new one."""

    def get(self, request: AdminRequest) -> HttpResponse:
        return render(request, "history.html", {"page": read_history(request.user, request.GET)})

    def post(self, request: AdminRequest) -> HttpResponseBase:
        job = services.request_export(request.user, IssueFilter.from_query(request.POST))
        return redirect("export", job.pk)


class ExportView(AdminView):
    """One export: how far it is, and in the end what came of it."""

    def get(self, request: AdminRequest, job_id: int) -> HttpResponse:
        job = services.find_job(request.user, job_id)
        return render(request, "export.html", about_export(job) | {"events": job.events.all()})


class ProgressView(AdminView):
    """The part of the export page that asks for itself again, until job and mail have come to rest."""

    def get(self, request: AdminRequest, job_id: int) -> HttpResponse:
        job = services.find_job(request.user, job_id)
        is_news = request.GET.get("from") != job.status
        return render(request, "_progress.html", about_export(job) | {"is_fragment": True, "is_news": is_news})


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


def _about_archive(request: AdminRequest, page: ArchivePage) -> dict[str, Any]:
    return {
        "page": page,
        "facets": list(facets(request.GET, page.errors)),
        "presets": read_presets(page.filter),
        "dates": {name: request.GET.get(name, "") for name in DATE_NAMES},
        "most_issues": MOST_ISSUES,
        "running": services.running_export(),
        "is_worker_seen": services.worker_seen_lately(),
        "plan": settings.SITE_PLAN,
        "plan_allows": settings.SITE_PLAN in services.PLANS_WITH_EXPORT,
        "site_zone": settings.TIME_ZONE,
    }
