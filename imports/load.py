"""Records into the archive, in bulk: new issues are inserted, changed ones updated, by Jira's issue ID."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction

from archive import monthly_counts
from core.errors import PortalError
from imports.bulk_write import FIELDS, Row, Stored, analyse, engine
from imports.key_conflicts import Moves
from imports.records import IssueRecord, Person, Reading, UnreadableRecord, find_misfit
from imports.references import References

BATCH_RECORDS = 1_000
# A description may be a million characters long: batches are cut by weight too, so that memory stays flat.
BATCH_CHARACTERS = 20_000_000
# From so many written issues on, the database's planner is told what the table holds now, and months are counted.
MANY = 10_000
# More than any zone or daylight saving time makes of a date that was written without one.
A_DAY = datetime.timedelta(days=1)

Item = IssueRecord | UnreadableRecord
Batch = list[Item]

_read_row = attrgetter(*(field.name for field in FIELDS))


class OnConflict(Enum):
    """What becomes of an issue that stands in the archive already."""

    UPDATE = "update"
    SKIP = "skip"
    ERROR = "error"


class IssueStands(PortalError):
    """An issue is in the archive already, and the operator asked that none be."""

    def __init__(self, file: str, record: IssueRecord) -> None:
        super().__init__(
            f"{file}, {record.place} ({record.key}): issue {record.id} is in the archive already. "
            "Import with --on-conflict update or skip."
        )


@dataclass(frozen=True, slots=True)
class Archiving:
    """Who archived issues, and when, where the data does not say.

    A mere default (nothing chosen) leaves issues that stand already as they are, so that importing a file
    twice changes nothing.
    """

    by: Person
    date: datetime.datetime
    is_by_chosen: bool = True
    is_date_chosen: bool = True

    def complete(self, record: IssueRecord, stored: Stored | None) -> None:
        """Fill both in where the record leaves them open."""
        if record.archived_by is None:
            record.archived_by = self.by if self.is_by_chosen or not stored else Person(stored.archived_by)
        if record.archived_date is None:
            record.archived_date = self.date if self.is_date_chosen or not stored else stored.archived_date


@dataclass(slots=True)
class Outcome:
    """Numbers of issues: what importing them did, by project key and in all."""

    projects: dict[str, Counter[str]] = field(default_factory=dict)

    def count(self, what: str, records: Iterable[IssueRecord]) -> None:
        for key, number in Counter(record.project.key for record in records).items():
            self.projects.setdefault(key, Counter())[what] += number

    def reject(self, key: str) -> None:
        """Count an issue left out for the project its key names, as far as known."""
        self.projects.setdefault(key.rpartition("-")[0], Counter())["rejected"] += 1

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

    @property
    def total(self) -> int:
        return sum(counts.total() for counts in self.projects.values())


class Loader:
    """Loads what was read from one file; `outcome` counts, `on_reject` hears of each issue left out."""

    def __init__(
        self,
        file: str,
        on_reject: Callable[[UnreadableRecord], None],
        *,
        archiving: Archiving,
        reading: Reading | None = None,
        on_conflict: OnConflict = OnConflict.UPDATE,
    ) -> None:
        self.file, self.on_reject = file, on_reject
        self.outcome = Outcome()
        self._archiving, self._on_conflict = archiving, on_conflict
        self._reading = reading or Reading()
        self._engine = engine()
        self._references = References()
        self._moves = Moves(self._engine)
        self._conversions = tuple(self._find_conversions())

    def load(self, items: Iterable[Item], *, is_trial: bool = False) -> None:
        """Write all records, in one transaction; a trial writes them and takes them back.

        Raises:
            IssueStands: an issue is there already and none may be.
        """
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(self._engine.begin)
            for batch in _cut(items):
                self._load_batch(batch)
            self._load_moved()
            if self.outcome.written:
                monthly_counts.invalidate()
            transaction.set_rollback(is_trial)
        if not is_trial and self.outcome.written >= MANY:
            analyse()
            monthly_counts.refresh()

    # -- A batch ----------------------------------------------------------------------------------

    def _load_batch(self, batch: Batch) -> None:
        records = [item for item in batch if isinstance(item, IssueRecord)]
        stored = self._engine.find("id", [record.id for record in records])
        holders = {
            found.key: issue_id for issue_id, found in self._engine.find("key", [r.key for r in records]).items()
        }
        chosen = []
        for item in batch:
            if isinstance(item, UnreadableRecord):
                self._reject(item)
            elif self._is_wanted(item, stored) and self._is_movable(item, holders):
                chosen.append(item)
        self._write(chosen, stored)

    def _is_wanted(self, record: IssueRecord, stored: dict[int, Stored]) -> bool:
        """Whether to write the record; what cannot be stored is rejected."""
        known = stored.get(record.id)
        if reason := self._find_misfit(record, known):
            self._refuse(record, reason)
            return False
        if known and self._on_conflict is not OnConflict.UPDATE:
            if self._on_conflict is OnConflict.ERROR:
                raise IssueStands(self.file, record)
            self.outcome.count("skipped", [record])
            return False
        self._archiving.complete(record, known)
        return True

    def _is_movable(self, record: IssueRecord, holders: dict[str, int]) -> bool:
        """Whether the record's key is free; if not, the record waits for the end of the file."""
        if self._moves.forget(record.id):
            self.outcome.count("unchanged", [record])
        holder = holders.get(record.key, record.id)
        if holder == record.id:
            return True
        if not self._moves.wait(record):
            self._refuse_key(record, holder)
        return False

    def _load_moved(self) -> None:
        for record, holder in self._moves.settle():
            self._refuse_key(record, holder)
        records = self._moves.movable()
        self._write(records, self._engine.find("id", [record.id for record in records]))

    def _write(self, records: list[IssueRecord], stored: dict[int, Stored]) -> None:
        self._references.learn(records)
        new = [record for record in records if record.id not in stored]
        old = [record for record in records if record.id in stored]
        if new:
            self._engine.insert(map(self._row, new))
        updated = self._engine.update(map(self._row, old), self._reading.untold) if old else set()
        self.outcome.count("created", new)
        self.outcome.count("updated", [record for record in old if record.id in updated])
        self.outcome.count("unchanged", [record for record in old if record.id not in updated])

    # -- What cannot be written ---------------------------------------------------------------------

    def _refuse_key(self, record: IssueRecord, holder: int) -> None:
        self._refuse(record, f"issue {holder} has this key, too; import its new key, or delete it, first.")

    def _refuse(self, record: IssueRecord, reason: str) -> None:
        self._reject(
            UnreadableRecord(file=self.file, place=record.place, key=record.key, reason=reason, raw=record.raw)
        )

    def _reject(self, rejected: UnreadableRecord) -> None:
        self.outcome.reject(rejected.key)
        self.on_reject(rejected)

    def _find_misfit(self, record: IssueRecord, known: Stored | None) -> str:
        """Why the record, or what it refers to and is not stored yet, cannot be stored."""
        if known is None and record.issue_type is None:
            return "the file has no column Issue Type, without which no issue can be created."
        if known and _is_another(record, known):
            return (
                f"issue {record.id} in the archive is {known.key}, created {known.created:%Y-%m-%d}: "
                "an archive keeps the issues of one Jira, whose issue IDs are unique."
            )
        if reason := find_misfit(record):
            return reason
        met = self._references.keys
        unmet = (reference for reference in record.references() if reference not in met)
        return next(filter(None, map(find_misfit, unmet)), "")

    # -- A row --------------------------------------------------------------------------------------

    def _row(self, record: IssueRecord) -> Row:
        row = list(_read_row(record))
        for index, convert in self._conversions:
            if row[index] is not None:
                row[index] = convert(row[index])
        return row

    def _find_conversions(self) -> Iterator[tuple[int, Callable[[Any], Any]]]:
        converters = self._engine.converters | {models.ForeignKey: self._references.key_of}
        for index, column in enumerate(FIELDS):
            if convert := converters.get(type(column)):
                yield index, convert


def _is_another(record: IssueRecord, known: Stored) -> bool:
    """Whether the ID is another Jira's: a moved issue has a new key, but was created when it was."""
    if record.key == known.key or record.created is None or known.created is None:
        return False
    return abs(record.created - known.created) > A_DAY


def _cut(items: Iterable[Item]) -> Iterator[Batch]:
    """Batches in which no ID and no key stands twice: one statement cannot write one row twice."""
    batch: Batch = []
    met: set[int | str] = set()
    weight = 0
    for item in items:
        names: set[int | str] = {item.id, item.key} if isinstance(item, IssueRecord) else set()
        if len(batch) >= BATCH_RECORDS or weight > BATCH_CHARACTERS or not met.isdisjoint(names):
            yield batch
            batch, met, weight = [], set(), 0
        batch.append(item)
        met |= names
        weight += len(item.description) + len(item.environment) + len(item.raw) if isinstance(item, IssueRecord) else 0
    if batch:
        yield batch
