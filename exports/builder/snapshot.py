"""What each engine provides: one consistent snapshot of the archive, counted, measured and readable in blocks."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet

from archive.models import ArchivedIssue
from exports.builder.record_forms import Finish, RecordForm
from exports.options import ORDINARY, ExportOptions

BLOCK_BYTES = 256 * 1024
Block = tuple[bytearray, int]
"""Records and their number."""

Blocks = Iterator[Block]

Statement = tuple[str, tuple[Any, ...]]
"""SQL and its parameters."""


@dataclass(frozen=True)
class Snapshot:
    """`row_count` issues match in this snapshot. `form` is how they are written.

    `blocks()` yields the records in blocks, ordered by archived date, then issue ID.
    """

    row_count: int
    form: RecordForm
    snapshot_at: datetime.datetime
    blocks: Callable[[], Blocks]


Interrupt = Callable[[], None]
Wait = Callable[[Interrupt], AbstractContextManager[None]]
"""A context manager around a long query. It gets a function that interrupts the query."""


class OpenSnapshot(Protocol):
    """Opens a snapshot of the issues: (issues, formula guard, wait, options)."""

    def __call__(
        self, issues: "QuerySet[ArchivedIssue]", guard: bool, wait: Wait, options: ExportOptions = ORDINARY, /
    ) -> AbstractContextManager[Snapshot]: ...


def wait_uninterrupted(_interrupt: Interrupt) -> AbstractContextManager[None]:
    """The `Wait` of builds that nobody stops."""
    return nullcontext()


def finished(
    records: Iterable[bytes | memoryview | None], finish: Finish | None
) -> Iterable[bytes | memoryview | None]:
    """The records after `finish`, if there is one."""
    if finish is None:
        yield from records
        return
    for record in records:
        if record is None:
            yield None
        else:
            yield finish(record)


def gather(lines: Iterable[bytes | memoryview | None]) -> Blocks:
    """Records in blocks of about BLOCK_BYTES, with their number. Memory holds one block, however long records are.

    None, for a second in which no record came, becomes an empty block: the caller can look at the clock.
    """
    block = bytearray()
    row_count = 0
    for line in lines:
        if line is None:
            yield bytearray(), 0
            continue
        block += line
        row_count += 1
        if len(block) >= BLOCK_BYTES:
            yield block, row_count
            block = bytearray()
            row_count = 0
    if row_count:
        yield block, row_count
