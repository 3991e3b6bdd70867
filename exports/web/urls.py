from django.urls import path

from exports.web import health, imports, views

urlpatterns = [
    path("health", health.HealthView.as_view(), name="health"),
    path("health/ready", health.ReadyView.as_view(), name="ready"),
    path("", views.ArchiveView.as_view(), name="archive"),
    path("suggest/<slug:name>", views.SuggestView.as_view(), name="suggest"),
    path("issues/<str:key>", views.IssueView.as_view(), name="issue"),
    path("exports/running", views.RunningView.as_view(), name="running"),
    path("exports/", views.HistoryView.as_view(), name="history"),
    path("exports/<int:job_id>", views.ExportView.as_view(), name="export"),
    path("exports/<int:job_id>/progress", views.ProgressView.as_view(), name="progress"),
    path("exports/<int:job_id>/cancel", views.CancelView.as_view(), name="cancel"),
    path("exports/<int:job_id>/rerun", views.RerunView.as_view(), name="rerun"),
    path("mails/<int:mail_id>/resend", views.ResendView.as_view(), name="resend"),
    path("imports/", imports.ImportsView.as_view(), name="imports"),
    path("imports/<int:number>", imports.ImportView.as_view(), name="import"),
    path("imports/<int:number>/progress", imports.ImportProgressView.as_view(), name="import-progress"),
    path("imports/<int:number>/rejects/<str:name>", imports.RejectsView.as_view(), name="import-rejects"),
]
