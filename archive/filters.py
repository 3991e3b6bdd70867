"""IssueFilter: the one way to say which archived issues are meant.

REST body, URL query and a job's stored filter are read into the same object, so the export has exactly the issues
that the page showed.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, F, Func, QuerySet
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler
from django.http import QueryDict

from archive import search_index
from archive.errors import InvalidFilter
from archive.filter_body import MOST_VALUES, ArchivedIssuesFilterRequest, WholeFilter
from archive.models import CLOUD_ID_LENGTH, Account, ArchivedIssue, IssueType, Project
from archive.search_index import Search
from archive.search_text import LONGEST_TEXT, clean_text
from core.texts import UNUSABLE, is_usable, quoted

MOST_ISSUES = 1_000_000
DATE_NAMES = ("dateAfter", "dateBefore")
# The first columns of the index issue_by_all_fields.
INDEXED_TOGETHER = ("project_id", "issue_type_id", "archived_by_id", "reporter_id")
MOST_LOOKUPS = 100_000  # in an index, by one query: a tenth of a second


@dataclass(frozen=True)
class ValueList:
    """A field of the filter that lists values, and where the archive has them.

    `attribute` is its name in IssueFilter. `lookup` is the field of `model` that holds the values, `column` the
    issue's foreign key to that model.
    """

    attribute: str
    model: type[Account | IssueType | Project]
    lookup: str
    column: str
    noun: str


VALUE_LISTS: Mapping[str, ValueList] = {
    "projects": ValueList("projects", Project, "key", "project_id", "project key"),
    "archivedBy": ValueList("archived_by", Account, "account_id", "archived_by_id", "account ID"),
    "issueTypes": ValueList("issue_types", IssueType, "type_id", "issue_type_id", "issue type ID"),
    "reporters": ValueList("reporters", Account, "account_id", "reporter_id", "account ID"),
}
"""By the field's name in REST bodies and URLs."""


