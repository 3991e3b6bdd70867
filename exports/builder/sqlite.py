"""SQLite writes each record itself, on several connections that read the same state."""

import datetime
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import QuerySet

from archive.csv_sql import Line
from archive.detail_layout import DetailLayout
from archive.detail_sql import CREATE_LAYOUT, INSERT_LAYOUT
from archive.formula_guard import SQLITE_FUNCTION
from archive.models import ArchivedIssue
from archive.ordering import ORDERING
from core.formula_guard import add_guard
from exports.builder.parallel import read_in_parallel
from exports.builder.ranges import RANGE_ROWS, measure_sql, put_bounds, read_measures, within_bounds
from exports.builder.record_forms import Finish, RecordForm, find_form
from exports.builder.snapshot import Blocks, Snapshot, Statement, Wait, finished, gather, wait_uninterrupted
from exports.options import ORDINARY, ExportOptions

AFTER_LAST = ("9999-12-31 23:59:59.999999", 2**63 - 1)
LOCK_MILLISECONDS = 1_000


@contextmanager
def open_snapshot(
    issues: "QuerySet[ArchivedIssue]", guard: bool, wait: Wait, options: ExportOptions = ORDINARY
) -> Iterator[Snapshot]:
    """Take a snapshot on connections of its own. With WAL, others can write in the meantime."""
    with ExitStack() as stack:
        leader, *others = _open_readers(stack)
        with leader.cursor() as cursor, wait(leader.connection.interrupt):
            cursor.execute(*measure_sql(issues, RANGE_ROWS))
            measures = cursor.fetchall()
            ranges, widths = read_measures(measures, AFTER_LAST)
            form = find_form(issues, options, widths, partial(_fetch, cursor), guard=guard)
        snapshot_at = datetime.datetime.now(datetime.UTC)
        read = partial(_read_blocks, finish=form.finish)
        for reader in (leader, *others):
            _prepare(reader, form.details)

        def blocks() -> Blocks:
            if not others or len(ranges) < 2:
                sql, params = line_sql(issues, form)
                return read(leader, sql, params, wait=wait)
            sql, params = line_sql(within_bounds(issues), form)
            statements = [(sql, put_bounds(params, part)) for part in ranges]
            return read_in_parallel([leader, *others], statements, read, _interrupt)

        row_count = sum(part.row_count for part in ranges)
        yield Snapshot(row_count, form, snapshot_at, blocks)


def _fetch(cursor: Any, rows: "QuerySet[Any, Any]") -> list[tuple[Any, ...]]:
    cursor.execute(*rows.query.sql_with_params())
    return list(cursor.fetchall())


def _prepare(reader: Any, details: DetailLayout) -> None:
    """Give the connection the table that DetailCells needs. It is temporary; the archive is only read."""
    if not details.blocks:
        return
    with reader.cursor() as cursor:
        cursor.execute("PRAGMA query_only = off")
        cursor.execute(CREATE_LAYOUT)
        cursor.executemany(INSERT_LAYOUT, details.places())
        cursor.execute("PRAGMA query_only = on")


def line_sql(issues: "QuerySet[ArchivedIssue]", form: RecordForm) -> Statement:
    """The SELECT of whole records and its parameters."""
    record = form.text or Line(*form.cells)
    lines = issues.order_by(*ORDERING).annotate(line=record).values_list("line")
    return lines.query.sql_with_params()


def _open_readers(stack: ExitStack) -> list[Any]:
    """Connections in read transactions of the same state: nobody can commit while they begin.

    There is only one if somebody else writes for long.
    """
    count = settings.EXPORT_CONNECTIONS
    with ExitStack() as lock:
        if count > 1 and not _lock_writers(lock):
            count = 1
        return [_open_reader(stack) for _ in range(count)]


def _lock_writers(lock: ExitStack) -> bool:
    """Hold SQLite's only write lock, without writing, until `lock` is closed. False if somebody else has it."""
    holder = connection.copy()
    lock.callback(holder.close)
    with holder.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_MILLISECONDS}")
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except OperationalError:
            return False
    return True


def _open_reader(stack: ExitStack) -> Any:
    reader = connection.copy()
    stack.callback(reader.close)
    with reader.cursor() as cursor:
        cursor.execute("PRAGMA query_only = on")
        reader.connection.create_function(SQLITE_FUNCTION, 1, _add_guard, deterministic=True)
        cursor.execute("BEGIN DEFERRED")
        cursor.execute("SELECT 1 FROM sqlite_master LIMIT 1")  # the first read takes the snapshot
        cursor.fetchone()
    reader.inc_thread_sharing()  # a thread of its own reads from it
    return reader


def _interrupt(reader: Any) -> None:
    reader.connection.interrupt()


def _add_guard(text: str | None) -> str | None:
    """`add_guard` for SQLite, where a text may be NULL."""
    if text is None:
        return None
    return add_guard(text)


def _read_blocks(
    reader: Any, sql: str, params: tuple[Any, ...], wait: Wait = wait_uninterrupted, finish: Finish | None = None
) -> Blocks:
    reader.connection.text_factory = bytes
    with reader.cursor() as cursor:
        with wait(reader.connection.interrupt):
            cursor.execute(sql, params)  # finds the first record, for which SQLite may sort all of them
        lines = (line for (line,) in cursor)
        yield from gather(finished(lines, finish))
