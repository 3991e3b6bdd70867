"""Jira Cloud's operation that takes issues out of the archive."""

from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from accounts.api_permissions import HasScope, IsAdmin, SignedInRequest
from accounts.api_view import ApiView
from accounts.scopes import WRITE
from archive import services
from archive.api import schema
from archive.api.serializers import IssueArchivalSyncRequest, IssueArchivalSyncResponse

ISSUE_NOT_FOUND = "Issue not found."  # Jira's own words


class UnarchiveView(ApiView):
    """`PUT /rest/api/3/issue/unarchive`."""

    permission_classes = [IsAuthenticated, HasScope, IsAdmin]
    required_scope = WRITE

    @schema.unarchive_issues
    def put(self, request: SignedInRequest, version: str) -> Response:
        body = IssueArchivalSyncRequest.read(request.data)
        unarchived = services.unarchive_issues(request.user, body["issueIdsOrKeys"])
        errors = {}
        if unarchived.not_found:
            errors["issuesNotFound"] = {
                "count": len(unarchived.not_found),
                "issueIdsOrKeys": unarchived.not_found,
                "message": ISSUE_NOT_FOUND,
            }
        answer = {"numberOfIssuesUpdated": unarchived.issue_count, "errors": errors}
        return Response(IssueArchivalSyncResponse.of(answer))
