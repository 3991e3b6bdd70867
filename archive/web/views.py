"""Thin: parse, call one service, answer."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import push_url

from accounts.views_for_admins import AdminRequest, AdminView
from archive import services
from archive.filters import DATE_NAMES, MOST_ISSUES
from archive.web.facets import KINDS, chosen_in, facets, suggestions
from archive.web.issue import sections, texts
from archive.web.page import ArchivePage, read_page
from archive.web.presets import read_presets


class ArchiveView(AdminView):
    """The filter and what it selects. An app above adds what can be done with that."""

    template_name = "archive/archive.html"
    results_template_name = "archive/_results.html"

    def get(self, request: AdminRequest) -> HttpResponse:
        page = read_page(request.GET)
        context = self.get_context(request, page)
        if not request.htmx:
            response = render(request, self.template_name, context, status=400 if page.errors else 200)
        else:  # a half-typed filter is no failure while it is being typed
            response = render(request, self.results_template_name, context | {"is_fragment": True})
        patch_vary_headers(response, ["HX-Request"])
        if page.errors:
            return response
        return push_url(response, f"?{page.filter.to_query()}")

    def get_context(self, request: AdminRequest, page: ArchivePage) -> dict[str, Any]:
        return {
            "page": page,
            "facets": list(facets(request.GET, page.errors)),
            "presets": read_presets(page.filter),
            "dates": {name: request.GET.get(name, "") for name in DATE_NAMES},
            "most_issues": MOST_ISSUES,
            "site_zone": settings.TIME_ZONE,
        }


class SuggestView(AdminView):
    """The options of one facet's type-ahead: what matches its search and is not chosen yet."""

    def get(self, request: AdminRequest, name: str) -> HttpResponse:
        if name not in KINDS:
            raise Http404
        found = suggestions(name, chosen_in(request.GET, name), request.GET.get(f"find-{name}", ""))
        return render(request, "archive/_options.html", {"name": name, "found": found})


class IssueView(AdminView):
    """One archived issue, every field of it."""

    def get(self, request: AdminRequest, key: str) -> HttpResponse:
        issue = services.find_issue(request.user, key)
        is_whole = request.GET.get("texts") == "whole"
        context = {"issue": issue, "sections": sections(issue), "texts": texts(issue, whole=is_whole)}
        return render(request, "archive/issue.html", context)
