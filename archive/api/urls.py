from django.urls import path

from archive.api.views import UnarchiveView
from core.api_versions import JIRA_API

urlpatterns = [
    path(f"{JIRA_API}/issue/unarchive", UnarchiveView.as_view(), name="unarchive"),
]
