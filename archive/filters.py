"""IssueFilter: the one way to say which archived issues are meant.

REST body, URL query and a job's stored filter are the same object, so what was seen is what is exported.
Field names, meanings and limits are those of Jira's `exportArchivedIssues` operation.
"""

import datetime
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict

from archive.errors import InvalidFilter
from archive.models import Account, ArchivedIssue, IssueType, Project

MOST_ISSUES = 1_000_000
MOST_VALUES = 1_000
DATE_NAMES = ("dateAfter", "dateBefore")
DATE_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
RANGE_NAMES = ("archivedDateRange", "archivedDate")


@dataclass(frozen=True)
class _List:
    """A filter that lists values: its REST name, and where the values are looked up."""

    attribute: str
    name: str
    model: type[Account | IssueType | Project]
    lookup: str
    column: str
    noun: str


LISTS = (
    _List("projects", "projects", Project, "key", "project_id", "project key"),
    _List("archived_by", "archivedBy", Account, "account_id", "archived_by_id", "account ID"),
    _List("issue_types", "issueTypes", IssueType, "type_id", "issue_type_id", "issue type ID"),
    _List("reporters", "reporters", Account, "account_id", "reporter_id", "account ID"),
)


@dataclass(frozen=True, kw_only=True)
class IssueFilter:
    """Narrows the archive: fields narrow together, values inside one field widen, an empty field is no filter.

    `archived_after` and `archived_before` are dates; the interval is half-open, from midnight to midnight
    in the site's time zone, and either both are given or neither.
    """

    projects: tuple[str, ...] = ()
    archived_by: tuple[str, ...] = ()
    archived_after: datetime.date | None = None
    archived_before: datetime.date | None = None
    issue_types: tuple[str, ...] = ()
    reporters: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read a REST body or a job's stored filter.

        Raises:
            InvalidFilter: with a sentence for every field that is wrong, not only the first.
        """
        if not isinstance(body, Mapping):
            raise InvalidFilter({"body": "must be a JSON object, such as {}."})
        parser = _Parser(body)
        values: dict[str, Any] = {item.attribute: parser.texts(item.name) for item in LISTS}
        values["archived_after"], values["archived_before"] = parser.date_range()
        parser.refuse_unknown()
        parser.finish()
        return cls(**values | {"projects": tuple(dict.fromkeys(key.upper() for key in values["projects"]))})

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """Read a page's URL, in which a list is a repeated parameter; parameters of other use are passed over."""
        body: dict[str, Any] = {item.name: [value for value in query.getlist(item.name) if value] for item in LISTS}
        dates = {name: query[name] for name in DATE_NAMES if query.get(name)}
        return cls.from_json(body | ({"archivedDateRange": dates} if dates else {}))

    def to_json(self) -> dict[str, Any]:
        """The canonical REST body; `from_json` reads it back to an equal filter."""
        body: dict[str, Any] = {item.name: list(values) for item in LISTS if (values := getattr(self, item.attribute))}
        if self.archived_after and self.archived_before:
            dates = (self.archived_after.isoformat(), self.archived_before.isoformat())
            body["archivedDateRange"] = dict(zip(DATE_NAMES, dates, strict=True))
        return body

    def to_query(self) -> str:
        """The filter as a URL query; `from_query` reads it back to an equal filter."""
        query = QueryDict(mutable=True)
        for name, value in self.to_json().items():
            if isinstance(value, list):
                query.setlist(name, value)
            else:
                query.update(value)
        return query.urlencode()

    def payload(self) -> str:
        """The filter in the form of Jira's example (contract: `payload`)."""
        body = self.to_json()
        parts = [
            f"{name}=[{', '.join(body[name])}]" for name in ("projects", "reporters", "issueTypes") if name in body
        ]
        if self.archived_after:
            parts.append(
                f"archivedDate={{dateAfterInstant={self.archived_after}, dateBeforeInstant={self.archived_before}}}"
            )
        if "archivedBy" in body:
            parts.append(f"archivedBy=[{', '.join(body['archivedBy'])}]")
        return f"{{{', '.join(parts)}}}"

    def issues(self) -> QuerySet[ArchivedIssue]:
        """The issues this filter selects. One query a list turns values into keys of the database.

        Raises:
            InvalidFilter: a value names nothing the archive knows; every such value is listed.
        """
        return self.on_its_dates(self.issues_of_all_dates())

    def issues_of_all_dates(self) -> QuerySet[ArchivedIssue]:
        """What every field but the dates selects; raises as `issues`."""
        issues, unknown = ArchivedIssue.objects.all(), dict[str, str]()
        for item in LISTS:
            if not (wanted := getattr(self, item.attribute)):
                continue
            known = _known(item, wanted)
            if missing := [value for value in wanted if value not in known]:
                unknown[item.name] = f"the archive has no {item.noun} {_quoted(missing)}."
            issues = issues.filter(**{f"{item.column}__in": list(known.values())})
        if unknown:
            raise InvalidFilter(unknown)
        return issues

    def on_its_dates(self, issues: QuerySet[ArchivedIssue]) -> QuerySet[ArchivedIssue]:
        """Those of the issues that were archived within the filter's dates."""
        return issues.filter(**self._instants())

    def _instants(self) -> dict[str, datetime.datetime]:
        if not (self.archived_after and self.archived_before):
            return {}
        return {
            "archived_date__gte": _midnight(self.archived_after),
            "archived_date__lt": _midnight(self.archived_before),
        }

    def __bool__(self) -> bool:
        """Whether anything is narrowed at all."""
        return any(getattr(self, field.name) for field in fields(self))


