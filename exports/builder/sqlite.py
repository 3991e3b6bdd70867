"""SQLite writes each record itself, by printf(), inside one read transaction."""

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from archive.columns import cells
from archive.csv_sql import Line
from archive.filters import MOST_ISSUES
from archive.models import COUNTS, ArchivedIssue
from archive.ordering import ORDER
from exports.builder.snapshot import Blocks, Snapshot, Wait, gather


@contextmanager
def open_snapshot(issues: "QuerySet[ArchivedIssue]", guard: bool, wait: Wait) -> Iterator[Snapshot]:
    """One moment of the archive, on a connection of its own; WAL lets others write meanwhile."""
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            cursor.execute("PRAGMA query_only = on")
            cursor.execute("BEGIN DEFERRED")
            with wait(reader.connection.interrupt):
                cursor.execute(*measure_sql(issues))  # the first read fixes the moment
                snapshot_at = datetime.datetime.now(datetime.UTC)
                rows, *widest = cursor.fetchone()
            widths = {source: max(width or 0, 1) for source, width in zip(COUNTS, widest, strict=True)}
            yield Snapshot(rows, widths, snapshot_at, lambda: _blocks(reader, *line_sql(issues, widths, guard=guard)))
    finally:
        reader.close()


def measure_sql(issues: "QuerySet[ArchivedIssue]") -> tuple[str, tuple[Any, ...]]:
    """SQL for (rows up to one over the limit, the longest of each list).

    In no order: SQLite never answers a generated column from an index alone, and where all issues are
    wanted it reads them faster one after the other (half the time of going through an index).
    """
    capped = issues.order_by().values("pk", *COUNTS.values())[: MOST_ISSUES + 1]
    inner, params = capped.query.sql_with_params()
    widest = ", ".join(f"max({name})" for name in COUNTS.values())
    return f"SELECT count(*), {widest} FROM ({inner}) measured", params


def line_sql(
    issues: "QuerySet[ArchivedIssue]", widths: Mapping[str, int], *, guard: bool
) -> tuple[str, tuple[Any, ...]]:
    """The SELECT of whole lines and its parameters."""
    line = Line(*cells(widths, guard=guard))
    return issues.order_by(*ORDER).annotate(line=line).values_list("line").query.sql_with_params()


def _blocks(reader: Any, sql: str, params: tuple[Any, ...]) -> Blocks:
    reader.connection.text_factory = bytes
    with reader.cursor() as cursor:
        cursor.execute(sql, params)
        yield from gather(line for (line,) in cursor)