@dataclass(frozen=True, kw_only=True)
class IssueFilter:
    """Selects archived issues. An issue must match every field, and one value of each list. An empty field matches all.

    `text` has words, "phrases" and prefixes* that the issue's texts must have (archive.search_text).
    `archived_after` and `archived_before` are dates. The interval is half-open, from midnight to midnight in the
    site's time zone. Either both are given or neither.
    """

    projects: tuple[str, ...] = ()
    archived_by: tuple[str, ...] = ()
    archived_after: datetime.date | None = None
    archived_before: datetime.date | None = None
    issue_types: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()
    text: str = ""

    @classmethod
    def from_json(cls, body: object) -> Self:
        """Read a filter in the form of `to_json`, such as a job's stored filter.

        Raises:
            InvalidFilter: one or more fields are wrong. It names all of them.
        """
        return cls(**WholeFilter.read(body))

    @classmethod
    def from_request(cls, body: object, query: QueryDict) -> Self:
        """Read Jira's REST body, and from the URL's query what Jira's body doesn't have: the parameter `text`.

        Raises:
            InvalidFilter: as `from_json`.
        """
        return replace(cls(**ArchivedIssuesFilterRequest.read(body)), text=cls.from_json(_text_in(query)).text)

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Read a page's URL. A list is a repeated parameter; other parameters are ignored.

        Raises:
            InvalidFilter: as `from_json`.
        """
        body: dict[str, Any] = {}
        for name in VALUE_LISTS:
            body[name] = [value for value in query.getlist(name) if value]
        return cls.from_json(body | _text_in(query) | _dates_in(query))

    @classmethod
    def lenient_from_query(cls, query: QueryDict) -> Self:
        """Read what can be used of a page's URL and leave out the rest, so that a form can show it. Never raises."""
        body: dict[str, Any] = {}
        for name in VALUE_LISTS:
            body[name] = _usable_values(query.getlist(name))
        text = UNUSABLE.sub("", query.get("text", ""))
        body["text"] = clean_text(text)[:LONGEST_TEXT]
        try:
            return cls.from_json(body | _dates_in(query))
        except InvalidFilter:  # the dates are wrong; nothing else can be
            return cls.from_json(body)

    def values_of(self, name: str) -> tuple[str, ...]:
        """The values of the list with this name in REST bodies."""
        values: tuple[str, ...] = getattr(self, VALUE_LISTS[name].attribute)
        return values

    def to_json(self) -> dict[str, Any]:
        """The canonical REST body, with `text` beside Jira's fields. `from_json` reads an equal filter from it."""
        body: dict[str, Any] = {}
        for name in VALUE_LISTS:
            values = self.values_of(name)
            if values:
                body[name] = list(values)
        if self.archived_after and self.archived_before:
            body["archivedDateRange"] = {
                "dateAfter": self.archived_after.isoformat(),
                "dateBefore": self.archived_before.isoformat(),
            }
        if self.text:
            body["text"] = self.text
        return body

    def to_query(self) -> str:
        """The filter as a URL query. `from_query` reads an equal filter from it."""
        query = QueryDict(mutable=True)
        for name, value in self.to_json().items():
            if isinstance(value, list):
                query.setlist(name, value)
            elif isinstance(value, str):
                query[name] = value
            else:
                query.update(value)
        return query.urlencode()

    def payload(self) -> str:
        """The filter in the form of Jira's example (contract: `payload`)."""
        parts = [self._listed(name) for name in ("projects", "reporters", "issueTypes")]
        if self.archived_after:
            dates = f"dateAfterInstant={self.archived_after}, dateBeforeInstant={self.archived_before}"
            parts.append(f"archivedDate={{{dates}}}")
        parts.append(self._listed("archivedBy"))
        if self.text:
            parts.append(f"text={self.text}")
        return f"{{{', '.join(filter(None, parts))}}}"

    def summary(self) -> dict[str, Any]:
        """The filter for the audit trail, in which nobody can be anonymised: of account IDs and words, their number."""
        summary: dict[str, Any] = {}
        for name, field in VALUE_LISTS.items():
            values = self.values_of(name)
            if values and field.model is Account:
                summary[name] = len(values)
            elif values:
                summary[name] = ", ".join(values)
        if self.archived_after:
            summary["dateAfter"] = self.archived_after
            summary["dateBefore"] = self.archived_before
        if self.text:
            summary["text"] = len(self.text.split())
        return summary

    def _listed(self, name: str) -> str:
        """One list of the payload; empty if it does not filter."""
        values = self.values_of(name)
        if not values:
            return ""
        return f"{name}=[{', '.join(values)}]"

    def issues(self) -> QuerySet[ArchivedIssue]:
        """The issues this filter selects. Looking up the values costs one query per list.

        Raises:
            InvalidFilter: the archive does not have some of the values. It names all of them.
        """
        return self.on_its_dates(self.issues_of_all_dates())

    def issues_of_all_dates(self, search: Search | None = None) -> QuerySet[ArchivedIssue]:
        """The issues that match every field but the dates.

        `search` is the filter's text, if it was looked up already; then the queryset finds what it found.

        Raises:
            InvalidFilter: as `issues`.
        """
        ids_by_column: dict[str, list[int]] = {}
        errors = {}
        for name, field in VALUE_LISTS.items():
            wanted = self.values_of(name)
            if not wanted:
                continue
            ids = _ids_by_value(field, wanted)
            missing = [value for value in wanted if value not in ids]
            if missing:
                errors[name] = f"the archive has no {field.noun} {quoted(missing)}."
            ids_by_column[field.column] = list(ids.values())
        if errors:
            raise InvalidFilter(errors)
        issues = _issues_with(ids_by_column)
        if search is not None:
            return issues.filter(search.condition())
        if self.text:
            return issues.filter(search_index.condition(self.text))
        return issues

    def on_its_dates(self, issues: QuerySet[ArchivedIssue]) -> QuerySet[ArchivedIssue]:
        """Those of the issues that were archived between the filter's dates."""
        if not self.archived_after or not self.archived_before:
            return issues
        return issues.filter(
            archived_date__gte=_midnight(self.archived_after), archived_date__lt=_midnight(self.archived_before)
        )

    def __bool__(self) -> bool:
        """Whether any field is given."""
        return self != IssueFilter()


