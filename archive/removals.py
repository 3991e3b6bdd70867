"""Removing issues from the archive, and anonymising people everywhere. Each change is recorded as a Removal."""

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace

from accounts import audit
from archive import detail_removals, maintenance, monthly_counts, search_index
from archive.filters import IssueFilter, replace_account
from archive.models import Account, ArchivedIssue, IssueType, Project, Removal, RemovalKind
from archive.signals import account_anonymised
from core.errors import PortalError

logger = logging.getLogger(__name__)

PEOPLE_FIELDS = ("assignee_id", "reporter_id", "creator_id", "archived_by_id")
TEXT_FIELDS = ("summary", "description", "environment", "parent_summary")
# How Jira's wiki markup mentions a person, in Cloud and in Data Center.
MENTIONS = ("[~accountid:{}]", "[~{}]")


class NothingSelected(PortalError):
    """A removal without a filter."""

    def __init__(self) -> None:
        super().__init__("Give at least one filter. Without one, every issue would be removed.")


class AccountNotFound(PortalError):
    """The archive has no account with this ID."""

    status = 404

    def __init__(self, account_id: str) -> None:
        super().__init__(f'The archive has no account with the ID "{account_id[:128]}".')


def select_issues(body: dict[str, Any], keys: Iterable[str]) -> "QuerySet[ArchivedIssue]":
    """The issues that match both a filter, in the form of a REST body, and a list of issue keys.

    An empty filter or an empty list matches every issue, but one of the two must be given.

    Raises:
        NothingSelected: neither is given.
        InvalidFilter: the filter has a value that the archive does not have.
    """
    keys = list(keys)
    if not body and not keys:
        raise NothingSelected
    issues = IssueFilter.from_json(body).issues()
    if keys:
        issues = issues.filter(key__in=keys)
    return issues


def remove_issues(
    issues: "QuerySet[ArchivedIssue]", kind: RemovalKind, operator: str, selection: dict[str, Any]
) -> int:
    """Remove the issues as `remove_in_transaction` does, in a transaction of its own. Waits for a running import."""
    with maintenance.only_writer():
        return remove_in_transaction(issues, kind, operator, selection)


def remove_in_transaction(
    issues: "QuerySet[ArchivedIssue]", kind: RemovalKind, operator: str, selection: dict[str, Any]
) -> int:
    """Remove the issues, and the people, issue types and projects that no other issue refers to.

    `selection` is recorded as what was asked for. Returns the number of issues removed. The caller's transaction has
    called `wait_for_other_writers`.
    """
    people = _people_of(issues) | detail_removals.people_of(issues)
    projects = _values(issues, "project")
    types = _values(issues, "issue_type")
    columns = detail_removals.remove(issues)
    count = issues.order_by()._raw_delete(issues.db)
    monthly_counts.invalidate()
    detail_removals.remove_unused_columns(columns)
    Project.objects.filter(pk__in=projects, issues=None).delete()
    IssueType.objects.filter(pk__in=types, issues=None).delete()
    _delete_unreferenced_people(people)
    removal = Removal.objects.create(kind=kind, operator=operator, filter=selection, issue_count=count)
    _record("issues.removed", removal, {"kind": kind, "issue_count": count})
    maintenance.refresh_after_commit(count)
    logger.warning("%s by %s: %s issues, selected by %s", kind.label, operator, count, selection)
    return count


def _people_of(issues: "QuerySet[ArchivedIssue]") -> set[int]:
    """The primary keys of all accounts that the issues refer to."""
    people: set[int] = set()
    for name in PEOPLE_FIELDS:
        people |= _values(issues, name)
    return people


def _values(issues: "QuerySet[ArchivedIssue]", name: str) -> set[int]:
    """The distinct values of a foreign key, without NULL."""
    values = set(issues.order_by().values_list(name, flat=True).distinct())
    values.discard(None)
    return values


