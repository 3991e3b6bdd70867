"""Records into the archive, in bulk: new issues are inserted, changed ones updated, by Jira's issue ID."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from typing import Any

from django.db import models, transaction

from archive import monthly_counts, search_index
from core.errors import PortalError
from imports import bulk_words
from imports.bulk_write import FIELDS, Row, Stored, Wait, engine, wait_alone
from imports.detail_load import DetailLoader
from imports.judge import find_misfit
from imports.key_conflicts import KeyConflicts
from imports.models import COUNTED
from imports.read_context import ReadContext
from imports.records import IssueRecord, Person, UnreadableRecord
from imports.references import References

BATCH_RECORDS = 1_000
# A description may have a million characters. Batches are limited by size too, so that memory use stays constant.
BATCH_BYTES = 5_000_000
# A date written without a zone is off by less than this, whatever the zone.
ONE_DAY = datetime.timedelta(days=1)

Item = IssueRecord | UnreadableRecord
Batch = list[Item]

_read_row = attrgetter(*(field.name for field in FIELDS))


class OnConflict(Enum):
    """What happens if an issue already exists in the archive."""

    UPDATE = "update"
    SKIP = "skip"
    ERROR = "error"


class IssueExists(PortalError):
    """An issue already exists in the archive, and the operator chose to stop the import in that case."""

    def __init__(self, file: str, record: IssueRecord, hint: str) -> None:
        sentence = f"{file}, {record.place} ({record.key}): issue {record.id} already exists in the archive."
        super().__init__(f"{sentence} {hint}".rstrip())


@dataclass(frozen=True, slots=True)
class Archiving:
    """Who archived issues, and when, if the data doesn't say.

    A value that nobody chose leaves issues that already exist as they are, so that importing a file twice changes
    nothing.
    """

    by: Person
    date: datetime.datetime
    is_by_chosen: bool = True
    is_date_chosen: bool = True

    def complete(self, record: IssueRecord, stored: Stored | None) -> None:
        """Fill in who archived the issue, and when, if the record lacks them."""
        if record.archived_by is None:
            record.archived_by = self.by
            if stored and not self.is_by_chosen:
                record.archived_by = Person(stored.archived_by)
        if record.archived_date is None:
            record.archived_date = self.date
            if stored and not self.is_date_chosen:
                record.archived_date = stored.archived_date


@dataclass(slots=True)
class Outcome:
    """How many issues an import created, updated, left unchanged, skipped and rejected, by project key."""

    projects: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def count(self, what: str, records: Iterable[IssueRecord]) -> None:
        for record in records:
            self.projects[record.project.key][what] += 1

    def reject(self, key: str) -> None:
        """Count a rejected issue for the project in its key, as far as that is known."""
        project_key = key.rpartition("-")[0]
        self.projects[project_key]["rejected"] += 1

    def _sum(self, what: str) -> int:
        return sum(counts[what] for counts in self.projects.values())

    @property
    def created(self) -> int:
        return self._sum("created")

    @property
    def updated(self) -> int:
        return self._sum("updated")

    @property
    def written(self) -> int:
        return self.created + self.updated

    @property
    def unchanged(self) -> int:
        return self._sum("unchanged")

    @property
    def skipped(self) -> int:
        return self._sum("skipped")

    @property
    def rejected(self) -> int:
        return self._sum("rejected")

    def columns(self) -> dict[str, int]:
        """The counts of all projects together, by ImportJob's columns."""
        return {f"{what}_count": self._sum(what) for what in COUNTED}

    @property
    def total(self) -> int:
        return sum(counts.total() for counts in self.projects.values())


def _note_nothing(_records: list[IssueRecord]) -> None:
    pass


