"""What both engines give: one moment of the archive, counted, measured and readable as CSV blocks."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db.models import QuerySet

from exports.models import ArchivedIssue

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
    as_of: datetime.datetime
    blocks: Callable[[], Blocks]


OpenSnapshot = Callable[["QuerySet[ArchivedIssue]", bool], AbstractContextManager[Snapshot]]


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
