from django.urls import path

from exports.web import views

urlpatterns = [
    path("", views.ArchiveExportView.as_view(), name="archive"),
    path("exports/running", views.RunningView.as_view(), name="running"),
    path("exports/", views.ExportsView.as_view(), name="history"),
    path("exports/<int:job_id>", views.ExportView.as_view(), name="export"),
    path("exports/<int:job_id>/progress", views.ProgressView.as_view(), name="progress"),
    path("exports/<int:job_id>/cancel", views.CancelView.as_view(), name="cancel"),
    path("exports/<int:job_id>/rerun", views.RerunView.as_view(), name="rerun"),
    path("mails/<int:mail_id>/resend", views.ResendView.as_view(), name="resend"),
]
