"""What an admin can look up in the archive."""

from accounts.errors import NotAnAdmin
from accounts.models import User
from archive.errors import IssueNotFound
from archive.models import ArchivedIssue

RELATIONS = ("project__lead", "issue_type", "assignee", "reporter", "creator", "archived_by")


def find_issue(user: User, key: str) -> ArchivedIssue:
    """The archived issue with this key, in any case, with the project, issue type and people it refers to.

    Raises:
        NotAnAdmin: the user is not an admin.
        IssueNotFound: the archive has no such issue.
    """
    if not user.is_admin:
        raise NotAnAdmin
    issues = ArchivedIssue.objects.select_related(*RELATIONS)
    issue = issues.filter(key=key.upper().replace("\0", "")).first()
    if issue is None:
        raise IssueNotFound(key)
    return issue
