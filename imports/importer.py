"""Files into the archive, for the command and for uploads alike. A file's format is found by looking inside."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

from django.db import transaction

from archive.maintenance import refresh_after_commit
from imports import jira_csv, jira_json, overwritten
from imports.bulk_write import Wait, engine, wait_alone
from imports.load import Archiving, Batch, Item, Loader, OnConflict, Outcome, split_into_batches
from imports.read_context import ReadContext
from imports.records import IssueRecord, UnreadableFile, UnreadableRecord
from imports.rejects import RejectAllowance, Rejects
from imports.sources import Source
from imports.spool import Spool, Spooled
from imports.unpacking import BUFFER_BYTES
from jobs import long_write

REPORT_EVERY = 500  # records

Items = Iterator[Item]
WriteAlone = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Format:
    """One of Jira's formats. `fits` looks at a file's first bytes; `read` yields its issues."""

    fits: Callable[[bytes], bool]
    read: Callable[["BufferedReader[Any]", str, ReadContext], Items]


FORMATS = (Format(jira_json.is_jira_json, jira_json.read_issues), Format(jira_csv.is_jira_csv, jira_csv.read_issues))


class UnknownFormat(UnreadableFile):
    """A file in none of the formats."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "isn't a Jira CSV or JSON export.")


def _keep_no_history(_name: str) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to import.

    - `rejects`: the folder for files of rejected issues.
    - `new_context`: makes what one file is read with.
    - `conflict_hint`: how to choose what happens if an issue already exists, for error messages.
    - `wait`: surrounds statements that may take long.
    - `write_alone`: surrounds the writing, in which nobody else can write to SQLite.
    - `open_history`: returns the number of the import, for a file's name, in the transaction that writes the file;
      None: the import isn't in the history, and no list of overwritten issues is kept.
    """

    archiving: Archiving
    rejects: Path
    new_context: Callable[[], ReadContext] = ReadContext
    on_conflict: OnConflict = OnConflict.UPDATE
    conflict_hint: str = ""
    is_strict: bool = False
    is_dry_run: bool = False
    wait: Wait = wait_alone
    write_alone: WriteAlone = long_write.hold
    open_history: Callable[[str], int | None] = _keep_no_history


@dataclass(slots=True, kw_only=True)
class FileReport:
    """What happened to one file.

    - `error`: why nothing of the file was imported; "" if it was imported.
    - `is_skipped`: nobody named the file, and it isn't one of Jira's.
    - `unread_cells`: how many cells have data in each column that isn't stored, by heading.
    - `kept`: how many comments, links and other details the imported issues have, by DetailKind.
    - `partial`: how many issues have more of them in Jira than in the file, by DetailKind.
    - `rejects`: the file of rejected issues, if there are any.
    - `import_id`: the number of the import, if it is in the history.
    """

    name: str
    is_dry_run: bool = False
    error: str = ""
    is_skipped: bool = False
    outcome: Outcome = field(default_factory=Outcome)
    nul_count: int = 0
    unread_cells: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    partial: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    rejects: Path | None = None
    import_id: int | None = None

    @property
    def is_imported(self) -> bool:
        return not self.error

    @property
    def written_count(self) -> int:
        """How many issues in the archive are new or different now."""
        if self.is_imported and not self.is_dry_run:
            return self.outcome.written
        return 0

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
        """The file is opened to be read."""

    def report_read(self, record_count: int, share: float) -> None:
        """How many of the file's records have been read, and what share of the file, from 0 to 1."""

    def report_written(self, record_count: int, share: float) -> None:
        """How many of the records that were read before have been written, and what share of them, from 0 to 1."""

    def report_reject(self, rejected: UnreadableRecord) -> None:
        """An issue can't be imported; the others still are."""


