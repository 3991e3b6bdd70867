"""The details of records into the archive: beside their issues, in the same transaction."""

from collections import Counter
from collections.abc import Iterator, Sequence

from archive.documents import ARCHIVE_MEMBER
from archive.models import DetailColumn, DetailKind
from imports import bulk_details
from imports.bulk_write import Engine, Pair, Row
from imports.detail_columns import DetailColumns
from imports.limits import read_limits
from imports.records import Detail, IssueRecord
from imports.references import References

# By which of an issue's mentions a kind is mentioned. Fields and links are mentioned by their ID or their heading, too.
MENTIONS = {
    DetailKind.COMMENT: "comment",
    DetailKind.WORKLOG: "worklog",
    DetailKind.ATTACHMENT: "attachment",
    DetailKind.WATCHER: "watchers",
    DetailKind.LINK: "issuelinks",
    DetailKind.SUBTASK: "subtasks",
    DetailKind.HISTORY: "changelog",
}


class DetailLoader:
    """Writes the details of one file's records.

    `kept` counts their items by kind, and `partial` the issues of which Jira has more items than the file.
    """

    def __init__(self, engine: Engine, references: References) -> None:
        self.columns = DetailColumns()
        self.kept = Counter[str]()
        self.partial = Counter[str]()
        self._engine = engine
        self._references = references
        self._max_items = read_limits().detail_items

    def find_misfit(self, record: IssueRecord) -> str:
        """Why the archive can't keep the record's details; "" if it can."""
        for detail in record.details:
            if detail.item_count > self._max_items:
                return (
                    f"{detail.column.heading} has {detail.item_count:,} items; at most {self._max_items:,} are allowed "
                    "(IMPORT_MAX_DETAIL_ITEMS)."
                )
        if not record.details:
            return ""
        reason = self.columns.find_misfit(record)
        if not reason and ARCHIVE_MEMBER in record.mentions:
            reason = self.columns.find_twins(record)
        return reason

    def insert(self, records: Sequence[IssueRecord]) -> None:
        """Write the details of issues that the archive has just got."""
        self.columns.learn(records)
        rows = [self._row(record, detail) for record, detail in _stored_details(records)]
        if rows:
            bulk_details.insert(self._engine, rows)
        self._finish(records)

    def update(self, records: Sequence[IssueRecord]) -> set[int]:
        """Write the details of issues that the archive has had; returns the IDs of those whose details differed."""
        records = [record for record in records if record.mentions]
        self.columns.learn(records)
        if not records or self.columns.is_empty():
            return set()
        updated_ids = self._remove_absent(records)
        rows = []
        for record, detail in _stored_details(records):
            part_count = None
            if detail.is_partial:
                part_count = detail.item_count
            rows.append((*self._row(record, detail), part_count))
        updated_ids |= bulk_details.update(self._engine, rows)
        self._finish(records)
        return updated_ids

    def _row(self, record: IssueRecord, detail: Detail) -> Row:
        return (record.id, self.columns.key_of(detail.column), detail.items, detail.value)

    def _remove_absent(self, records: Sequence[IssueRecord]) -> set[int]:
        """Remove what the records mention and no longer have; returns the IDs of their issues."""
        by_id = {record.id: record for record in records}
        absent = []
        for issue_id, column_id in bulk_details.find_pairs(self._engine, list(by_id)):
            record = by_id[issue_id]
            if _is_mentioned(self.columns.row_of(column_id), record) and not self._has(record, column_id):
                absent.append((issue_id, column_id))
        if absent:
            bulk_details.delete(self._engine, absent)
        return {issue_id for issue_id, _ in absent}

    def _has(self, record: IssueRecord, column_id: int) -> bool:
        return any(self.columns.key_of(detail.column) == column_id for detail in record.details)

    def _finish(self, records: Sequence[IssueRecord]) -> None:
        """Note the people in the details, and count what was kept."""
        people = list(self._find_people(records))
        if people:
            bulk_details.add_people(self._engine, people)
        for record in records:
            for detail in record.details:
                self.kept[detail.column.kind] += detail.item_count
                self.partial[detail.column.kind] += detail.is_partial

    def _find_people(self, records: Sequence[IssueRecord]) -> Iterator[Pair]:
        for record in records:
            for person in record.people:
                yield self._references.key_of(person), record.id


def _stored_details(records: Sequence[IssueRecord]) -> Iterator[tuple[IssueRecord, Detail]]:
    """The details of the records, without those of which the file has no part."""
    for record in records:
        for detail in record.details:
            if detail.item_count:
                yield record, detail


def _is_mentioned(column: DetailColumn, record: IssueRecord) -> bool:
    if column.field_id and column.field_id in record.mentions:
        return True
    if MENTIONS.get(DetailKind(column.kind)) in record.mentions:
        return True
    return column.heading in record.mentions
