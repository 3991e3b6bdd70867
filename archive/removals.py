"""What must leave the archive: issues by filter, and people everywhere they appear. Each leaves a line of history."""

import logging
import secrets
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace

from archive import monthly_counts
from archive.filters import IssueFilter
from archive.models import Account, ArchivedIssue, IssueType, Project, Removal
from archive.signals import account_anonymised
from core.errors import PortalError

logger = logging.getLogger(__name__)

PEOPLE = ("assignee_id", "reporter_id", "creator_id", "archived_by_id")
TEXTS = ("summary", "description", "environment", "parent_summary")
# How Jira's wiki markup names a person: Cloud, and Data Center.
MENTIONS = ("[~accountid:{}]", "[~{}]")


class NothingChosen(PortalError):
    """A removal without any filter."""

    def __init__(self) -> None:
        super().__init__("No filter is given, which would take out the whole archive: give one.")


class AccountNotFound(PortalError):
    """No account of this ID."""

    status = 404

    def __init__(self, account_id: str) -> None:
        super().__init__(f"The archive knows no account with the ID '{account_id[:128]}'.")


def choose_issues(body: dict[str, Any], keys: Iterable[str]) -> "QuerySet[ArchivedIssue]":
    """The issues that a filter, in the form of a REST body, and a list of keys select together.

    Raises:
        NothingChosen: neither narrows.
        InvalidFilter: a value names nothing the archive knows.
    """
    keys = list(keys)
    if not (body or keys):
        raise NothingChosen
    issues = IssueFilter.from_json(body).issues()
    return issues.filter(key__in=keys) if keys else issues


def remove_issues(issues: "QuerySet[ArchivedIssue]", kind: Removal.Kind, operator: str, asked: dict[str, Any]) -> int:
    """Take the issues out, with the people, types and projects that only they referred to; gives their number."""
    with transaction.atomic():
        people = _people_of(issues)
        projects, types = (
            set(issues.order_by().values_list(name, flat=True).distinct()) for name in ("project", "issue_type")
        )
        count = issues.order_by()._raw_delete(issues.db)
        monthly_counts.invalidate()
        Project.objects.filter(pk__in=projects, issues=None).delete()
        IssueType.objects.filter(pk__in=types, issues=None).delete()
        _forget_people(people)
        Removal.objects.create(kind=kind, operator=operator, filter=asked, issue_count=count)
    logger.warning("%s: %s issues, by %s, asked for %s", kind.label, count, operator, asked)
    return count


def _people_of(issues: "QuerySet[ArchivedIssue]") -> set[int]:
    people: set[int | None] = set()
    for name in PEOPLE:
        people.update(issues.order_by().values_list(name, flat=True).distinct())
    return {person for person in people if person is not None}


def _forget_people(people: set[int]) -> None:
    """Accounts that neither an issue nor a project refers to any more."""
    left = people | set(Project.objects.exclude(lead=None).values_list("lead_id", flat=True))
    for name in PEOPLE:
        named = ArchivedIssue.objects.filter(**{f"{name}__in": left}).order_by().values_list(name, flat=True).distinct()
        left -= set(named)
    led = set(Project.objects.filter(lead__in=left).values_list("lead_id", flat=True))
    Account.objects.filter(pk__in=left - led).delete()


def anonymise_account(account_id: str, operator: str) -> tuple[str, int]:
    """Replace a person's ID, name and e-mail everywhere; gives the new ID and how many issues name the person.

    Everywhere is: people fields, mentions in texts, and the filters of exports, which so can be run again.

    Raises:
        AccountNotFound: the archive does not know the ID.
    """
    new_id = f"anonymous-{secrets.token_hex(8)}"
    with transaction.atomic():
        changed = Account.objects.filter(account_id=account_id).update(account_id=new_id, name="", email="")
        if not changed:
            raise AccountNotFound(account_id)
        _replace_mentions(account_id, new_id)
        account_anonymised.send(Account, old_id=account_id, new_id=new_id)
        person = Account.objects.get(account_id=new_id)
        conditions = [Q(**{name: person.pk}) for name in PEOPLE]
        count = ArchivedIssue.objects.filter(conditions[0] | conditions[1] | conditions[2] | conditions[3]).count()
        Removal.objects.create(
            kind=Removal.Kind.ANONYMISED, operator=operator, filter={"account": new_id}, issue_count=count
        )
    logger.warning("Account anonymised: it is %s now, by %s", new_id, operator)
    return new_id, count


def _replace_mentions(old: str, new: str) -> None:
    for form in MENTIONS:
        for name in TEXTS:
            _replace(ArchivedIssue, name, form.format(old), form.format(new))
        _replace(Project, "description", form.format(old), form.format(new))


def _replace(model: type[models.Model], name: str, old: str, new: str) -> None:
    rows = model._default_manager.filter(**{f"{name}__contains": old})
    rows.update(**{name: Replace(F(name), Value(old), Value(new))})
