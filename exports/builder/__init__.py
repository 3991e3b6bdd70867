"""Build the file of an export. Nothing here depends on the queue or on email."""

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from archive.filters import MOST_ISSUES
from archive.models import ArchivedIssue
from exports.builder import postgresql, sqlite
from exports.builder.snapshot import OpenSnapshot, Snapshot, Wait, wait_uninterrupted
from exports.errors import BuildFailed, TooManyIssues
from exports.options import ORDINARY, ExportOptions
from exports.storage import PartFile

ENGINES: dict[str, OpenSnapshot] = {"postgresql": postgresql.open_snapshot, "sqlite": sqlite.open_snapshot}
REPORT_SECONDS = 1.0

Report = Callable[[int, int], None]
"""Receives (rows written, rows expected)."""


@dataclass(frozen=True)
class Built:
    """The number of records written, without the header, and when the snapshot was taken."""

    row_count: int
    snapshot_at: datetime.datetime


def build(
    issues: "QuerySet[ArchivedIssue]",
    part: PartFile,
    *,
    guard: bool,
    report: Report,
    wait: Wait = wait_uninterrupted,
    options: ExportOptions = ORDINARY,
) -> Built:
    """Write the issues into `part`, as the options say, and call `report` about once a second.

    `wait` surrounds the query that counts the issues, which can take long. An exception raised by `report` or `wait`
    ends the build.

    Raises:
        TooManyIssues: more issues match now than one export can hold.
        BuildFailed: the number of records written differs from the number counted in the same snapshot.
        OSError: the disk is full or unavailable.
    """
    open_snapshot = ENGINES[connection.vendor]
    with open_snapshot(issues, guard, wait, options) as snapshot:
        if snapshot.row_count > MOST_ISSUES:
            raise TooManyIssues(MOST_ISSUES)
        part.write(snapshot.form.header)
        row_count = _write_blocks(snapshot, part, report)
    if row_count != snapshot.row_count:
        raise BuildFailed(
            f"No file was created: {row_count:,} issues were written, but {snapshot.row_count:,} were counted."
        )
    return Built(row_count, snapshot.snapshot_at)


def _write_blocks(snapshot: Snapshot, part: PartFile, report: Report) -> int:
    report(0, snapshot.row_count)
    rows_written = 0
    next_report_at = time.monotonic() + REPORT_SECONDS
    for block, row_count in snapshot.blocks():
        part.write(block)
        rows_written += row_count
        now = time.monotonic()
        if now >= next_report_at:
            report(rows_written, snapshot.row_count)
            next_report_at = now + REPORT_SECONDS
    return rows_written
