from django.urls import path, re_path

from core.api_description import DescriptionPage, DescriptionView
from core.unknown_view import UnknownView

urlpatterns = [
    path("rest/api/3/openapi.json", DescriptionView.as_view(), name="openapi"),
    path("rest/api/3/docs", DescriptionPage.as_view(), name="api-docs"),
    re_path(r"^rest(/|$)", UnknownView.as_view()),
]
