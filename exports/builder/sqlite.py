"""SQLite writes each record itself, with printf(), in one read transaction."""

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
from archive.ordering import ORDERING
from exports.builder.snapshot import Blocks, Snapshot, Wait, gather


@contextmanager
def open_snapshot(issues: "QuerySet[ArchivedIssue]", guard: bool, wait: Wait) -> Iterator[Snapshot]:
    """Take a snapshot on a connection of its own. With WAL, others can write in the meantime."""
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            cursor.execute("PRAGMA query_only = on")
            cursor.execute("BEGIN DEFERRED")
            with wait(reader.connection.interrupt):
                cursor.execute(*measure_sql(issues))  # the first read takes the snapshot
                snapshot_at = datetime.datetime.now(datetime.UTC)
                row_count, *lengths = cursor.fetchone()
            widths = {}
            for source, length in zip(COUNTS, lengths, strict=True):
                widths[source] = max(length or 0, 1)

            def blocks() -> Blocks:
                sql, params = line_sql(issues, widths, guard=guard)
                return _read_blocks(reader, sql, params, wait)

            yield Snapshot(row_count, widths, snapshot_at, blocks)
    finally:
        reader.close()


def measure_sql(issues: "QuerySet[ArchivedIssue]") -> tuple[str, tuple[Any, ...]]:
    """SQL that returns one record: (number of rows, up to one over the limit, then the greatest length of each list).

    The rows are not ordered. SQLite never reads a generated column from an index alone, and if all issues match, it
    reads the table in half the time that it needs through an index.
    """
    capped = issues.order_by().values("pk", *COUNTS.values())[: MOST_ISSUES + 1]
    inner, params = capped.query.sql_with_params()
    longest = ", ".join(f"max({name})" for name in COUNTS.values())
    return f"SELECT count(*), {longest} FROM ({inner}) measured", params


def line_sql(
    issues: "QuerySet[ArchivedIssue]", widths: Mapping[str, int], *, guard: bool
) -> tuple[str, tuple[Any, ...]]:
    """The SELECT of whole CSV lines and its parameters."""
    line = Line(*cells(widths, guard=guard))
    lines = issues.order_by(*ORDERING).annotate(line=line).values_list("line")
    return lines.query.sql_with_params()


def _read_blocks(reader: Any, sql: str, params: tuple[Any, ...], wait: Wait) -> Blocks:
    reader.connection.text_factory = bytes
    with reader.cursor() as cursor:
        with wait(reader.connection.interrupt):
            cursor.execute(sql, params)  # finds the first record, for which SQLite may sort all of them
        yield from gather(line for (line,) in cursor)
