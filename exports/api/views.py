"""Jira Cloud's three operations on exports of archived issues."""

import hashlib
import json
from typing import Any

from django.utils.cache import get_conditional_response
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from accounts.api_permissions import HasScope, IsAdmin, SignedInRequest
from accounts.api_view import ApiView
from accounts.scopes import DELETE_TASK, READ_ISSUE
from archive.errors import InvalidFilter
from archive.filters import IssueFilter
from exports import services
from exports.api import schema
from exports.api.serializers import ExportArchivedIssuesTaskProgressResponse, Task, TaskProgressBeanObject
from exports.options import ExportOptions


class ArchiveExportView(ApiView):
    """`PUT /rest/api/3/issues/archive/export`."""

    permission_classes = [IsAuthenticated, HasScope, IsAdmin]
    required_scope = READ_ISSUE

    @schema.export_archived_issues
    def put(self, request: SignedInRequest, version: str) -> Response:
        if not request._request.body:
            raise InvalidFilter({"body": "is missing; send a JSON object, such as {}."})
        issue_filter = IssueFilter.from_request(request.data, request.query_params)
        options = ExportOptions.from_query(request.query_params)
        job = services.request_export(request.user, issue_filter, options)
        body = ExportArchivedIssuesTaskProgressResponse.of(job)
        return Response(body, status=202, headers={"Location": Task(job, version).url})


class TaskView(ApiView):
    """`GET /rest/api/3/task/{taskId}`."""

    required_scope = READ_ISSUE

    @schema.get_task
    def get(self, request: SignedInRequest, version: str, task_id: str) -> Any:
        job = services.find_job(request.user, task_id)
        body = TaskProgressBeanObject.of(Task(job, version))
        response = Response(body, headers={"ETag": _etag(body), "Cache-Control": "private, no-cache"})
        return get_conditional_response(request._request, etag=response["ETag"], response=response)


class TaskCancelView(ApiView):
    """`POST /rest/api/3/task/{taskId}/cancel`."""

    required_scope = DELETE_TASK

    @schema.cancel_task
    def post(self, request: SignedInRequest, version: str, task_id: str) -> Response:
        services.cancel_export(request.user, task_id)
        return Response({}, status=202)


def _etag(body: dict[str, Any]) -> str:
    """The ETag of a task. It ignores the elapsed time, which changes while nothing else does, so it is a weak one."""
    compared = {name: value for name, value in body.items() if name != "elapsedRuntime"}
    digest = hashlib.sha256(json.dumps(compared).encode()).hexdigest()
    return f'W/"{digest[:32]}"'
