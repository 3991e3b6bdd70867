"""Errors of questions to the archive."""

from core.errors import InvalidBody, PortalError


class InvalidFilter(InvalidBody):
    """A filter that cannot be used (contract: 400)."""

    title = "This filter cannot be used"
    opening = "Your filter contains invalid values."


class IssueNotFound(PortalError):
    """The archive has no issue with this ID or key."""

    status = 404
    title = "Not found"

    def __init__(self, key: str) -> None:
        super().__init__(f"The archive has no issue with the key {key}.")


class TooManyIssueKeys(PortalError):
    """More issues in one request than Jira's API allows (contract: 412)."""

    status = 412
    title = "Too many issues"

    def __init__(self, count: int, most: int) -> None:
        super().__init__(f"The request has {count:,} issue IDs or keys; at most {most:,} are allowed. Send several.")
