from django.urls import path

from exports.api import views
from exports.api.download import DownloadView
from exports.api.manifest import ManifestView

urlpatterns = [
    path("rest/api/3/issues/archive/export", views.ArchiveExportView.as_view(), name="archive-export"),
    path("rest/api/3/task/<str:task_id>", views.TaskView.as_view(), name="task"),
    path("rest/api/3/task/<str:task_id>/cancel", views.TaskCancelView.as_view(), name="task-cancel"),
    path("exports/<str:job_id>/file", DownloadView.as_view(), name="download"),
    path("exports/<str:job_id>/manifest.json", ManifestView.as_view(), name="manifest"),
]
