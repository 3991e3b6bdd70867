from django.urls import path

from imports.web import views

urlpatterns = [
    path("imports/", views.ImportsView.as_view(), name="imports"),
    path("imports/<int:number>", views.ImportView.as_view(), name="import"),
    path("imports/<int:number>/progress", views.ImportProgressView.as_view(), name="import-progress"),
    path("imports/<int:number>/overwritten.csv", views.OverwrittenView.as_view(), name="import-overwritten"),
    path("imports/<int:number>/rejects/<str:name>", views.RejectsView.as_view(), name="import-rejects"),
]
