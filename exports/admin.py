"""Admin pages of exports: the history, read-only. What users can do with exports is in `services`."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.template.defaultfilters import filesizeformat

from core.admin import ReadOnly
from exports.models import Download, ExportEvent, ExportJob, Mail

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
    JobInline = admin.TabularInline[Any, ExportJob]
else:
    ModelAdmin = admin.ModelAdmin
    JobInline = admin.TabularInline


class _EventInline(ReadOnly, JobInline):
    model = ExportEvent
    extra = 0
    fields = ("at", "status", "attempt", "worker", "note")


class _MailInline(ReadOnly, JobInline):
    model = Mail
    extra = 0
    fields = ("kind", "recipient", "status", "attempt", "sent_at", "reply")


class _DownloadInline(ReadOnly, JobInline):
    model = Download
    extra = 0
    fields = ("at", "last_at", "user", "address", "part_count", "byte_count")


@admin.register(ExportJob)
class ExportJobAdmin(ReadOnly, ModelAdmin):
    list_display = ("id", "status", "submitted_by", "submitted_at", "contents", "rows_written", "size", "expires_at")
    list_filter = ("status", "file_format", "submitted_at", ("submitted_by", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("submitted_by",)
    search_fields = ("id__exact", "submitted_by__email", "submitted_by__name", "sha256__exact")
    search_help_text = "Export number, person or SHA-256"
    show_full_result_count = False
    inlines = (_EventInline, _MailInline, _DownloadInline)

    @admin.display(description="also included", empty_value="–")
    def contents(self, job: ExportJob) -> str:
        return job.include_names

    @admin.display(ordering="bytes", empty_value="–")
    def size(self, job: ExportJob) -> str | None:
        if job.bytes is None:
            return None
        return filesizeformat(job.bytes)


@admin.register(Download)
class DownloadAdmin(ReadOnly, ModelAdmin):
    list_display = ("job", "user", "at", "last_at", "address", "part_count", "byte_count")
    list_filter = ("at", ("user", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("job", "user")
    search_fields = ("job__id__exact", "user__email", "user__name", "address__startswith")
    search_help_text = "Export number, person or IP address"
    show_full_result_count = False


@admin.register(Mail)
class MailAdmin(ReadOnly, ModelAdmin):
    list_display = ("job", "kind", "recipient", "status", "attempt", "created_at", "sent_at")
    list_filter = ("status", "kind", "created_at")
    list_select_related = ("job",)
    ordering = ("-id",)
    search_fields = ("job__id__exact", "recipient", "message_id__exact")
    search_help_text = "Export number, recipient or Message-ID"
    show_full_result_count = False
