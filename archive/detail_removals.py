"""Details in removals: who is named in them, removing them with their issues, and anonymising a person in them."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from archive.detail_values import ID_MEMBERS, Json, person_id, texts_of, to_json
from archive.models import CLOUD_ID_LENGTH, Account, ArchivedIssue, DetailColumn, DetailPerson, IssueDetail

NAME_MEMBERS = ("displayName", "emailAddress")
# Members of a change in the history: for each that may have an account ID, the one that has the person's name.
CHANGE_MEMBERS = {"from": "fromString", "to": "toString", "tmpFromAccountId": "", "tmpToAccountId": ""}
PEOPLE_FIELDS = frozenset({"assignee", "reporter", "creator"})
BATCH_ROWS = 200


def people_of(issues: "QuerySet[ArchivedIssue]") -> set[int]:
    """The primary keys of the accounts whom the issues' details name."""
    named = DetailPerson.objects.filter(issue__in=issues.order_by().values("pk"))
    return set(named.values_list("account_id", flat=True).distinct())


def without_details(accounts: set[int]) -> set[int]:
    """Those of the accounts, given by primary keys, whom no detail names."""
    named = Account.objects.filter(Exists(DetailPerson.objects.filter(account=OuterRef("pk"))), pk__in=accounts)
    return accounts - set(named.values_list("pk", flat=True))


def remove(issues: "QuerySet[ArchivedIssue]") -> set[int]:
    """Remove the issues' details. Returns the primary keys of their columns, for `remove_unused_columns`."""
    chosen = issues.order_by().values("pk")
    details = IssueDetail.objects.filter(issue__in=chosen)
    columns = set(details.values_list("column_id", flat=True).distinct())
    details._raw_delete(details.db)
    people = DetailPerson.objects.filter(issue__in=chosen)
    people._raw_delete(people.db)
    return columns


def remove_unused_columns(columns: Iterable[int]) -> None:
    """Remove those of the columns, given by primary keys, that no issue has."""
    used = Exists(IssueDetail.objects.filter(column=OuterRef("pk")))
    DetailColumn.objects.filter(~used, pk__in=columns).delete()


def anonymise(account: int, old_id: str, new_id: str, mentions: Mapping[str, str]) -> set[int]:
    """Replace a person's ID, remove the name, and replace mentions in all details.

    `account` is the person's primary key. Returns the IDs of the issues whose details named or mentioned the person.
    """
    rewriter = _Rewriter(old_id, new_id, mentions)
    issue_ids = set(DetailPerson.objects.filter(account=account).values_list("issue_id", flat=True))
    found = iter(list(_find(account, old_id)))
    while batch := list(islice(found, BATCH_ROWS)):
        for detail in IssueDetail.objects.filter(pk__in=batch):
            if rewriter.rewrite_detail(detail):
                IssueDetail.objects.filter(pk=detail.pk).update(items=detail.items, value=detail.value)
                issue_ids.add(detail.issue_id)
    return issue_ids


def _find(account: int, old_id: str) -> "QuerySet[IssueDetail, tuple[int, int]]":
    """The primary keys of all details that may have the ID."""
    text = to_json(old_id)[1:-1]
    issues = DetailPerson.objects.filter(account=account).values("issue")
    details = IssueDetail.objects.annotate(items_text=Cast("items", TextField()), value_text=Cast("value", TextField()))
    contain = Q(items_text__contains=text) | Q(value_text__contains=text)
    return details.filter(Q(issue__in=issues) | contain).values_list("issue_id", "column_id")


class _Rewriter:
    """Rewrites JSON so that it no longer names a person."""

    def __init__(self, old_id: str, new_id: str, mentions: Mapping[str, str]) -> None:
        self._old_id = old_id
        self._new_id = new_id
        self._mentions = mentions
        # The ID in a list of account IDs, as the history has it.
        self._in_list = re.compile(rf"(?<=[\[, ]){re.escape(old_id)}(?=[\], ])")

    def rewrite_detail(self, detail: IssueDetail) -> bool:
        """Change the detail; returns whether it differs."""
        items = self._rewrite(detail.items)
        value = self._rewrite(detail.value)
        if value != detail.value:
            items = texts_of(value)
        if items == detail.items:
            return False
        detail.items = items
        detail.value = value
        return True

    def _rewrite(self, value: Json) -> Json:
        if isinstance(value, str):
            return self._rewrite_text(value)
        if isinstance(value, list):
            return [self._rewrite(item) for item in value]
        if isinstance(value, dict):
            return self._rewrite_object(value)
        return value

    def _rewrite_text(self, text: str) -> str:
        if text == self._old_id and len(text) >= CLOUD_ID_LENGTH:
            return self._new_id
        for old, new in self._mentions.items():
            text = text.replace(old, new)
        return text

    def _rewrite_object(self, value: Mapping[str, Json]) -> Json:
        rewritten = {name: self._rewrite(member) for name, member in value.items()}
        if self._is_the_person(value):
            for name in ID_MEMBERS:
                if name in value:
                    rewritten[name] = self._new_id
            for name in NAME_MEMBERS:
                if name in value:
                    rewritten[name] = ""
        if _may_change_people(value):
            rewritten |= self._rewrite_change(value)
        return rewritten

    def _is_the_person(self, value: Mapping[str, Json]) -> bool:
        if value.get("accountId") == self._old_id:
            return True
        return "displayName" in value and person_id(value) == self._old_id

    def _rewrite_change(self, change: Mapping[str, Json]) -> dict[str, Json]:
        """The members that differ."""
        rewritten: dict[str, Json] = {}
        for member, name in CHANGE_MEMBERS.items():
            text = change.get(member)
            if not isinstance(text, str):
                continue
            new_text = self._new_id
            if text != self._old_id:
                new_text = self._in_list.sub(self._new_id, text)
            if new_text == text:
                continue
            rewritten[member] = new_text
            if name:
                rewritten[name] = ""
        return rewritten


def _may_change_people(change: Mapping[str, Any]) -> bool:
    """Whether it is a change in the history of a field that may have people."""
    if "field" not in change:
        return False
    return change.get("fieldtype") == "custom" or change["field"] in PEOPLE_FIELDS or "tmpFromAccountId" in change
