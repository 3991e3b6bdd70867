"""Admin pages of imports: read-only."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from core.admin import ReadOnly
from imports.models import ImportEvent, ImportJob

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
    JobInline = admin.TabularInline[Any, ImportJob]
else:
    ModelAdmin = admin.ModelAdmin
    JobInline = admin.TabularInline


class _EventInline(ReadOnly, JobInline):
    model = ImportEvent
    extra = 0
    fields = ("at", "status", "attempt", "worker", "note")


@admin.register(ImportJob)
class ImportJobAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "id",
        "status",
        "file_name",
        "operator",
        "submitted_at",
        "created_count",
        "updated_count",
        "rejected_count",
    )
    list_filter = ("status", "submitted_at")
    search_fields = ("id__exact", "file_name", "operator")
    search_help_text = "Number of the import, file or person"
    show_full_result_count = False
    inlines = (_EventInline,)
    readonly_fields = ("overwritten_issues",)

    @admin.display(description="list of overwritten issues", empty_value="None")
    def overwritten_issues(self, job: ImportJob) -> str | None:
        if not job.overwritten_sha256:
            return None
        return format_html('<a href="{}">CSV</a>', reverse("import-overwritten", args=[job.pk]))
