"""Read-only Admin pages of the archive."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from archive.models import Account, ArchivedIssue, IssueType, Project, Removal
from core.admin import LIST_LIMIT, CappedPaginator, ReadOnly

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(ArchivedIssue)
class ArchivedIssueAdmin(ReadOnly, ModelAdmin):
    list_display = ("key", "summary", "project", "issue_type", "reporter", "archived_by", "archived_date")
    list_select_related = ("project", "issue_type", "reporter", "archived_by")
    ordering = ("-archived_date", "-id")
    sortable_by = ()
    search_fields = ("key__exact",)
    search_help_text = f"Enter a full issue key. The list shows the {LIST_LIMIT:,} most recently archived issues."
    show_full_result_count = False
    paginator = CappedPaginator
    raw_id_fields = ("project", "issue_type", "assignee", "reporter", "creator", "archived_by")


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