def up_to_limit(issues: QuerySet[ArchivedIssue]) -> QuerySet[ArchivedIssue]:
    """The issues in no order, but no more than one over the limit, which is enough to know it is passed."""
    # Without a filter SQLite would read the table, a hundred times an index: the order names one.
    order = () if issues.query.where else ("archived_date", "id")
    return issues.order_by(*order)[: MOST_ISSUES + 1]


def count_up_to_limit(issues: QuerySet[ArchivedIssue]) -> int:
    """Count the issues, but no further than one over the limit: MOST_ISSUES + 1 means "too many"."""
    return up_to_limit(issues).values("archived_date").count()


class _Parser:
    """Reads one body, gathering every complaint before it raises."""

    def __init__(self, body: Mapping[Any, Any]) -> None:
        self.body = body
        self.errors: dict[str, str] = {}

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.body.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.errors[name] = "must be a list of strings."
        elif len(value) > MOST_VALUES:
            self.errors[name] = f"holds {len(value):,} values; at most {MOST_VALUES:,} are allowed."
        elif unusable := [item for item in value if not _may_be_value(item)]:
            self.errors[name] = f"holds {_quoted(unusable)}, which cannot be a value."
        else:
            return tuple(dict.fromkeys(value))
        return ()

    def date_range(self) -> tuple[datetime.date | None, datetime.date | None]:
        given = {name: self.body[name] for name in RANGE_NAMES if self.body.get(name) is not None}
        ranges = {name: self._range(name, value) for name, value in given.items()}
        if len(set(ranges.values())) > 1 and not self.errors:
            self.errors["archivedDate"] = "differs from archivedDateRange; give one of them."
        return next(iter(ranges.values()), (None, None))

    def _range(self, name: str, value: Any) -> tuple[datetime.date | None, datetime.date | None]:
        if not isinstance(value, Mapping):
            self.errors[name] = "must be an object with dateAfter and dateBefore."
            return None, None
        for key in value:
            if key not in DATE_NAMES:
                self.errors[f"{name}.{_printable(key)}"] = "is no part of a date range; use dateAfter and dateBefore."
        after, before = (self._date(f"{name}.{key}", value.get(key)) for key in DATE_NAMES)
        if after and before and after >= before:
            self.errors[name] = f"dateAfter {after} is not earlier than dateBefore {before}."
        return after, before

    def _date(self, name: str, value: Any) -> datetime.date | None:
        if value is None:
            self.errors[name] = "is missing; dateAfter and dateBefore go together."
            return None
        try:
            if isinstance(value, str) and DATE_FORM.fullmatch(value):
                return datetime.date.fromisoformat(value)
        except ValueError:  # such as 2023-02-30
            pass
        self.errors[name] = f"{_shown(value)} is no date of the form YYYY-MM-DD."
        return None

    def refuse_unknown(self) -> None:
        """A misspelt filter must never export everything."""
        known = [*(item.name for item in LISTS), *RANGE_NAMES]
        for name in self.body:
            if name not in known:
                self.errors[_printable(name)] = f"is no filter; use {', '.join(known)}."

    def finish(self) -> None:
        if self.errors:
            raise InvalidFilter(self.errors)


def _known(item: _List, wanted: Iterable[str]) -> dict[str, int]:
    found = item.model._default_manager.filter(**{f"{item.lookup}__in": wanted})
    return dict(found.values_list(item.lookup, "pk"))


def _midnight(day: datetime.date) -> datetime.datetime:
    """Midnight in the site's zone, kept where every zone's midnight has a UTC time."""
    day = min(max(day, datetime.date(1, 1, 2)), datetime.date(9999, 12, 30))
    return datetime.datetime.combine(day, datetime.time(), ZoneInfo(settings.TIME_ZONE))


def _may_be_value(text: str) -> bool:
    """Whether a database can hold it: JSON may carry NUL and lone surrogates."""
    return bool(text.strip()) and "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(_shown(value) for value in values)


def _shown(value: object) -> str:
    return f"'{_printable(value if isinstance(value, str) else reprlib.repr(value))}'"


def _printable(text: str) -> str:
    """What can be sent and shown: JSON may carry lone surrogates, and any length."""
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    return text if len(text) <= 80 else text[:79] + "…"
