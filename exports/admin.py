"""Staff pages: the history and the archive, to look at. What a person may do stands in `services`."""

from typing import TYPE_CHECKING, Any

import django_q.admin  # noqa: F401 - registers its models, so that they can be unregistered here
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.functional import cached_property
from django_q.models import Failure, OrmQ, Schedule, Success

from exports.models import (
    Account,
    ArchivedIssue,
    ArchiveImport,
    Download,
    ExportEvent,
    ExportJob,
    IssueType,
    Mail,
    Project,
    Removal,
)

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
    JobInline = admin.TabularInline[Any, ExportJob]
    AnyPaginator = Paginator[Any]
else:
    ModelAdmin, JobInline, AnyPaginator = admin.ModelAdmin, admin.TabularInline, Paginator

# A Schedule is a way to run any code, and so is running a failed task again.
for queue_model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(queue_model):
        admin.site.unregister(queue_model)

MOST_LISTED = 10_000


class _ReadOnly:
    """Nobody adds, changes or deletes here, superusers included: history is worth what it cannot lose."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class _EventInline(_ReadOnly, JobInline):
    model = ExportEvent
    extra = 0
    fields = ("at", "status", "attempt", "worker", "note")


class _MailInline(_ReadOnly, JobInline):
    model = Mail
    extra = 0
    fields = ("kind", "recipient", "status", "attempts", "sent", "reply")


class _DownloadInline(_ReadOnly, JobInline):
    model = Download
    extra = 0
    fields = ("at", "user", "address")


@admin.register(ExportJob)
class ExportJobAdmin(_ReadOnly, ModelAdmin):
    list_display = ("id", "status", "submitted_by", "submitted", "rows_written", "size", "expires")
    list_filter = ("status", "submitted", ("submitted_by", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("submitted_by",)
    search_fields = ("id__exact", "submitted_by__email", "submitted_by__name", "sha256__exact")
    search_help_text = "Number of the export, person or SHA-256"
    show_full_result_count = False
    inlines = (_EventInline, _MailInline, _DownloadInline)

    @admin.display(ordering="bytes", empty_value="–")
    def size(self, job: ExportJob) -> str | None:
        return None if job.bytes is None else filesizeformat(job.bytes)


@admin.register(Download)
class DownloadAdmin(_ReadOnly, ModelAdmin):
    list_display = ("job", "user", "at", "address")
    list_filter = ("at", ("user", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("job", "user")
    search_fields = ("job__id__exact", "user__email", "user__name", "address__startswith")
    search_help_text = "Number of the export, person or address"
    show_full_result_count = False


@admin.register(Mail)
class MailAdmin(_ReadOnly, ModelAdmin):
    list_display = ("job", "kind", "recipient", "status", "attempts", "created", "sent")
    list_filter = ("status", "kind", "created")
    list_select_related = ("job",)
    ordering = ("-id",)
    search_fields = ("job__id__exact", "recipient", "message_id__exact")
    search_help_text = "Number of the export, recipient or Message-ID"
    show_full_result_count = False


class _FirstThousands(AnyPaginator):
    """Counts and lists no further than MOST_LISTED rows, so that a list costs the same at ten million."""

    @cached_property
    def count(self) -> int:
        rows: models.QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_LISTED].count()


@admin.register(ArchivedIssue)
class ArchivedIssueAdmin(_ReadOnly, ModelAdmin):
    list_display = ("key", "summary", "project", "issue_type", "reporter", "archived_by", "archived_date")
    list_select_related = ("project", "issue_type", "reporter", "archived_by")
    ordering = ("-archived_date", "-id")
    sortable_by = ()
    search_fields = ("key__exact",)
    search_help_text = f"Whole issue key. The list shows the {MOST_LISTED:,} archived last."
    show_full_result_count = False
    paginator = _FirstThousands
    raw_id_fields = ("project", "issue_type", "assignee", "reporter", "creator", "archived_by")


@admin.register(Project)
class ProjectAdmin(_ReadOnly, ModelAdmin):
    list_display = ("key", "name", "type", "lead")
    list_select_related = ("lead",)
    ordering = ("key",)
    search_fields = ("key", "name")
    show_full_result_count = False
    paginator = _FirstThousands
    raw_id_fields = ("lead",)


@admin.register(IssueType)
class IssueTypeAdmin(_ReadOnly, ModelAdmin):
    list_display = ("type_id", "name")
    ordering = ("type_id",)
    search_fields = ("type_id", "name")
    show_full_result_count = False


@admin.register(Account)
class AccountAdmin(_ReadOnly, ModelAdmin):
    list_display = ("account_id", "name", "email")
    ordering = ("name", "id")
    sortable_by = ()
    search_fields = ("account_id", "name", "email")
    show_full_result_count = False
    paginator = _FirstThousands


@admin.register(ArchiveImport)
class ArchiveImportAdmin(_ReadOnly, ModelAdmin):
    list_display = ("id", "status", "file_name", "operator", "submitted", "created", "updated", "rejected")
    list_filter = ("status", "submitted")
    search_fields = ("id__exact", "file_name", "operator")
    search_help_text = "Number of the import, file or person"
    show_full_result_count = False


@admin.register(Removal)
class RemovalAdmin(_ReadOnly, ModelAdmin):
    list_display = ("at", "kind", "issues", "operator")
    list_filter = ("kind", "at")
    search_fields = ("operator",)
    show_full_result_count = False
