"""The export's order cut into ranges of equal row counts, so that several connections can copy it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from exports.filters import MOST_ISSUES
from exports.models import ArchivedIssue
from exports.models.issues import COUNTS
from exports.order import ORDER, Compare, Position


@dataclass(frozen=True)
class Range:
    """`rows` issues, from the position `start` to just before the position `end`, or to the last."""

    rows: int
    start: Position
    end: Position | None


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
    ends = [*starts, None][1:]
    ranges = [Range(record[0], start, end) for record, start, end in zip(records, starts, ends, strict=True)]
    lists = zip(*(record[3:] for record in records), strict=True) if records else [(0,)] * len(COUNTS)
    return ranges, {source: max(1, *lengths) for source, lengths in zip(COUNTS, lists, strict=True)}


def within(issues: "QuerySet[ArchivedIssue]", part: Range) -> "QuerySet[ArchivedIssue]":
    """The issues of one range. The plain comparisons say nothing new; the planner estimates by them."""
    chosen = issues.filter(Q(archived_date__gte=part.start[0]), Compare(">=", part.start))
    if part.end is None:
        return chosen
    return chosen.filter(Q(archived_date__lte=part.end[0]), Compare("<", part.end))
