"""PostgreSQL writes the CSV itself: COPY (SELECT …) TO STDOUT, by several connections under one snapshot."""

import queue
import select
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from psycopg import pq

from archive.columns import cells
from archive.models import ArchivedIssue
from archive.ordering import ORDER
from exports.builder.ranges import measure_sql, put_bounds, read_measures, within_bounds
from exports.builder.snapshot import Block, Blocks, Snapshot, Wait, gather

# While one range is written the next ones wait whole, as a rule: short ranges need little memory, but each costs a
# plan and cold caches.
RANGE_ROWS = 2_500
WAITING_BLOCKS = 32  # of all connections together: 8 MiB
Statement = tuple[str, tuple[Any, ...]]

# No JIT: it compiles for longer than it saves. The joins are all by primary key and stand in a good
# order as written, and planning fifty columns of each range again would cost more than it finds.
SESSION = (
    "SET jit = off; SET join_collapse_limit = 1; SET max_parallel_workers_per_gather = 0; "
    "SET TIME ZONE 'UTC'; SET datestyle = 'ISO'"
)


@contextmanager
def open_snapshot(issues: "QuerySet[ArchivedIssue]", guard: bool, wait: Wait) -> Iterator[Snapshot]:
    """One moment of the archive, on connections beside Django's so that heartbeats commit meanwhile."""
    with ExitStack() as stack:
        leader = stack.enter_context(_reader())
        [(snapshot_at, snapshot_id)] = leader.execute("SELECT now(), pg_export_snapshot()").fetchall()
        with wait(leader.cancel_safe):
            measures = leader.execute(*measure_sql(issues, RANGE_ROWS)).fetchall()
        ranges, widths = read_measures(measures)

        def blocks() -> Blocks:
            count = min(settings.EXPORT_CONNECTIONS, len(ranges))
            if count < 2:
                return copy_blocks(leader, *copy_sql(issues, widths, guard=guard))
            followers = [stack.enter_context(_reader(snapshot_id)) for _ in range(count - 1)]
            sql, params = copy_sql(within_bounds(issues), widths, guard=guard)
            return _joined([leader, *followers], [(sql, put_bounds(params, part)) for part in ranges])

        yield Snapshot(sum(part.rows for part in ranges), widths, snapshot_at, blocks)


def copy_sql(issues: "QuerySet[ArchivedIssue]", widths: Mapping[str, int], *, guard: bool) -> Statement:
    """The COPY statement and its parameters."""
    record = {f"c{index}": cell for index, cell in enumerate(cells(widths, guard=guard))}
    texts = ", ".join(name for name, cell in record.items() if cell.is_text)
    select, params = issues.order_by(*ORDER).annotate(**record).values_list(*record).query.sql_with_params()
    return f"COPY ({select}) TO STDOUT (FORMAT csv, FORCE_QUOTE ({texts}))", params


def copy_blocks(reader: "psycopg.Connection[Any]", sql: str, params: tuple[Any, ...]) -> Blocks:
    """One COPY's blocks. libpq hands over one record at a time."""
    return gather(_lines(reader, sql, params))


def _lines(reader: "psycopg.Connection[Any]", sql: str, params: tuple[Any, ...]) -> Iterator[memoryview]:
    """A COPY's records straight from libpq; Cursor.copy() runs a generator for each, a fifth of the worker's time.

    Whoever leaves before the end leaves a closed connection.
    """
    wire, has_ended = reader.pgconn, False
    incoming = select.poll()
    incoming.register(wire.socket, select.POLLIN)
    try:
        _expect(wire.exec_(psycopg.ClientCursor(reader).mogrify(sql, params).encode()), pq.ExecStatus.COPY_OUT)
        while (received := wire.get_copy_data(1))[0] >= 0:
            if received[0]:
                yield received[1]
            else:
                incoming.poll()
                wire.consume_input()
        while result := wire.get_result():
            _expect(result, pq.ExecStatus.COMMAND_OK)
        has_ended = True
    finally:
        if not has_ended:
            reader.close()


def _expect(result: pq.abc.PGresult, status: pq.ExecStatus) -> None:
    if result.status != status:
        raise psycopg.errors.error_from_result(result)


@contextmanager
def _reader(snapshot_id: str | None = None) -> Iterator["psycopg.Connection[Any]"]:
    """A connection in a read-only transaction, at the moment of another's snapshot where one is named."""
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.ClientCursor}
    with psycopg.connect(**parameters, autocommit=True) as reader:
        reader.execute(SESSION)
        reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if snapshot_id:
            reader.execute("SET TRANSACTION SNAPSHOT %s", [snapshot_id])
        yield reader


class _Stopped(Exception):
    """Nobody wants the blocks any more."""


class _Copier(threading.Thread):
    """Copies every n-th range; its blocks wait in `waiting`, a None behind each range's last."""

    def __init__(self, reader: "psycopg.Connection[Any]", statements: Sequence[Statement], most: int) -> None:
        super().__init__(daemon=True)
        self.reader, self.statements = reader, statements
        self.waiting: queue.Queue[Block | Exception | None] = queue.Queue(most)
        self.is_stopped = threading.Event()

    def run(self) -> None:
        try:
            for statement in self.statements:
                for block in copy_blocks(self.reader, *statement):
                    self._put(block)
                self._put(None)
        except _Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - it is raised again where the blocks are read
            self._put(error)

    def _put(self, item: Block | Exception | None) -> None:
        while not self.is_stopped.is_set():
            try:
                return self.waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
        raise _Stopped

    def blocks_of_range(self) -> Blocks:
        while (item := self.waiting.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item


def _joined(readers: Sequence["psycopg.Connection[Any]"], statements: Sequence[Statement]) -> Blocks:
    """The blocks of all statements in their order, copied by all connections at once."""
    count = len(readers)
    most = max(1, WAITING_BLOCKS // count)
    copiers = [_Copier(reader, statements[index::count], most) for index, reader in enumerate(readers)]
    for copier in copiers:
        copier.start()
    try:
        for index in range(len(statements)):
            yield from copiers[index % count].blocks_of_range()
    finally:
        for copier in copiers:
            copier.is_stopped.set()
        for copier in copiers:
            copier.join()