def _delete_unreferenced_people(people: set[int]) -> None:
    """Delete those of these accounts, and of all project leads, that no issue, detail and project refers to."""
    unreferenced = people | set(Project.objects.exclude(lead=None).values_list("lead_id", flat=True))
    for name in PEOPLE_FIELDS:
        unreferenced -= _values(ArchivedIssue.objects.filter(**{f"{name}__in": unreferenced}), name)
    unreferenced = detail_removals.without_details(unreferenced)
    leads = set(Project.objects.filter(lead__in=unreferenced).values_list("lead_id", flat=True))
    Account.objects.filter(pk__in=unreferenced - leads).delete()


def find_account(account_id: str) -> Account:
    """The account with this ID.

    Raises:
        AccountNotFound: the archive has no such account.
    """
    account = Account.objects.filter(account_id=account_id).first()
    if account is None:
        raise AccountNotFound(account_id)
    return account


def anonymise_account(account_id: str, operator: str) -> tuple[str, int]:
    """Replace a person's ID with a random one everywhere and remove the name and email.

    The ID is replaced in the people fields, in details, in mentions in texts, in the filters of earlier removals and,
    through the signal `account_anonymised`, in the stored filters of exports, so that they can still be run again, and
    in the options of imports. Waits for a running import. Returns the new ID and the number of issues that refer to
    the person.

    Raises:
        AccountNotFound: the archive has no such account.
    """
    new_id = f"anonymous-{secrets.token_hex(8)}"
    with maintenance.only_writer():
        updated_count = Account.objects.filter(account_id=account_id).update(account_id=new_id, name="", email="")
        if not updated_count:
            raise AccountNotFound(account_id)
        mentions = {mention.format(account_id): mention.format(new_id) for mention in MENTIONS}
        mentioning_ids = _replace_mentions(mentions)
        person = Account.objects.get(account_id=new_id)
        changed_ids = detail_removals.anonymise(person.pk, account_id, new_id, mentions)
        search_index.rewrite(mentioning_ids | changed_ids)
        _replace_in_removals(account_id, new_id)
        account_anonymised.send(Account, old_id=account_id, new_id=new_id)
        issue_count = _count_issues_of(person, changed_ids)
        removal = Removal.objects.create(
            kind=RemovalKind.ANONYMISED, operator=operator, filter={"account": new_id}, issue_count=issue_count
        )
        _record("account.anonymised", removal, {"issue_count": issue_count})
    logger.warning("Account anonymised by %s: the new ID is %s", operator, new_id)
    return new_id, issue_count


def _record(action: str, removal: Removal, details: dict[str, Any]) -> None:
    """Add the removal to the audit trail, without what selected the issues: it may name people."""
    audit.record(action, on=audit.Target("removal", removal.pk), details=details)


def _count_issues_of(person: Account, issue_ids: set[int]) -> int:
    """How many issues refer to the person in a people field, or have one of the IDs."""
    condition = Q(pk__in=issue_ids)
    for name in PEOPLE_FIELDS:
        condition |= Q(**{name: person.pk})
    return ArchivedIssue.objects.filter(condition).count()


def _replace_mentions(mentions: Mapping[str, str]) -> set[int]:
    """Replace them in all texts. Returns the IDs of the issues that had one."""
    issue_ids: set[int] = set()
    for old_text, new_text in mentions.items():
        for name in TEXT_FIELDS:
            issue_ids |= _replace_text(ArchivedIssue, name, old_text, new_text)
        _replace_text(Project, "description", old_text, new_text)
    return issue_ids


def _replace_text(model: type[models.Model], name: str, old_text: str, new_text: str) -> set[int]:
    """Replace it in the rows that have it. Returns their primary keys."""
    rows = model._default_manager.filter(**{f"{name}__contains": old_text})
    keys = set(rows.values_list("pk", flat=True))
    if keys:
        rows.update(**{name: Replace(F(name), Value(old_text), Value(new_text))})
    return keys


def _replace_in_removals(old_id: str, new_id: str) -> None:
    for removal in Removal.objects.exclude(filter={}):
        replaced = replace_account(removal.filter, old_id, new_id)
        if replaced != removal.filter:
            Removal.objects.filter(pk=removal.pk).update(filter=replaced)
