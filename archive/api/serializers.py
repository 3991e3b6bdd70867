"""The bodies of Jira's operation that takes issues out of the archive (contract)."""

from typing import Any, NoReturn

from rest_framework import serializers

from archive.errors import TooManyIssueKeys
from core.serializers import CountField, RequestBody, ResponseBody, TextsField

MOST_ISSUE_KEYS = 1_000


class IssueKeysField(TextsField):
    """A list of issue IDs and keys. If it is too long, the answer is 412 instead of 400, as in Jira."""

    def refuse_count(self, count: int) -> NoReturn:
        raise TooManyIssueKeys(count, self.most)


class IssueArchivalSyncRequest(RequestBody):
    """The issues to take out of the archive."""

    issueIdsOrKeys = IssueKeysField(
        most=MOST_ISSUE_KEYS,
        min_length=1,
        help_text="Issue IDs, and issue keys in upper or lower case. Duplicates are ignored.",
        style={"examples": [["FOO-1", "10002"]]},
        error_messages={
            "required": "is missing; give a list of issue IDs or keys.",
            "null": "must be a list of strings.",
            "min_length": "is empty; give at least one issue ID or key.",
        },
    )


class Error(ResponseBody):
    """The issues for which the operation failed in the same way."""

    count = CountField()
    issueIdsOrKeys = serializers.ListField(child=serializers.CharField())
    message = serializers.CharField()


class Errors(ResponseBody):
    """The kinds of errors that occurred. Jira has more kinds, which cannot happen here."""

    issuesNotFound = Error(required=False)


class IssueArchivalSyncResponse(ResponseBody):
    """What became of the issues."""

    numberOfIssuesUpdated = CountField(help_text="The issues that were removed from the archive.")
    errors: Any = Errors()
