"""The proof beside the file: what was counted, written and hashed, for whoever may have the file."""

from rest_framework.response import Response

from accounts.api_view import ApiView
from accounts.permissions import SignedInRequest
from exports import services
from exports.api import schema


class ManifestView(ApiView):
    """`GET /exports/{id}/manifest.json`; it stays when the file has expired, for the copies that were taken."""

    @schema.get_manifest
    def get(self, request: SignedInRequest, job_id: str) -> Response:
        body = services.read_manifest(request.user, job_id)
        headers = {"Content-Disposition": f'inline; filename="{body["file"]}.manifest.json"'}
        return Response(body, headers=headers | {"Cache-Control": "private, no-store"})