class _Unindexed(Func):
    """A column as an expression for which SQLite uses no index. PostgreSQL's planner needs no such help."""

    template = "%(expressions)s"
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s")


def _issues_with(ids_by_column: Mapping[str, list[int]]) -> QuerySet[ArchivedIssue]:
    """The issues that have one of the IDs in each of the columns."""
    too_long = _find_too_long(ids_by_column)
    issues = ArchivedIssue.objects.all()
    for column, ids in ids_by_column.items():
        if column == too_long:
            issues = issues.filter(In(_Unindexed(F(column)), ids))
        else:
            issues = issues.filter(**{f"{column}__in": ids})
    return issues


def _find_too_long(ids_by_column: Mapping[str, list[int]]) -> str:
    """The first column whose values are too many to look up in INDEXED_TOGETHER; "" if there is none.

    SQLite looks up every combination of the values in that index: of four lists of 1,000 values, a million millions.
    """
    combination_count = 1
    for column in INDEXED_TOGETHER:
        if column not in ids_by_column:
            break
        combination_count *= len(ids_by_column[column])
        if combination_count > MOST_LOOKUPS:
            return column
    return ""


def up_to_limit(issues: QuerySet[ArchivedIssue]) -> QuerySet[ArchivedIssue]:
    """The issues in any order, at most one more than the limit: that is enough to know whether there are too many."""
    order: tuple[str, ...] = ()
    if not issues.query.where:
        # Without a filter SQLite would read the table, which is a hundred times as large as the index of this order.
        order = ("archived_date", "id")
    return issues.order_by(*order)[: MOST_ISSUES + 1]


def count_up_to_limit(issues: QuerySet[ArchivedIssue]) -> int:
    """The number of issues, but at most MOST_ISSUES + 1, which means "too many"."""
    return up_to_limit(issues).values("archived_date").count()


def replace_account(body: Mapping[str, Any], old_id: str, new_id: str) -> dict[str, Any]:
    """The stored filter with another account ID in its lists of accounts and in its search text.

    A short ID may be a word that means something else, so it stays in the text.
    """
    replaced = dict(body)
    if len(old_id) >= CLOUD_ID_LENGTH and old_id in body.get("text", ""):
        replaced["text"] = body["text"].replace(old_id, new_id)
    for name, field in VALUE_LISTS.items():
        if field.model is Account and name in body:
            replaced[name] = [new_id if value == old_id else value for value in body[name]]
    return replaced


def _usable_values(texts: Iterable[str]) -> list[str]:
    """The texts without NUL, each once, as far as they can be values, and no more than a list may hold."""
    usable: dict[str, None] = {}
    for text in texts:
        value = text.replace("\0", "")
        if is_usable(value):
            usable[value] = None
    return list(usable)[:MOST_VALUES]


def _text_in(query: QueryDict) -> dict[str, Any]:
    """The search text of a URL as a part of a filter."""
    return {"text": query.get("text", "")}


def _dates_in(query: QueryDict) -> dict[str, Any]:
    """The dates of a page's URL as a part of a REST body."""
    dates = {name: query[name] for name in DATE_NAMES if query.get(name)}
    if not dates:
        return {}
    return {"archivedDateRange": dates}


def _ids_by_value(field: ValueList, wanted: Iterable[str]) -> dict[str, int]:
    """The primary keys of those of the wanted values that the archive has."""
    rows = field.model._default_manager.filter(**{f"{field.lookup}__in": wanted})
    return dict(rows.values_list(field.lookup, "pk"))


def _midnight(day: datetime.date) -> datetime.datetime:
    """The start of the day in the site's time zone. The first and last day are moved so that a UTC time exists."""
    earliest = datetime.date(1, 1, 2)
    latest = datetime.date(9999, 12, 30)
    day = min(max(day, earliest), latest)
    return datetime.datetime.combine(day, datetime.time(), ZoneInfo(settings.TIME_ZONE))
