"""The export's order cut into ranges of equal row counts, so that several connections can copy it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Q, QuerySet, Value

from archive.filters import MOST_ISSUES
from archive.models import COUNTS, ArchivedIssue
from archive.ordering import ORDER, Compare, Position

BEYOND: Position = (datetime.datetime.max.replace(tzinfo=datetime.UTC), 2**63 - 1)
"""Behind every issue."""


@dataclass(frozen=True)
class Range:
    """`rows` issues, from the position `start` to just before the position `end`."""

    rows: int
    start: Position
    end: Position


class Bound(Enum):
    """Stands among a statement's parameters where a range's own bound goes."""

    START_DATE, START_ID, END_DATE, END_ID = range(4)


def measure_sql(issues: "QuerySet[ArchivedIssue]", rows: int) -> tuple[str, tuple[Any, ...]]:
    """SQL that answers all there is to know before the first record, in one pass over an index.

    A record a range, in order: (rows in it, archived date and ID of its first issue, the longest of each
    list), up to one issue over the limit.
    """
    capped = issues.order_by(*ORDER).values(*ORDER, *COUNTS.values())[: MOST_ISSUES + 1]
    inner, params = capped.query.sql_with_params()
    is_first = f"WHERE (place - 1) %% {rows} = 0"
    widest = ", ".join(f"max({name})" for name in COUNTS.values())
    return (
        f"SELECT count(*), max(archived_date) FILTER ({is_first}), max(id) FILTER ({is_first}), {widest} "
        f"FROM (SELECT *, row_number() OVER (ORDER BY archived_date, id) AS place FROM ({inner}) found) placed "
        f"GROUP BY (place - 1) / {rows} ORDER BY (place - 1) / {rows}"
    ), params


def read_measures(records: Sequence[tuple[Any, ...]]) -> tuple[list[Range], dict[str, int]]:
    """Ranges and widths from that SQL's records; a list's column stands at least once."""
    starts = [(date, issue_id) for _, date, issue_id, *_ in records]
    ends = [*starts, BEYOND][1:]
    ranges = [Range(record[0], start, end) for record, start, end in zip(records, starts, ends, strict=True)]
    lists = zip(*(record[3:] for record in records), strict=True) if records else [(0,)] * len(COUNTS)
    return ranges, {source: max(1, *lengths) for source, lengths in zip(COUNTS, lists, strict=True)}


def within_bounds(issues: "QuerySet[ArchivedIssue]") -> "QuerySet[ArchivedIssue]":
    """The issues of any one range, so that its SQL, which Django takes milliseconds to write, is written once.

    The plain comparisons say nothing new; the planner estimates by them.
    """
    return issues.filter(
        Q(archived_date__gte=Value(Bound.START_DATE), archived_date__lte=Value(Bound.END_DATE)),
        Compare(">=", (Bound.START_DATE, Bound.START_ID)),
        Compare("<", (Bound.END_DATE, Bound.END_ID)),
    )


def put_bounds(params: Sequence[Any], part: Range) -> tuple[Any, ...]:
    """The parameters of that SQL for one range."""
    bounds = (*part.start, *part.end)
    return tuple(bounds[param.value] if isinstance(param, Bound) else param for param in params)
