"""Jira Cloud's three operations."""

import hashlib
import json
from typing import Any

from django.utils.cache import get_conditional_response
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from accounts.api_view import ApiView
from accounts.permissions import HasScope, IsAdmin, SignedInRequest
from accounts.scopes import WRITE
from archive.errors import InvalidFilter
from archive.filters import IssueFilter
from exports import services
from exports.api import representations, schema


class ArchiveExportView(ApiView):
    """`PUT /rest/api/3/issues/archive/export`."""

    permission_classes = [IsAuthenticated, HasScope, IsAdmin]

    @schema.export_archived_issues
    def put(self, request: SignedInRequest) -> Response:
        if not request._request.body:
            raise InvalidFilter({"body": "is missing; send a JSON object, such as {}."})
        job = services.request_export(request.user, IssueFilter.from_json(request.data))
        return Response(representations.submitted(job), status=202, headers={"Location": representations.task_url(job)})


class TaskView(ApiView):
    """`GET /rest/api/3/task/{taskId}`."""

    @schema.get_task
    def get(self, request: SignedInRequest, task_id: str) -> Any:
        body = representations.progress(services.find_job(request.user, task_id))
        response = Response(body, headers={"ETag": _etag(body), "Cache-Control": "private, no-cache"})
        return get_conditional_response(request._request, etag=response["ETag"], response=response)


class TaskCancelView(ApiView):
    """`POST /rest/api/3/task/{taskId}/cancel`."""

    required_scope = WRITE

    @schema.cancel_task
    def post(self, request: SignedInRequest, task_id: str) -> Response:
        services.cancel_export(request.user, task_id)
        return Response({}, status=202)


def _etag(body: dict[str, Any]) -> str:
    """Weak (RFC 9110, 8.8.1), because the one thing left out is the clock that runs while nothing happens."""
    told = {name: value for name, value in body.items() if name != "elapsedRuntime"}
    return f'W/"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}"'
