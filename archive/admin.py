"""Read-only Admin pages of the archive."""

import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import DateTimeField, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest
from django.utils.text import Truncator

from archive.models import Account, ArchivedIssue, IssueType, Project, Removal
from core.admin import LIST_LIMIT, CappedPaginator, ReadOnly
from core.formats import local_time

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


SHOWN_CHARACTERS = 255  # of a summary in the list


@admin.register(ArchivedIssue)
class ArchivedIssueAdmin(ReadOnly, ModelAdmin):
    """Shows any stored value. Django's own columns fail on dates that have no local time, and show whole summaries."""

    list_display = ("key", "summary_start", "project", "issue_type", "reporter", "archived_by", "local_archived_date")
    list_select_related = ("project", "issue_type", "reporter", "archived_by")
    ordering = ("-archived_date", "-id")
    sortable_by = ()
    search_fields = ("key__exact",)
    search_help_text = f"Enter a full issue key. The list shows the {LIST_LIMIT:,} most recently archived issues."
    show_full_result_count = False
    paginator = CappedPaginator
    raw_id_fields = ("project", "issue_type", "assignee", "reporter", "creator", "archived_by")
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ArchivedIssue]:
        issues: QuerySet[ArchivedIssue] = super().get_queryset(request)
        return issues.defer("summary", "description", "environment", "parent_summary").annotate(
            start=Left("summary", SHOWN_CHARACTERS + 1)
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ArchivedIssue | None:
        """The issue, whose times are texts from here on: Django would convert times to the user's time zone."""
        issue: ArchivedIssue | None = super().get_object(request, object_id, from_field)
        if issue is not None:
            for field in ArchivedIssue._meta.concrete_fields:
                if isinstance(field, DateTimeField):
                    setattr(issue, field.name, _shown_time(getattr(issue, field.name)))
        return issue

    @admin.display(description="summary")
    def summary_start(self, issue: Any) -> str:
        return Truncator(issue.start).chars(SHOWN_CHARACTERS)

    @admin.display(description="archived date")
    def local_archived_date(self, issue: ArchivedIssue) -> str:
        return _shown_time(issue.archived_date) or ""


def _shown_time(moment: datetime.datetime | None) -> str | None:
    if moment is None:
        return None
    return local_time(moment).isoformat(" ", "seconds")


@admin.register(Project)
class ProjectAdmin(ReadOnly, ModelAdmin):
    list_display = ("key", "name", "type", "lead")
    list_select_related = ("lead",)
    ordering = ("key",)
    search_fields = ("key", "name")
    show_full_result_count = False
    paginator = CappedPaginator
    raw_id_fields = ("lead",)


@admin.register(IssueType)
class IssueTypeAdmin(ReadOnly, ModelAdmin):
    list_display = ("type_id", "name")
    ordering = ("type_id",)
    search_fields = ("type_id", "name")
    show_full_result_count = False


@admin.register(Account)
class AccountAdmin(ReadOnly, ModelAdmin):
    list_display = ("account_id", "name", "email")
    ordering = ("name", "id")
    sortable_by = ()
    search_fields = ("account_id", "name", "email")
    show_full_result_count = False
    paginator = CappedPaginator


@admin.register(Removal)
class RemovalAdmin(ReadOnly, ModelAdmin):
    list_display = ("at", "kind", "issue_count", "operator")
    list_filter = ("kind", "at")
    search_fields = ("operator",)
    show_full_result_count = False
