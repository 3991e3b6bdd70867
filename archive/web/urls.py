from django.urls import path

from archive.web import views

urlpatterns = [
    path("suggest/<slug:name>", views.SuggestView.as_view(), name="suggest"),
    path("issues/<str:key>", views.IssueView.as_view(), name="issue"),
]
