from django.urls import path, re_path

from exports.api import views
from exports.api.description import DescriptionPage, DescriptionView
from exports.api.download import DownloadView
from exports.api.manifest import ManifestView

urlpatterns = [
    path("rest/api/3/issues/archive/export", views.ArchiveExportView.as_view(), name="archive-export"),
    path("rest/api/3/task/<str:task_id>", views.TaskView.as_view(), name="task"),
    path("rest/api/3/task/<str:task_id>/cancel", views.TaskCancelView.as_view(), name="task-cancel"),
    path("rest/api/3/openapi.json", DescriptionView.as_view(), name="openapi"),
    path("rest/api/3/docs", DescriptionPage.as_view(), name="api-docs"),
    path("exports/<str:job_id>/file", DownloadView.as_view(), name="download"),
    path("exports/<str:job_id>/manifest.json", ManifestView.as_view(), name="manifest"),
    re_path(r"^rest(/|$)", views.UnknownView.as_view()),
]
