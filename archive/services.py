"""What an admin can look up in the archive, and take out of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import audit
from accounts.errors import NotAnAdmin
from accounts.models import User
from archive.errors import IssueNotFound
from archive.maintenance import wait_for_other_writers
from archive.models import ArchivedIssue, RemovalKind
from archive.removals import remove_in_transaction
from core.paging import is_id

RELATIONS = ("project__lead", "issue_type", "assignee", "reporter", "creator", "archived_by")


def find_issue(user: User, id_or_key: str) -> ArchivedIssue:
    """The archived issue with this ID (decimal digits) or key (in any case), with everything it refers to.

    That the user has seen it is recorded if AUDIT_ISSUE_VIEWS is on.

    Raises:
        NotAnAdmin: the user is not an admin.
        IssueNotFound: the archive has no such issue.
    """
    if not user.is_admin:
        raise NotAnAdmin
    issues = ArchivedIssue.objects.select_related(*RELATIONS)
    if is_id(id_or_key):
        issue = issues.filter(pk=int(id_or_key)).first()
    else:
        issue = issues.filter(key=id_or_key.upper().replace("\0", "")).first()
    if issue is None:
        raise IssueNotFound(id_or_key)
    if settings.AUDIT_ISSUE_VIEWS:
        audit.record("issue.viewed", on=audit.Target("issue", issue.pk, issue.key), user=user)
    return issue


@dataclass(frozen=True)
class Unarchived:
    """How many issues were taken out of the archive, and which of the given IDs and keys it does not have."""

    issue_count: int
    not_found: Sequence[str]


def unarchive_issues(user: User, ids_or_keys: Sequence[str]) -> Unarchived:
    """Take the issues with these IDs (decimal digits) or keys (in any case) out of the archive. Jira has them again.

    Recorded as a Removal, unless the archive has none of them.

    Raises:
        NotAnAdmin: the user is not an admin.
    """
    if not user.is_admin:
        raise NotAnAdmin
    ids = {int(name) for name in ids_or_keys if is_id(name)}
    keys = {name.upper() for name in ids_or_keys}
    wanted = ArchivedIssue.objects.filter(Q(pk__in=ids) | Q(key__in=keys)).order_by("pk")
    found: dict[str, int] = {}
    issue_count = 0
    with transaction.atomic():
        if wanted.exists():
            # So that of two requests for the same issue only one finds it.
            wait_for_other_writers()
            found = dict(wanted.values_list("key", "pk"))
        if found:
            issues = ArchivedIssue.objects.filter(pk__in=found.values())
            selection = {"issueIdsOrKeys": list(ids_or_keys)}
            issue_count = remove_in_transaction(issues, RemovalKind.UNARCHIVED, user.email, selection)
    found_names = {*found, *map(str, found.values())}
    return Unarchived(issue_count, _missing(ids_or_keys, found_names))


def _missing(ids_or_keys: Sequence[str], found_names: set[str]) -> list[str]:
    """The IDs and keys that are not among the found ones. Each is listed once, as it was given first."""
    missing: dict[str, str] = {}
    for given in ids_or_keys:
        name = given.upper()
        if is_id(given):
            name = str(int(given))
        if name not in found_names:
            missing.setdefault(name, given)
    return list(missing.values())
