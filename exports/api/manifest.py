"""The verification manifest of a file."""

from rest_framework.response import Response

from accounts.api_permissions import SignedInRequest
from accounts.api_view import ApiView
from exports import services
from exports.api import schema


class ManifestView(ApiView):
    """`GET /exports/{taskId}/manifest.json`. It also answers after the file has expired, to verify copies of it."""

    @schema.get_manifest
    def get(self, request: SignedInRequest, task_id: str) -> Response:
        body = services.read_manifest(request.user, task_id)
        file_name = f"{body['file']}.manifest.json"
        headers = {"Content-Disposition": f'inline; filename="{file_name}"', "Cache-Control": "private, no-store"}
        return Response(body, headers=headers)
