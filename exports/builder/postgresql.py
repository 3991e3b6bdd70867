"""PostgreSQL writes the records itself: COPY (SELECT …) TO STDOUT, on several connections that share one snapshot.

Nothing here waits without end for a server that no longer answers: waits last a second at a time, and the caller looks
at the clock in between. psycopg's errors are raised as Django's.
"""

import os
import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from psycopg import pq

from archive.csv_sql import Cell
from archive.models import ArchivedIssue
from archive.ordering import ORDERING
from exports.builder.parallel import Read, read_in_parallel
from exports.builder.ranges import AFTER_LAST, RANGE_ROWS, measure_sql, put_bounds, read_measures, within_bounds
from exports.builder.record_forms import Finish, RecordForm, find_form
from exports.builder.snapshot import Blocks, Snapshot, Statement, Wait, finished, gather
from exports.options import ORDINARY, ExportOptions

CANCEL_SECONDS = 2
SILENT_SECONDS = 60  # after which the server is considered to be gone
# No JIT: compiling takes longer than it saves. All joins are by primary key and already written in a good order.
# Planning fifty columns again for each range would cost more than it gains.
SESSION = (
    "SET jit = off; SET join_collapse_limit = 1; SET max_parallel_workers_per_gather = 0; "
    "SET TIME ZONE 'UTC'; SET datestyle = 'ISO'"
)


# What surrounds the only field of a record in PostgreSQL's binary format.
BINARY_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
BINARY_HEADER_BYTES = 19
RECORD_HEADER_BYTES = 6


@contextmanager
def open_snapshot(
    issues: "QuerySet[ArchivedIssue]", guard: bool, wait: Wait, options: ExportOptions = ORDINARY
) -> Iterator[Snapshot]:
    """Take a snapshot on connections of its own, so that heartbeats on Django's connection can commit."""
    with connection.wrap_database_errors, ExitStack() as stack:
        leader = stack.enter_context(_open_reader())
        [(snapshot_at, snapshot_id)] = leader.execute("SELECT now(), pg_export_snapshot()").fetchall()
        with wait(partial(_hang_up, leader)):
            measures = leader.execute(*measure_sql(issues, RANGE_ROWS)).fetchall()
            ranges, widths = read_measures(measures, AFTER_LAST)
            form = find_form(issues, options, widths, partial(_fetch, leader), guard=guard)
        copy: Read = copy_blocks
        if form.text is not None:
            copy = partial(copy_text_blocks, finish=form.finish)

        def blocks() -> Blocks:
            reader_count = min(settings.EXPORT_CONNECTIONS, len(ranges))
            if reader_count < 2:
                sql, params = copy_sql(issues, form)
                return copy(leader, sql, params)
            readers = [leader]
            while len(readers) < reader_count:
                readers.append(stack.enter_context(_open_reader(snapshot_id)))
            sql, params = copy_sql(within_bounds(issues), form)
            statements = [(sql, put_bounds(params, part)) for part in ranges]
            return read_in_parallel(readers, statements, copy)

        row_count = sum(part.row_count for part in ranges)
        yield Snapshot(row_count, form, snapshot_at, blocks)


def _fetch(leader: "psycopg.Connection[Any]", rows: "QuerySet[Any, Any]") -> list[tuple[Any, ...]]:
    return leader.execute(*rows.query.sql_with_params()).fetchall()


def copy_sql(issues: "QuerySet[ArchivedIssue]", form: RecordForm) -> Statement:
    """The COPY statement and its parameters."""
    if form.text is not None:
        # COPY's own CSV would quote the text again.
        rows = issues.order_by(*ORDERING).annotate(record=form.text).values_list("record")
        select_sql, params = rows.query.sql_with_params()
        return f"COPY ({select_sql}) TO STDOUT (FORMAT binary)", params
    return _copy_cells_sql(issues, form.cells)


def _copy_cells_sql(issues: "QuerySet[ArchivedIssue]", cells: Sequence[Cell]) -> Statement:
    record = {f"c{index}": cell for index, cell in enumerate(cells)}
    text_columns = ", ".join(name for name, cell in record.items() if cell.is_text)
    rows = issues.order_by(*ORDERING).annotate(**record).values_list(*record)
    select_sql, params = rows.query.sql_with_params()
    return f"COPY ({select_sql}) TO STDOUT (FORMAT csv, FORCE_QUOTE ({text_columns}))", params


def copy_blocks(reader: "psycopg.Connection[Any]", sql: str, params: tuple[Any, ...]) -> Blocks:
    """The blocks of one COPY. libpq returns one record at a time."""
    return gather(_read_records(reader, sql, params))


