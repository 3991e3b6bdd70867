"""Files into the archive, for the command and for uploads alike.

A file's format is found by looking inside, and each file is one transaction.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from imports import jira_csv, jira_json
from imports.bulk_write import Wait, wait_alone
from imports.load import Archiving, Item, Loader, OnConflict, Outcome
from imports.read_context import ReadContext
from imports.records import UnreadableFile, UnreadableRecord
from imports.rejects import Rejects
from imports.sources import BUFFER_BYTES, Source

REPORT_EVERY = 500  # records

Items = Iterator[Item]
OnReject = Callable[[UnreadableRecord], None]
OnProgress = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Format:
    """One of Jira's formats. `fits` looks at a file's first bytes; `read` yields its issues."""

    fits: Callable[[bytes], bool]
    read: Callable[[BinaryIO, str, ReadContext], Items]


FORMATS = (Format(jira_json.is_jira_json, jira_json.read_issues), Format(jira_csv.is_jira_csv, jira_csv.read_issues))


class UnknownFormat(UnreadableFile):
    """A file in none of the formats."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "isn't a Jira CSV or JSON export.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to import.

    - `rejects`: the folder for files of rejected issues.
    - `new_context`: makes what one file is read with.
    - `conflict_hint`: how to choose what happens if an issue already exists, for error messages.
    - `wait`: surrounds statements that may take long.
    """

    archiving: Archiving
    rejects: Path
    new_context: Callable[[], ReadContext] = ReadContext
    on_conflict: OnConflict = OnConflict.UPDATE
    conflict_hint: str = ""
    is_strict: bool = False
    is_dry_run: bool = False
    wait: Wait = wait_alone


@dataclass(slots=True, kw_only=True)
class FileReport:
    """What happened to one file.

    - `error`: why nothing of the file was imported; "" if it was imported.
    - `is_skipped`: nobody named the file, and it isn't one of Jira's.
    - `unread_cells`: how many cells have data in each column that isn't stored, by heading.
    - `rejects`: the file of rejected issues, if there are any.
    """

    name: str
    is_dry_run: bool = False
    error: str = ""
    is_skipped: bool = False
    outcome: Outcome = field(default_factory=Outcome)
    nul_count: int = 0
    unread_cells: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    rejects: Path | None = None

    @property
    def is_imported(self) -> bool:
        return not self.error

    @property
    def left_out_count(self) -> int:
        """How many issues or files could not be imported."""
        if self.is_imported:
            return self.outcome.rejected
        if self.is_skipped:
            return 0
        return 1


class Observer:
    """Is called while files are imported. What its methods raise stops the import."""

    def begin_file(self, source: Source) -> None:
        """The import of a file begins."""

    def report_progress(self, record_count: int, share: float) -> None:
        """How many of the file's records have been read, and what share of the file, from 0 to 1."""

    def report_reject(self, rejected: UnreadableRecord) -> None:
        """An issue can't be imported; the others still are."""

    def end_file(self) -> None:
        """The import of the file has ended, in whatever way."""


def _record_nothing(_report: FileReport) -> None:
    pass


def import_sources(
    sources: Iterable[Source],
    plan: Plan,
    observer: Observer,
    record: Callable[[FileReport], None] = _record_nothing,
) -> Iterator[FileReport]:
    """Import each file in a transaction of its own, and yield what happened to it.

    `record` is called in the transaction of each file that was imported. A file that can't be read is reported, and
    the next one imported, unless the plan is strict.

    Raises:
        UnreadableFile: if the plan is strict: a file can't be read to its end.
        UnreadableRecord: if the plan is strict: an issue can't be read.
        IssueExists: an issue already exists, and the plan forbids that.
    """
    for source in sources:
        observer.begin_file(source)
        try:
            report = _import_source(source, plan, observer, record)
        finally:
            observer.end_file()
        yield report


def _import_source(source: Source, plan: Plan, observer: Observer, record: Callable[[FileReport], None]) -> FileReport:
    try:
        with transaction.atomic():
            report = import_file(source, plan, observer.report_reject, observer.report_progress)
            record(report)
            return report
    except UnreadableFile as error:
        if isinstance(error, UnknownFormat) and source.is_found:
            return FileReport(name=source.name, error=f"{error} It was skipped.", is_skipped=True)
        if plan.is_strict:
            raise
        return FileReport(name=source.name, error=f"{error} Nothing of it was imported.")


def _report_nothing(_record_count: int, _share: float) -> None:
    pass


def import_file(
    source: Source, plan: Plan, on_reject: OnReject, report_progress: OnProgress = _report_nothing
) -> FileReport:
    """Import one file. Issues that can't be read are passed to `on_reject` and written to a file of rejected issues.

    Raises:
        UnreadableFile: the file can't be read to its end; the archive is unchanged.
        UnknownFormat: the file isn't one of Jira's.
        UnreadableRecord: if the plan is strict: the first issue that can't be read; the archive is unchanged.
        IssueExists: an issue already exists, and the plan forbids that; the archive is unchanged.
    """
    start = time.monotonic()
    context = plan.new_context()
    with source.open() as (stream, find_share), Rejects(plan.rejects, source.name, context) as rejects:

        def reject(rejected: UnreadableRecord) -> None:
            if plan.is_strict:
                raise rejected
            on_reject(rejected)
            rejects.add(rejected)

        items = _find_format(stream, source.name).read(stream, source.name, context)
        loader = Loader(
            source.name,
            reject,
            archiving=plan.archiving,
            context=context,
            on_conflict=plan.on_conflict,
            conflict_hint=plan.conflict_hint,
            wait=plan.wait,
        )
        loader.load(_reporting(items, report_progress, find_share), is_dry_run=plan.is_dry_run)
        if not plan.is_dry_run:
            rejects.keep()
    return FileReport(
        name=source.name,
        is_dry_run=plan.is_dry_run,
        outcome=loader.outcome,
        nul_count=context.nul_count,
        unread_cells=context.unread_cells,
        seconds=time.monotonic() - start,
        rejects=rejects.path,
    )


def _reporting(items: Items, report_progress: OnProgress, find_share: Callable[[], float]) -> Items:
    for number, item in enumerate(items):
        if number % REPORT_EVERY == 0:
            report_progress(number, find_share())
        yield item


def _find_format(stream: "BufferedReader[Any]", file: str) -> Format:
    head = stream.peek(BUFFER_BYTES)
    if not head:
        raise UnreadableFile(file, "is empty.")
    for known in FORMATS:
        if known.fits(head):
            return known
    raise UnknownFormat(file)