class Loader:
    """Writes one file's records. `outcome` counts them, and `details` what they have
    beside the columns of the export; `on_reject` is called with each issue that is left out.

    `on_overwrite` is called with issues of the archive that were changed, in the same transaction. `wait` surrounds
    statements that may take long, such as waiting for another import.
    """

    def __init__(
        self,
        file: str,
        on_reject: Callable[[UnreadableRecord], None],
        *,
        archiving: Archiving,
        context: ReadContext | None = None,
        on_conflict: OnConflict = OnConflict.UPDATE,
        conflict_hint: str = "",
        on_overwrite: Callable[[list[IssueRecord]], None] = _note_nothing,
        wait: Wait = wait_alone,
    ) -> None:
        self.file = file
        self.on_reject = on_reject
        self.outcome = Outcome()
        self._archiving = archiving
        self._context = context or ReadContext()
        self._on_conflict = on_conflict
        self._conflict_hint = conflict_hint
        self._on_overwrite = on_overwrite
        self._wait = wait
        self._engine = engine()
        self._references = References()
        self.details = DetailLoader(self._engine, self._references)
        self._key_conflicts = KeyConflicts(self._engine)
        self._conversions = tuple(self._find_conversions())

    def load(self, items: Iterable[Item], *, is_dry_run: bool = False) -> None:
        """Write all records in one transaction; raises as `load_batches`."""
        self.load_batches(split_into_batches(items), is_dry_run=is_dry_run)

    def load_batches(self, batches: Iterable[Batch], *, is_dry_run: bool = False) -> None:
        """Write all batches in one transaction; a dry run writes them too, and rolls back.

        Raises:
            IssueExists: an issue already exists, and the import must stop in that case.
        """
        with transaction.atomic():
            self._engine.begin(self._wait)
            self._references.keys.clear()  # a removal may have deleted what an earlier transaction wrote
            self.details.columns.forget()
            for batch in batches:
                self._load_batch(batch)
                batch.clear()  # memory must not hold it while the next one is read
            self._load_waiting()
            self.details.columns.name(self._context.fields)
            if self.outcome.written:
                monthly_counts.invalidate()
                search_index.tidy()
            transaction.set_rollback(is_dry_run)

    # -- A batch ---------------------------------------------------------------------------------------

    def _load_batch(self, batch: Batch) -> None:
        ids = []
        keys = []
        for item in batch:
            if isinstance(item, IssueRecord):
                ids.append(item.id)
                keys.append(item.key)
        stored = self._engine.find("id", ids)
        holders = self._engine.find_holders(keys)
        chosen = []
        for item in batch:
            if isinstance(item, UnreadableRecord):
                self._reject(item)
            elif self._is_wanted(item, stored) and self._is_key_free(item, holders):
                item.raw = b""  # it can't be rejected any more, and memory must not hold it while it is written
                chosen.append(item)
        self._write(chosen, stored)

    def _is_wanted(self, record: IssueRecord, stored: dict[int, Stored]) -> bool:
        """Whether to write the record. One that can't be stored is rejected."""
        known = stored.get(record.id)
        reason = self._find_misfit(record, known)
        if reason:
            self._refuse(record, reason)
            return False
        if known and self._on_conflict is OnConflict.ERROR:
            raise IssueExists(self.file, record, self._conflict_hint)
        if known and self._on_conflict is OnConflict.SKIP:
            self.outcome.count("skipped", [record])
            return False
        self._archiving.complete(record, known)
        return True

    def _is_key_free(self, record: IssueRecord, holders: dict[str, int]) -> bool:
        """Whether no other issue has the record's key. Otherwise the record waits for the end of the file."""
        if self._key_conflicts.drop(record.id):
            self.outcome.count("unchanged", [record])
        holder = holders.get(record.key, record.id)
        if holder == record.id:
            return True
        if not self._key_conflicts.wait(record):
            self._refuse_key(record, holder)
        return False

    def _load_waiting(self) -> None:
        for record, holder in self._key_conflicts.settle():
            self._refuse_key(record, holder)
        records = self._key_conflicts.writable()
        self._write(records, self._engine.find("id", self._key_conflicts.writable_ids()))

    def _write(self, records: list[IssueRecord], stored: dict[int, Stored]) -> None:
        self._references.learn(records)
        new = []
        old = []
        for record in records:
            if record.id in stored:
                old.append(record)
            else:
                new.append(record)
        if new:
            self._engine.insert(map(self._row, new))
            self.details.insert(new)
            bulk_words.insert(self._engine, new)
            self.outcome.count("created", new)
        if old:
            updated_ids = self._engine.update(map(self._row, old), self._context.missing_fields)
            updated_ids |= self.details.update(old)
            search_index.rewrite(updated_ids)
            self._count_old(old, updated_ids)

    def _count_old(self, records: list[IssueRecord], updated_ids: set[int]) -> None:
        updated = []
        unchanged = []
        for record in records:
            if record.id in updated_ids:
                updated.append(record)
            else:
                unchanged.append(record)
        self.outcome.count("updated", updated)
        self.outcome.count("unchanged", unchanged)
        self._on_overwrite(updated)

    # -- Records that can't be written ------------------------------------------------------------------

    def _refuse_key(self, record: IssueRecord, holder: int) -> None:
        self._refuse(
            record, f"issue {holder} also has this key. First import that issue with its new key, or delete it."
        )

    def _refuse(self, record: IssueRecord, reason: str) -> None:
        self._reject(
            UnreadableRecord(file=self.file, place=record.place, key=record.key, reason=reason, raw=record.raw)
        )

    def _reject(self, rejected: UnreadableRecord) -> None:
        self.outcome.reject(rejected.key)
        self.on_reject(rejected)

    def _find_misfit(self, record: IssueRecord, known: Stored | None) -> str:
        """Why the record, or a new reference of it, can't be stored; "" if it can."""
        if known is None and record.issue_type is None:
            return "the file has no column Issue Type, which a new issue needs."
        if known and _is_from_another_jira(record, known):
            return (
                f"issue {record.id} in the archive is {known.key}, created {known.created:%Y-%m-%d}. "
                "An archive holds the issues of one Jira, where every issue ID is unique."
            )
        reason = find_misfit(record) or self.details.find_misfit(record)
        if reason:
            return reason
        for reference in record.references():
            if reference not in self._references.keys:
                reason = find_misfit(reference)
                if reason:
                    return reason
        return ""

    # -- A row -----------------------------------------------------------------------------------------

    def _row(self, record: IssueRecord) -> Row:
        row = list(_read_row(record))
        for index, convert in self._conversions:
            if row[index] is not None:
                row[index] = convert(row[index])
        return row

    def _find_conversions(self) -> Iterator[tuple[int, Callable[[Any], Any]]]:
        """The functions that make a row's values storable, each with the index of its value."""
        converters = self._engine.converters | {models.ForeignKey: self._references.key_of}
        for index, column in enumerate(FIELDS):
            convert = converters.get(type(column))
            if convert:
                yield index, convert


def _is_from_another_jira(record: IssueRecord, known: Stored) -> bool:
    """Whether the ID is another Jira's: an issue that moved has a new key, but the same creation date."""
    if record.key == known.key or record.created is None or known.created is None:
        return False
    return abs(record.created - known.created) > ONE_DAY


def split_into_batches(items: Iterable[Item]) -> Iterator[Batch]:
    """Batches in which no ID and no key occurs twice, because one statement can't write one row twice."""
    batch: Batch = []
    seen: set[int | str] = set()
    size = 0
    for item in items:
        if isinstance(item, IssueRecord) and (item.id in seen or item.key in seen):
            yield batch
            batch.clear()  # the caller is done with it, and memory must not hold it while more records are read
            seen.clear()
            size = 0
        batch.append(item)
        size += item.size()
        if isinstance(item, IssueRecord):
            seen.add(item.id)
            seen.add(item.key)
        del item
        if len(batch) >= BATCH_RECORDS or size > BATCH_BYTES:
            yield batch
            batch.clear()
            seen.clear()
            size = 0
    if batch:
        yield batch
