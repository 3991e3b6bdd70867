"""The OpenAPI description of the operation on the archive."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema

from accounts.openapi import COMMON_ERRORS, COMMON_HEADERS
from archive.api.serializers import MOST_ISSUE_KEYS, IssueArchivalSyncRequest, IssueArchivalSyncResponse
from archive.errors import TooManyIssueKeys
from core.openapi import answer, refusal

UNARCHIVED = {
    "numberOfIssuesUpdated": 1,
    "errors": {"issuesNotFound": {"count": 1, "issueIdsOrKeys": ["FOO-404"], "message": "Issue not found."}},
}

unarchive_issues: Callable[[Any], Any] = extend_schema(
    operation_id="unarchiveIssues",
    summary="Unarchive issues",
    description="Removes up to 1,000 issues from the archive because they were restored in Jira, and records the "
    "removal. Issues that are not in the archive are listed in the answer; all others are removed.",
    tags=["Archive"],
    request=IssueArchivalSyncRequest,
    parameters=COMMON_HEADERS,
    examples=[OpenApiExample("Two issues", value={"issueIdsOrKeys": ["FOO-1", "FOO-404"]}, request_only=True)],
    responses={
        200: answer(IssueArchivalSyncResponse, "Done.", UNARCHIVED),
        400: refusal(
            "The body is invalid.",
            "The request body contains invalid values. issueIdsOrKeys: must be a list of strings.",
            {"issueIdsOrKeys": "must be a list of strings."},
        ),
        412: refusal("More than 1,000 issue IDs or keys.", str(TooManyIssueKeys(1_001, MOST_ISSUE_KEYS))),
        413: refusal("The body is larger than 1 MiB.", "The request body is larger than 1 MiB."),
        415: refusal("The body is not JSON.", 'Unsupported media type "text/plain" in request.'),
    }
    | COMMON_ERRORS,
)
