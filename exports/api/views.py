"""Jira Cloud's three operations."""

from django.http import HttpRequest
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import SignedInRequest
from exports import services
from exports.api import bodies
from exports.errors import InvalidFilter
from exports.filters import IssueFilter


class ArchiveExportView(APIView):
    """`PUT /rest/api/3/issues/archive/export`."""

    def put(self, request: SignedInRequest) -> Response:
        if not request._request.body:
            raise InvalidFilter({"body": "is missing; send a JSON object, such as {}."})
        job = services.request_export(request.user, IssueFilter.from_json(request.data))
        return Response(bodies.submitted(job), status=202, headers={"Location": bodies.task_url(job)})


class TaskView(APIView):
    """`GET /rest/api/3/task/{taskId}`."""

    permission_classes = [IsAuthenticated]

    def get(self, request: SignedInRequest, task_id: str) -> Response:
        return Response(bodies.progress(services.find_job(request.user, task_id)))


class TaskCancelView(APIView):
    """`POST /rest/api/3/task/{taskId}/cancel`."""

    permission_classes = [IsAuthenticated]

    def post(self, request: SignedInRequest, task_id: str) -> Response:
        services.cancel_export(request.user, task_id)
        return Response({}, status=202)


class UnknownView(APIView):
    """Any other address under /rest/."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def initial(self, request: HttpRequest, *args: object, **kwargs: object) -> None:
        raise NotFound("There is nothing at this address.")
