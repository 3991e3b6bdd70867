"""The archive page, its type-ahead search and the page of one issue."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.http import push_url

from accounts.views_for_admins import AdminRequest, AdminView
from archive import services
from archive.filters import DATE_NAMES, MOST_ISSUES
from archive.search_text import LONGEST_TEXT
from archive.web.facets import FACET_TYPES, chosen_in, facets, suggestions
from archive.web.issue import sections, texts
from archive.web.issue_details import read_details
from archive.web.page import ArchivePage, read_page
from archive.web.presets import read_presets


class ArchiveView(AdminView):
    """The filter form and the issues it selects. The exports app extends this page with its Export button."""

    template_name = "archive/archive.html"
    results_template_name = "archive/_results.html"

    def get(self, request: AdminRequest) -> HttpResponse:
        page = read_page(request.GET)
        context = self.get_context(request, page)
        if request.htmx:
            # Status 200 even for an invalid filter: htmx shows no other responses.
            context["is_fragment"] = True
            response = render(request, self.results_template_name, context)
        elif page.errors:
            response = render(request, self.template_name, context, status=400)
        else:
            response = render(request, self.template_name, context)
        patch_vary_headers(response, ["HX-Request"])
        if page.errors:
            return response
        return push_url(response, f"?{page.filter.to_query()}")

    def get_context(self, request: AdminRequest, page: ArchivePage) -> dict[str, Any]:
        return {
            "page": page,
            "facets": list(facets(request.GET, page.errors)),
            "presets": read_presets(page.filter),
            "text": request.GET.get("text", ""),
            "longest_text": LONGEST_TEXT,
            "dates": {name: request.GET.get(name, "") for name in DATE_NAMES},
            "most_issues": MOST_ISSUES,
            "site_zone": settings.TIME_ZONE,
        }


class SuggestView(AdminView):
    """The options for one facet of the form: values that match its search and are not selected yet."""

    def get(self, request: AdminRequest, name: str) -> HttpResponse:
        if name not in FACET_TYPES:
            raise Http404
        found = suggestions(name, chosen_in(request.GET, name), request.GET.get(f"find-{name}", ""))
        return render(request, "archive/_options.html", {"name": name, "found": found})


class IssueView(AdminView):
    """One archived issue with everything that is kept of it. Long texts are cut unless the URL has `texts=whole`."""

    def get(self, request: AdminRequest, key: str) -> HttpResponse:
        issue = services.find_issue(request.user, key)
        is_whole = request.GET.get("texts") == "whole"
        details = read_details(issue, request.GET, whole=is_whole)
        context = {
            "issue": issue,
            "sections": sections(issue),
            "texts": [*texts(issue, whole=is_whole), *details.texts],
            "details": details,
        }
        return render(request, "archive/issue.html", context)
