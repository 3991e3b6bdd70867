from django.urls import path

from core.api_versions import JIRA_API
from exports.api import views
from exports.api.download import DownloadView
from exports.api.manifest import ManifestView

urlpatterns = [
    path(f"{JIRA_API}/issues/archive/export", views.ArchiveExportView.as_view(), name="archive-export"),
    path(f"{JIRA_API}/task/<str:task_id>", views.TaskView.as_view(), name="task"),
    path(f"{JIRA_API}/task/<str:task_id>/cancel", views.TaskCancelView.as_view(), name="task-cancel"),
    path("exports/<str:task_id>/file", DownloadView.as_view(), name="download"),
    path("exports/<str:task_id>/manifest.json", ManifestView.as_view(), name="manifest"),
]
