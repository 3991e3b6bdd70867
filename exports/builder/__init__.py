"""filter → records → file. Knows no queue and no mail."""

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from exports.builder import postgresql, sqlite
from exports.builder.snapshot import OpenSnapshot, Snapshot
from exports.columns import header
from exports.errors import BuildFailed, TooManyIssues
from exports.filters import MOST_ISSUES
from exports.models import ArchivedIssue
from exports.storage import PartFile

ENGINES: dict[str, OpenSnapshot] = {"postgresql": postgresql.open_snapshot, "sqlite": sqlite.open_snapshot}
BEAT_SECONDS = 1.0

Beat = Callable[[int, int], None]


@dataclass(frozen=True)
class Built:
    """What was written: CSV records without the header, and the moment they show."""

    rows: int
    as_of: datetime.datetime


def build(issues: "QuerySet[ArchivedIssue]", part: PartFile, *, guard: bool, beat: Beat) -> Built:
    """Write the issues' CSV into `part`, calling `beat(rows written, rows expected)` about every second.

    What `beat` raises ends the build; so do these:

    Raises:
        TooManyIssues: more match now than one export may hold.
        BuildFailed: records written and records counted in the same snapshot differ.
        OSError: the disk is full or gone.
    """
    with ENGINES[connection.vendor](issues, guard) as snapshot:
        if snapshot.rows > MOST_ISSUES:
            raise TooManyIssues(MOST_ISSUES)
        part.write(header(snapshot.widths))
        rows = _write_blocks(snapshot, part, beat)
    if rows != snapshot.rows:
        raise BuildFailed(f"{rows:,} issues were written where {snapshot.rows:,} were counted: no file is given out.")
    return Built(rows, snapshot.as_of)


def _write_blocks(snapshot: Snapshot, part: PartFile, beat: Beat) -> int:
    beat(0, snapshot.rows)
    rows, next_beat = 0, time.monotonic() + BEAT_SECONDS
    for block, count in snapshot.blocks():
        part.write(block)
        rows += count
        if (now := time.monotonic()) >= next_beat:
            beat(rows, snapshot.rows)
            next_beat = now + BEAT_SECONDS
    return rows
