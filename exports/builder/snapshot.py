"""What both engines give: one moment of the archive, counted, measured and readable as CSV blocks."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db.models import QuerySet

from exports.models import ArchivedIssue

Block = tuple[bytes | bytearray, int]
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
