"""filter → records → file. Knows no queue and no mail."""

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from archive.columns import header
from archive.filters import MOST_ISSUES
from archive.models import ArchivedIssue
from exports.builder import postgresql, sqlite
from exports.builder.snapshot import OpenSnapshot, Snapshot, Wait, wait_alone
from exports.errors import BuildFailed, TooManyIssues
from exports.storage import PartFile

ENGINES: dict[str, OpenSnapshot] = {"postgresql": postgresql.open_snapshot, "sqlite": sqlite.open_snapshot}
REPORT_SECONDS = 1.0

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Built:
    """What was written: CSV records without the header, and the moment they show."""

    rows: int
    snapshot_at: datetime.datetime


def build(
    issues: "QuerySet[ArchivedIssue]", part: PartFile, *, guard: bool, report: Report, wait: Wait = wait_alone
) -> Built:
    """Write the issues' CSV into `part`, calling `report(rows written, rows expected)` about every second.

    `wait` surrounds what may take long without a record, and is given what interrupts it. What either raises ends
    the build; so do these:

    Raises:
        TooManyIssues: more match now than one export may hold.
        BuildFailed: records written and records counted in the same snapshot differ.
        OSError: the disk is full or gone.
    """
    with ENGINES[connection.vendor](issues, guard, wait) as snapshot:
        if snapshot.rows > MOST_ISSUES:
            raise TooManyIssues(MOST_ISSUES)
        part.write(header(snapshot.widths))
        rows = _write_blocks(snapshot, part, report)
    if rows != snapshot.rows:
        raise BuildFailed(f"{rows:,} issues were written, but {snapshot.rows:,} were counted, so there is no file.")
    return Built(rows, snapshot.snapshot_at)


def _write_blocks(snapshot: Snapshot, part: PartFile, report: Report) -> int:
    report(0, snapshot.rows)
    rows = 0
    next_report = time.monotonic() + REPORT_SECONDS
    for block, count in snapshot.blocks():
        part.write(block)
        rows += count
        now = time.monotonic()
        if now >= next_report:
            report(rows, snapshot.rows)
            next_report = now + REPORT_SECONDS
    return rows
