"""PostgreSQL writes the CSV itself: COPY (SELECT …) TO STDOUT in a read-only snapshot of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from exports.builder.snapshot import Snapshot, measure_sql, read_measures
from exports.columns import cells
from exports.models import ArchivedIssue

BLOCK_BYTES = 256 * 1024


@contextmanager
def open_snapshot(issues: "QuerySet[ArchivedIssue]", guard: bool) -> Iterator[Snapshot]:
    """One moment of the archive, on a connection beside Django's so that heartbeats commit meanwhile."""
    reader = connection.copy()
    try:
        with reader.cursor() as cursor:
            cursor.execute("SET jit = off; SET TIME ZONE 'UTC'; SET datestyle = 'ISO'")
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            sql, params = measure_sql(issues)
            cursor.execute("SELECT now(), measures.* FROM (" + sql + ") measures", params)
            as_of, *measures = cursor.fetchone()
            rows, widths = read_measures(tuple(measures))
            yield Snapshot(rows, widths, as_of, lambda: _blocks(reader, *copy_sql(issues, widths, guard=guard)))
    finally:
        reader.close()


def copy_sql(issues: "QuerySet[ArchivedIssue]", widths: dict[str, int], *, guard: bool) -> tuple[str, tuple[Any, ...]]:
    """The COPY statement and its parameters."""
    record = {f"c{index}": cell for index, cell in enumerate(cells(widths, guard=guard))}
    texts = ", ".join(name for name, cell in record.items() if cell.is_text)
    select, params = (
        issues.order_by("archived_date", "id").annotate(**record).values_list(*record).query.sql_with_params()
    )
    return f"COPY ({select}) TO STDOUT (FORMAT csv, FORCE_QUOTE ({texts}))", params


def _blocks(reader: Any, sql: str, params: tuple[Any, ...]) -> Iterator[tuple[bytes, int]]:
    """libpq hands over one record at a time: gather them into blocks, counting."""
    with reader.connection.cursor() as cursor, cursor.copy(sql, params) as copy:
        lines, size = list[bytes](), 0
        for line in copy:
            lines.append(bytes(line))
            size += len(line)
            if size >= BLOCK_BYTES:
                yield b"".join(lines), len(lines)
                lines, size = [], 0
        if lines:
            yield b"".join(lines), len(lines)
