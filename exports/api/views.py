"""Jira Cloud's three operations."""

import hashlib
import json
from typing import Any

from django.utils.cache import get_conditional_response
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import HasScope, IsAdmin, SignedInRequest
from accounts.scopes import READ, WRITE
from exports import services
from exports.api import bodies, schema
from exports.errors import InvalidFilter
from exports.filters import IssueFilter


class ApiView(APIView):
    """An operation that has no other methods than its own (no OPTIONS), and needs a scope of a token."""

    metadata_class = None
    permission_classes = [IsAuthenticated, HasScope]
    required_scope = READ

    @property
    def allowed_methods(self) -> list[str]:
        return [method for method in super().allowed_methods if method != "OPTIONS"]


class ArchiveExportView(ApiView):
    """`PUT /rest/api/3/issues/archive/export`."""

    permission_classes = [IsAuthenticated, HasScope, IsAdmin]

    @schema.export_archived_issues
    def put(self, request: SignedInRequest) -> Response:
        if not request._request.body:
            raise InvalidFilter({"body": "is missing; send a JSON object, such as {}."})
        job = services.request_export(request.user, IssueFilter.from_json(request.data))
        return Response(bodies.submitted(job), status=202, headers={"Location": bodies.task_url(job)})


class TaskView(ApiView):
    """`GET /rest/api/3/task/{taskId}`."""

    @schema.get_task
    def get(self, request: SignedInRequest, task_id: str) -> Any:
        body = bodies.progress(services.find_job(request.user, task_id))
        response = Response(body, headers={"ETag": _etag(body), "Cache-Control": "private, no-cache"})
        return get_conditional_response(request._request, etag=response["ETag"], response=response)


class TaskCancelView(ApiView):
    """`POST /rest/api/3/task/{taskId}/cancel`."""

    required_scope = WRITE

    @schema.cancel_task
    def post(self, request: SignedInRequest, task_id: str) -> Response:
        services.cancel_export(request.user, task_id)
        return Response({}, status=202)


class UnknownView(APIView):
    """Any other address under /rest/."""

    schema = None
    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound("There is nothing at this address.")


def _etag(body: dict[str, Any]) -> str:
    """Weak (RFC 9110, 8.8.1), because the one thing left out is the clock that runs while nothing happens."""
    told = {name: value for name, value in body.items() if name != "elapsedRuntime"}
    return f'W/"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}"'
