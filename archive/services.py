"""What a person may ask of the archive."""

from accounts.errors import NotAnAdmin
from accounts.models import User
from archive.errors import IssueNotFound
from archive.models import ArchivedIssue

NAMED = ("project__lead", "issue_type", "assignee", "reporter", "creator", "archived_by")


def find_issue(user: User, key: str) -> ArchivedIssue:
    """The archived issue with this key, whatever its case, with the people, project and type it names.

    Raises:
        NotAnAdmin: only admins may see the archive.
        IssueNotFound: there is no such issue.
    """
    if not user.is_admin:
        raise NotAnAdmin
    issues = ArchivedIssue.objects.select_related(*NAMED)
    issue = issues.filter(key=key.upper().replace("\0", "")).first()
    if issue is None:
        raise IssueNotFound(key)
    return issue