class FileImport:
    """One file on its way into the archive: `read`, then `write`.

    Where an import is the only writer, `read` reads the whole file into the spool, and `write` takes only as long as
    the database needs. Elsewhere `read` does nothing, and `write` reads and writes.
    """

    def __init__(self, source: Source, plan: Plan, observer: Observer, spool: Spool) -> None:
        self.source = source
        self._plan = plan
        self._observer = observer
        self._spool = spool
        self._spooled: Spooled | None = None
        self._error: UnreadableFile | None = None
        self._context = plan.new_context()
        self._start = time.monotonic()

    def read(self) -> None:
        """Raises UnreadableFile, if the plan is strict: the file can't be read to its end."""
        if not engine().is_single_writer:
            return
        try:
            with self._open() as items:
                self._spooled = self._spool.add(split_into_batches(items))
        except UnreadableFile as error:
            if self._plan.is_strict:
                raise
            self._error = error.with_traceback(None)  # which would keep the file's buffers in memory
            self._error.__cause__ = None
            self._error.__context__ = None

    def write(self, record: Callable[[FileReport], None]) -> FileReport:
        """Write the file's issues in one transaction, in which `record` is called if the file was imported.

        Issues that can't be imported are reported and written to a file of rejected issues.

        Raises:
            UnreadableFile: if the plan is strict: the file can't be read to its end.
            UnreadableRecord: if the plan is strict: the first issue that can't be imported.
            IssueExists: an issue already exists, and the plan forbids that.
        """
        if self._error is not None:
            return self._describe_failure(self._error)
        try:
            with transaction.atomic():
                report = self._load()
                record(report)
                return report
        except UnreadableFile as error:
            if self._plan.is_strict:
                raise
            return self._describe_failure(error)

    def _load(self) -> FileReport:
        plan = self._plan
        import_id = plan.open_history(self.source.name)
        with Rejects(plan.rejects, self.source.name, self._context) as rejects:
            loader = self._make_loader(rejects, import_id)
            if self._spooled is not None:
                loader.load_batches(self._spooled_batches(self._spooled), is_dry_run=plan.is_dry_run)
            else:
                with self._open() as items:
                    loader.load(items, is_dry_run=plan.is_dry_run)
            if not plan.is_dry_run:
                rejects.keep()
        return FileReport(
            name=self.source.name,
            is_dry_run=plan.is_dry_run,
            outcome=loader.outcome,
            nul_count=self._context.nul_count,
            unread_cells=self._context.unread_cells,
            kept=loader.details.kept,
            partial=loader.details.partial,
            seconds=time.monotonic() - self._start,
            rejects=rejects.path,
            import_id=import_id,
        )

    def _make_loader(self, rejects: Rejects, import_id: int | None) -> Loader:
        plan = self._plan

        def note_overwritten(records: list[IssueRecord]) -> None:
            if import_id is not None:
                overwritten.add(import_id, records)

        def reject(rejected: UnreadableRecord) -> None:
            if plan.is_strict:
                raise rejected
            self._observer.report_reject(rejected)
            rejects.add(rejected)

        return Loader(
            self.source.name,
            reject,
            archiving=plan.archiving,
            context=self._context,
            on_conflict=plan.on_conflict,
            conflict_hint=plan.conflict_hint,
            on_overwrite=note_overwritten,
            wait=plan.wait,
        )

    @contextmanager
    def _open(self) -> Iterator[Items]:
        self._observer.begin_file(self.source)
        with self.source.open(self._context.look) as (stream, find_share):
            name = self.source.name
            items = _find_format(stream, name).read(stream, name, self._context)
            yield self._reporting(items, find_share)

    def _reporting(self, items: Items, find_share: Callable[[], float]) -> Items:
        allowance = RejectAllowance(self.source.name, self._context)
        for number, item in enumerate(items):
            if number % REPORT_EVERY == 0:
                self._observer.report_read(number, find_share())
            if isinstance(item, UnreadableRecord):
                allowance.spend(item)
            yield item
            del item  # while the next record is read, memory must not hold this one

    def _spooled_batches(self, spooled: Spooled) -> Iterator[Batch]:
        record_count = 0
        for number, batch in enumerate(self._spool.batches(spooled)):
            self._observer.report_written(record_count, number / spooled.batch_count)
            record_count += len(batch)
            yield batch

    def _describe_failure(self, error: UnreadableFile) -> FileReport:
        name = self.source.name
        if isinstance(error, UnknownFormat) and self.source.is_found:
            return FileReport(name=name, error=f"{error} It was skipped.", is_skipped=True)
        return FileReport(name=name, error=f"{error} Nothing of it was imported.")


def import_one_by_one(
    sources: Iterable[Source], plan: Plan, observer: Observer, record: Callable[[FileReport], None]
) -> Iterator[FileReport]:
    """Import each file in a transaction of its own, and yield what happened to it; raises as `FileImport.write`."""
    written_count = 0
    for source in sources:
        with Spool() as spool:
            file = FileImport(source, plan, observer, spool)
            file.read()
            with plan.write_alone():
                report = file.write(record)
                written_count += report.written_count
                if refresh_after_commit(written_count):
                    written_count = 0
        yield report


def import_together(
    sources: Iterable[Source],
    plan: Plan,
    observer: Observer,
    record: Callable[[FileReport], None],
    settle: Callable[[], None],
) -> None:
    """Import all files in one transaction, in which `record` is called for each file, and `settle` at the end.

    Raises as `FileImport.write`; then nothing was imported.
    """
    with Spool() as spool:
        files = []
        for source in sources:
            file = FileImport(source, plan, observer, spool)
            file.read()
            files.append(file)
        with plan.write_alone(), transaction.atomic():
            written_count = 0
            for file in files:
                report = file.write(_record_nothing)
                record(report)
                written_count += report.written_count
            settle()
            refresh_after_commit(written_count)


def _record_nothing(_report: FileReport) -> None:
    pass


def _find_format(stream: "BufferedReader[Any]", file: str) -> Format:
    head = stream.peek(BUFFER_BYTES)
    if not head:
        raise UnreadableFile(file, "is empty.")
    for known in FORMATS:
        if known.fits(head):
            return known
    raise UnknownFormat(file)
