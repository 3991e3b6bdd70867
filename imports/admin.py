"""Admin pages of imports: to look at, not to change."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from core.admin import ReadOnly
from imports.models import ImportJob

if TYPE_CHECKING:  # generic for the type checker only
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


@admin.register(ImportJob)
class ArchiveImportAdmin(ReadOnly, ModelAdmin):
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
