"""What a token may be allowed to do, in Jira's names: two classic scopes, and two granular ones that allow less."""

from collections.abc import Iterable

READ = "read:jira-work"
WRITE = "write:jira-work"
READ_ISSUE = "read:issue:jira"
DELETE_TASK = "delete:async-task:jira"

SCOPES = {
    READ: "Ask for exports, follow them and download their files",
    WRITE: "Cancel exports and take issues out of the archive",
    READ_ISSUE: "Ask for exports and follow them",
    DELETE_TASK: "Cancel exports",
}
CLASSIC_SCOPE = {READ_ISSUE: READ, DELETE_TASK: WRITE}
"""For each granular scope, the classic one that includes it."""


def included_scopes(scopes: Iterable[str]) -> list[str]:
    """These scopes and the granular ones that they include."""
    found = set(scopes)
    for granular, classic in CLASSIC_SCOPE.items():
        if classic in found:
            found.add(granular)
    return sorted(found)


def accepted_scopes(required: str) -> list[str]:
    """The scopes of which a token needs one, the classic one first."""
    if required in CLASSIC_SCOPE:
        return [CLASSIC_SCOPE[required], required]
    return [required]
