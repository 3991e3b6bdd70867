"""The columns of details: created when first seen, named when a file says their names."""

from collections.abc import Iterable, Mapping

from archive import search_index
from archive.models import DetailColumn, IssueDetail
from imports.judge import find_misfit
from imports.limits import read_limits
from imports.records import ColumnRecord, IssueRecord

Identity = tuple[str, ...]


class DetailColumns:
    """The archive's columns of details, which are few enough to be kept in memory.

    A field with an ID is known by it. One without is known by its name: of several fields with the name, the oldest.
    """

    def __init__(self) -> None:
        self._max_count = read_limits().detail_columns
        self._keys: dict[ColumnRecord, int] = {}
        self._new: set[ColumnRecord] = set()
        self._rows: dict[int, DetailColumn] = {}
        self._by_identity: dict[Identity, DetailColumn] = {}
        self._is_loaded = False

    def forget(self) -> None:
        """Look everything up again: another transaction may have changed it."""
        self._keys.clear()
        self._new.clear()
        self._is_loaded = False

    def find_misfit(self, record: IssueRecord) -> str:
        """Why the archive can't have a column that the record needs; "" if it can."""
        self._load()
        for detail in record.details:
            column = detail.column
            if column in self._keys or column in self._new or _identity(column) in self._by_identity:
                continue
            reason = find_misfit(column)
            if reason:
                return reason
            if len(self._new) + len(self._rows) >= self._max_count:
                return (
                    f"the archive would have more than {self._max_count:,} custom fields and types of links "
                    "(IMPORT_MAX_DETAIL_COLUMNS)."
                )
            self._new.add(column)
        return ""

    def find_twins(self, record: IssueRecord) -> str:
        """Which field the record has twice, once by its ID and once by its name; "" if there is none.

        Only the portal's own files name fields in both ways.
        """
        by_name: set[Identity] = set()
        by_id: set[Identity] = set()
        for detail in record.details:
            column = detail.column
            row = self._by_identity.get(_identity(column))
            name = column.name
            if row is not None and not name:
                name = row.name
            identity = (column.kind, name, column.direction)
            known = by_id
            if not column.field_id:
                known = by_name
            if identity in by_name or (identity in by_id and not column.field_id):
                return f"{column.heading} is given twice, by its name and by its ID."
            if name:
                known.add(identity)
        return ""

    def is_empty(self) -> bool:
        """Whether the archive has no details."""
        self._load()
        return not self._rows

    def key_of(self, column: ColumnRecord) -> int:
        return self._keys[column]

    def row_of(self, key: int) -> DetailColumn:
        self._load()
        return self._rows[key]

    def learn(self, records: Iterable[IssueRecord]) -> None:
        """Make sure that all the records' columns are in the archive."""
        for record in records:
            for detail in record.details:
                if detail.column not in self._keys:
                    self._keys[detail.column] = self._find_or_create(detail.column)
        self._new.clear()

    def name(self, fields: Mapping[str, tuple[str, str]]) -> None:
        """Give fields their names and types, by their IDs. A field of the same name without an ID becomes the same."""
        if not fields:
            return
        self._load()
        for row in list(self._rows.values()):
            if row.field_id in fields:
                _name(row, *fields[row.field_id])
        self.forget()

    def _find_or_create(self, column: ColumnRecord) -> int:
        self._load()
        row = self._by_identity.get(_identity(column))
        if row is None:
            row = DetailColumn.objects.create(**column._asdict())
            self._remember(row)
        return row.pk

    def _load(self) -> None:
        if self._is_loaded:
            return
        self._rows.clear()
        self._by_identity.clear()
        for row in DetailColumn.objects.order_by("pk"):
            self._remember(row)
        self._is_loaded = True

    def _remember(self, row: DetailColumn) -> None:
        self._rows[row.pk] = row
        if row.field_id:
            self._by_identity[row.kind, row.field_id] = row
        if row.name or not row.field_id:
            self._by_identity.setdefault((row.kind, row.name, row.direction), row)


def _identity(column: ColumnRecord) -> Identity:
    if column.field_id:
        return column.kind, column.field_id
    return column.kind, column.name, column.direction


def _name(row: DetailColumn, name: str, field_type: str) -> None:
    name = name or row.name
    field_type = field_type or row.type
    if (row.name, row.type) != (name, field_type):
        row.name = name
        row.type = field_type
        row.save(update_fields=["name", "type"])
    twin = DetailColumn.objects.filter(kind=row.kind, name=name, field_id="").exclude(name="").first()
    if twin is not None:
        _merge(twin, row)


def _merge(old: DetailColumn, new: DetailColumn) -> None:
    """Move the details of a column into another one, except those of issues that have both."""
    both = IssueDetail.objects.filter(column=new).values("issue")
    details = IssueDetail.objects.filter(column=old)
    details.exclude(issue__in=both).update(column=new)
    doubled = list(details.values_list("issue_id", flat=True))
    details.delete()
    search_index.rewrite(doubled)
    old.delete()
