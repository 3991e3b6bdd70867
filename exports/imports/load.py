"""Records into the archive, in bulk: new issues are inserted, changed ones updated, by Jira's issue ID."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db import connection, models, transaction

from exports.imports.merge import FIELDS, Row, engine
from exports.imports.records import IssueRecord, Reference, UnreadableRecord, find_misfit
from exports.imports.references import References

BATCH_RECORDS = 5_000
# A description may be a million characters long: batches are cut by weight too, so that memory stays flat.
BATCH_CHARACTERS = 20_000_000

Item = IssueRecord | UnreadableRecord
Batch = list[Item]

_read_row = attrgetter(*(field.name for field in FIELDS))


@dataclass(slots=True)
class Outcome:
    """Numbers of issues: what importing them did."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def total(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected


class Loader:
    """Loads what was read from one file; `outcome` counts, `on_reject` hears of each issue left out."""

    def __init__(self, file: str, on_reject: Callable[[UnreadableRecord], None]) -> None:
        self.file, self.on_reject = file, on_reject
        self.outcome = Outcome()
        self._engine = engine()
        self._references = References()
        self._conversions = tuple(self._find_conversions())

    def load(self, items: Iterable[Item]) -> None:
        """Write all records, in one transaction. Each must say who archived the issue, and when."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(self._engine.lock)
            for batch in _cut(self._checked(items)):
                self._load_batch(batch)

    def _checked(self, items: Iterable[Item]) -> Iterator[Item]:
        fit: set[Reference] = set()
        for item in items:
            if isinstance(item, IssueRecord) and (reason := _find_any_misfit(item, fit)):
                yield self._refusal(item, reason)
            else:
                yield item

    def _refusal(self, record: IssueRecord, reason: str) -> UnreadableRecord:
        return UnreadableRecord(file=self.file, place=record.place, key=record.key, reason=reason)

    def _load_batch(self, batch: Batch) -> None:
        records = list(self._storable(batch))
        self._references.learn(records)
        known = self._engine.find("id", [record.id for record in records])
        new = [self._row(record) for record in records if record.id not in known]
        old = [self._row(record) for record in records if record.id in known]
        if new:
            self._engine.insert(new)
        updated = self._engine.update(old) if old else 0
        self.outcome.created += len(new)
        self.outcome.updated += updated
        self.outcome.unchanged += len(old) - updated

    def _storable(self, batch: Batch) -> Iterator[IssueRecord]:
        keys = [item.key for item in batch if isinstance(item, IssueRecord)]
        holders = {key: issue_id for issue_id, key in self._engine.find("key", keys).items()}
        for item in batch:
            rejected = self._check_key(item, holders) if isinstance(item, IssueRecord) else item
            if rejected:
                self.outcome.rejected += 1
                self.on_reject(rejected)
            elif isinstance(item, IssueRecord):
                yield item

    def _check_key(self, record: IssueRecord, holders: dict[str, int]) -> UnreadableRecord | None:
        holder = holders.get(record.key, record.id)
        if holder == record.id:
            return None
        return self._refusal(record, f"issue {holder} in the archive has this key; import its new key first.")

    def _row(self, record: IssueRecord) -> Row:
        row = list(_read_row(record))
        for index, convert in self._conversions:
            if row[index] is not None:
                row[index] = convert(row[index])
        return row

    def _find_conversions(self) -> Iterator[tuple[int, Callable[[Any], Any]]]:
        converters = self._engine.converters | {models.ForeignKey: self._references.keys.__getitem__}
        for index, field in enumerate(FIELDS):
            if convert := converters.get(type(field)):
                yield index, convert


def _find_any_misfit(record: IssueRecord, fit: set[Reference]) -> str:
    """Why the record or what it refers to cannot be stored; `fit` remembers references that can."""
    if reason := find_misfit(record):
        return reason
    for reference in record.references():
        if reference in fit:
            continue
        if reason := find_misfit(reference):
            return reason
        if len(fit) < BATCH_RECORDS:
            fit.add(reference)
    return ""


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
        weight += len(item.description) + len(item.environment) if isinstance(item, IssueRecord) else 0
    if batch:
        yield batch