def copy_text_blocks(
    reader: "psycopg.Connection[Any]", sql: str, params: tuple[Any, ...], finish: Finish | None
) -> Blocks:
    """The blocks of one COPY of texts in the binary format."""
    return gather(finished(_without_format(_read_records(reader, sql, params)), finish))


def _without_format(records: Iterator[memoryview | None]) -> Iterator[memoryview | None]:
    """The texts. The format's own header comes with the first record, and its end as a record of its own."""
    for record in records:
        if record is None:
            yield None
            continue
        start = 0
        if record[: len(BINARY_SIGNATURE)] == BINARY_SIGNATURE:
            start = BINARY_HEADER_BYTES
        if len(record) >= start + RECORD_HEADER_BYTES:  # the end is shorter
            yield record[start + RECORD_HEADER_BYTES :]


def _read_records(reader: "psycopg.Connection[Any]", sql: str, params: tuple[Any, ...]) -> Iterator[memoryview | None]:
    """A COPY's records straight from libpq. Cursor.copy() runs a generator per record: a fifth of the worker's time.

    Yields None after each second in which nothing arrives. The connection is closed if the caller stops before the
    last record.
    """
    wire = reader.pgconn
    arrivals = _Arrivals(wire)
    has_ended = False
    try:
        wire.send_query(psycopg.ClientCursor(reader).mogrify(sql, params).encode())
        yield from _wait_for_result(wire, arrivals)
        _expect(wire.get_result(), pq.ExecStatus.COPY_OUT)
        while True:
            size, record = wire.get_copy_data(1)
            if size > 0:
                yield record
            elif size < 0:
                break
            elif not arrivals.receive():
                yield None
        yield from _wait_for_result(wire, arrivals)
        for result in iter(wire.get_result, None):
            _expect(result, pq.ExecStatus.COMMAND_OK)
        has_ended = True
    finally:
        if not has_ended:
            reader.close()


def _wait_for_result(wire: pq.abc.PGconn, arrivals: "_Arrivals") -> Iterator[None]:
    while not arrivals.send():
        yield None
    while wire.is_busy():
        if not arrivals.receive():
            yield None


class _Arrivals:
    """What the server sends, waited for a second at a time."""

    def __init__(self, wire: pq.abc.PGconn) -> None:
        self._wire = wire
        self._incoming = select.poll()
        self._incoming.register(wire.socket, select.POLLIN)
        self._outgoing = select.poll()
        self._outgoing.register(wire.socket, select.POLLOUT)
        self._silent_seconds = 0

    def send(self) -> bool:
        """Whether the whole statement is sent. A long one does not fit into the socket's buffer at once."""
        if self._wire.flush() == 0:
            return True
        self._outgoing.poll(1_000)
        return False

    def receive(self) -> bool:
        """Whether anything arrived within a second.

        Raises:
            psycopg.OperationalError: the connection is lost, or nothing has arrived for SILENT_SECONDS.
        """
        if self._incoming.poll(1_000):
            self._silent_seconds = 0
            self._wire.consume_input()
            return True
        self._silent_seconds += 1
        if self._silent_seconds >= SILENT_SECONDS:
            raise psycopg.OperationalError(f"the server sent nothing for {SILENT_SECONDS} seconds")
        return False


def _expect(result: pq.abc.PGresult | None, status: pq.ExecStatus) -> None:
    if result is None:
        raise psycopg.OperationalError("the server ended the connection")
    if result.status != status:
        raise psycopg.errors.error_from_result(result)


@contextmanager
def _open_reader(snapshot_id: str | None = None) -> Iterator["psycopg.Connection[Any]"]:
    """A connection in a read-only transaction, on the given snapshot if there is one."""
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.ClientCursor}
    reader = psycopg.connect(**parameters, autocommit=True)
    try:
        reader.execute(SESSION)
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if snapshot_id:
            _join_snapshot(reader, snapshot_id)
        yield reader
    finally:
        reader.close()  # without a ROLLBACK, whose answer might never come


def _join_snapshot(reader: "psycopg.Connection[Any]", snapshot_id: str) -> None:
    """Read what the connection that exported the snapshot reads.

    Raises:
        psycopg.OperationalError: the snapshot is gone, because that connection was lost.
    """
    try:
        reader.execute("SET TRANSACTION SNAPSHOT %s", [snapshot_id])
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        raise psycopg.OperationalError(f"the connection that took the snapshot is lost: {error}") from error


def _hang_up(reader: "psycopg.Connection[Any]") -> None:
    """End the reader's query from another thread, even if the server no longer answers."""
    with suppress(psycopg.Error):
        reader.cancel_safe(timeout=CANCEL_SECONDS)
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(reader.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
