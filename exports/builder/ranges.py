"""Divide an export into ranges with equal numbers of rows, so that several connections can copy it."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Q, QuerySet, Value

from archive.filters import MOST_ISSUES
from archive.models import COUNTS, ArchivedIssue
from archive.ordering import ORDERING, Compare, Position

# While one range is written to the file, the ranges after it usually wait in memory as a whole. Short ranges need
# little memory, but each one costs a query plan and starts with cold caches.
RANGE_ROWS = 2_500
AFTER_LAST: Position = (datetime.datetime.max.replace(tzinfo=datetime.UTC), 2**63 - 1)
"""A position after every issue."""


@dataclass(frozen=True)
class Range:
    """`row_count` issues, from the position `start` to just before the position `end`.

    Positions are as the database's driver returns them. On SQLite, dates are texts.
    """

    row_count: int
    start: tuple[Any, Any]
    end: tuple[Any, Any]


class Bound(Enum):
    """A placeholder among a statement's parameters, which `put_bounds` replaces with a range's bound."""

    START_DATE, START_ID, END_DATE, END_ID = range(4)


def measure_sql(issues: "QuerySet[ArchivedIssue]", range_rows: int) -> tuple[str, tuple[Any, ...]]:
    """SQL for all that must be known before the first record is written, in one pass over an index.

    It returns one record per range of `range_rows` issues, in order: (number of rows, archived date and ID of the
    first issue, then the greatest length of each list). It stops one issue after the limit.
    """
    capped = issues.order_by(*ORDERING).values(*ORDERING, *COUNTS.values())[: MOST_ISSUES + 1]
    inner, params = capped.query.sql_with_params()
    is_first = f"WHERE (place - 1) %% {range_rows} = 0"
    longest = ", ".join(f"max({name})" for name in COUNTS.values())
    return (
        f"SELECT count(*), max(archived_date) FILTER ({is_first}), max(id) FILTER ({is_first}), {longest} "
        f"FROM (SELECT *, row_number() OVER (ORDER BY archived_date, id) AS place FROM ({inner}) found) placed "
        f"GROUP BY (place - 1) / {range_rows} ORDER BY (place - 1) / {range_rows}"
    ), params


def read_measures(
    records: Sequence[tuple[Any, ...]], after_last: tuple[Any, Any]
) -> tuple[list[Range], dict[str, int]]:
    """Ranges and widths from the records of `measure_sql`. Each list has at least one column.

    `after_last` is a position after every issue.
    """
    ranges: list[Range] = []
    widths = dict.fromkeys(COUNTS, 1)
    end = after_last
    for row_count, archived_date, issue_id, *lengths in reversed(records):
        start = (archived_date, issue_id)
        ranges.append(Range(row_count, start, end))
        end = start
        for source, length in zip(COUNTS, lengths, strict=True):
            widths[source] = max(widths[source], length)
    ranges.reverse()
    return ranges, widths


def within_bounds(issues: "QuerySet[ArchivedIssue]") -> "QuerySet[ArchivedIssue]":
    """The issues of one range, with placeholders: Django takes milliseconds to write this SQL, so it does so once.

    The plain comparisons of dates are redundant, but the planner needs them for its estimates.
    """
    return issues.filter(
        Q(archived_date__gte=Value(Bound.START_DATE), archived_date__lte=Value(Bound.END_DATE)),
        Compare(">=", (Bound.START_DATE, Bound.START_ID)),
        Compare("<", (Bound.END_DATE, Bound.END_ID)),
    )


def put_bounds(params: Sequence[Any], part: Range) -> tuple[Any, ...]:
    """The parameters of that SQL for one range."""
    bounds = (*part.start, *part.end)
    replaced = []
    for param in params:
        if isinstance(param, Bound):
            replaced.append(bounds[param.value])
        else:
            replaced.append(param)
    return tuple(replaced)
