"""What both engines give: one moment of the archive, counted, measured and readable as CSV blocks."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from exports.cells import Length
from exports.columns import LISTS
from exports.filters import MOST_ISSUES
from exports.models import ArchivedIssue


@dataclass(frozen=True)
class Snapshot:
    """One consistent moment: `rows` issues match, each list is at most `widths[source]` long."""

    rows: int
    widths: Mapping[str, int]
    as_of: datetime.datetime
    blocks: Callable[[], Iterator[tuple[bytes, int]]]
    """Yields CSV records as (bytes, how many records), in the order of archived date, then issue ID."""


OpenSnapshot = Callable[["QuerySet[ArchivedIssue]", bool], AbstractContextManager[Snapshot]]


def measure_sql(issues: "QuerySet[ArchivedIssue]") -> tuple[str, tuple[Any, ...]]:
    """SQL that answers, in one pass, (rows up to one over the limit, width of each list)."""
    lengths = {f"width_{index}": Length(source) for index, source in enumerate(LISTS)}
    inner, params = (
        issues.order_by().annotate(**lengths).values_list("pk", *lengths)[: MOST_ISSUES + 1].query.sql_with_params()
    )
    widest = ", ".join(f"max({name})" for name in lengths)
    return f"SELECT count(*), {widest} FROM ({inner}) measured", params


def read_measures(row: tuple[int | None, ...]) -> tuple[int, dict[str, int]]:
    """Rows and widths from that SQL's one row; a list column stands at least once."""
    rows, *widest = row
    return rows or 0, {source: max(width or 0, 1) for source, width in zip(LISTS, widest, strict=True)}
