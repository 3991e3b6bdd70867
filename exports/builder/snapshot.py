"""What each engine provides: one consistent snapshot of the archive, counted, measured and readable as CSV blocks."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import QuerySet

from archive.columns import has_too_many_cells
from archive.detail_layout import NO_DETAILS, DetailLayout
from archive.includes import Includes
from archive.models import ArchivedIssue

BLOCK_BYTES = 256 * 1024
Block = tuple[bytearray, int]
"""CSV records and their number."""

Blocks = Iterator[Block]

Statement = tuple[str, tuple[Any, ...]]
"""SQL and its parameters."""


@dataclass(frozen=True)
class RecordShape:
    """What the records of a file have: each list has at most `widths[source]` values, and details have a layout."""

    widths: Mapping[str, int]
    details: DetailLayout = NO_DETAILS

    @property
    def is_one_text(self) -> bool:
        """Whether the database must render a record as one text. Cell by cell is faster, but has limits."""
        return bool(self.details.blocks) or has_too_many_cells(self.widths)


@dataclass(frozen=True)
class Snapshot:
    """`row_count` issues match in this snapshot.

    `blocks()` yields the CSV records in blocks, ordered by archived date, then issue ID.
    """

    row_count: int
    shape: RecordShape
    snapshot_at: datetime.datetime
    blocks: Callable[[], Blocks]


Interrupt = Callable[[], None]
Wait = Callable[[Interrupt], AbstractContextManager[None]]
"""A context manager around a long query. It gets a function that interrupts the query."""


class OpenSnapshot(Protocol):
    """Opens a snapshot of the issues and of the parts of their details."""

    def __call__(
        self, issues: "QuerySet[ArchivedIssue]", guard: bool, wait: Wait, includes: Includes = (), /
    ) -> AbstractContextManager[Snapshot]: ...


def wait_uninterrupted(_interrupt: Interrupt) -> AbstractContextManager[None]:
    """The `Wait` of builds that nobody stops."""
    return nullcontext()


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
