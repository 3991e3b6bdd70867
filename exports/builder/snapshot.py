"""What both engines give: one moment of the archive, counted, measured and readable as CSV blocks."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from django.db.models import QuerySet

from archive.models import ArchivedIssue

BLOCK_BYTES = 256 * 1024
Block = tuple[bytearray, int]
Blocks = Iterator[Block]


@dataclass(frozen=True)
class Snapshot:
    """One consistent moment: `rows` issues match, each list is at most `widths[source]` long.

    `blocks()` yields CSV records as (bytes, how many records), by archived date, then issue ID.
    """

    rows: int
    widths: Mapping[str, int]
    snapshot_at: datetime.datetime
    blocks: Callable[[], Blocks]


Interrupt = Callable[[], None]
Wait = Callable[[Interrupt], AbstractContextManager[None]]
"""Surrounds a wait for the database; the caller may end it by what it is given."""

OpenSnapshot = Callable[["QuerySet[ArchivedIssue]", bool, Wait], AbstractContextManager[Snapshot]]


def wait_alone(_interrupt: Interrupt) -> AbstractContextManager[None]:
    """For a build that nobody watches."""
    return nullcontext()


def gather(lines: Iterable[bytes | memoryview]) -> Blocks:
    """Records in blocks of about BLOCK_BYTES, counted: memory holds a block, however long the records are."""
    block, rows = bytearray(), 0
    for line in lines:
        block += line
        rows += 1
        if len(block) >= BLOCK_BYTES:
            yield block, rows
            block, rows = bytearray(), 0
    if rows:
        yield block, rows
