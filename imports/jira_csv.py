"""Issues as CSV: from Jira Cloud, from Jira Data Center, and from this portal.

A column is known by its heading, in any order and in upper or lower case; SYNONYMS has Data Center's other headings.
A heading may repeat: a list takes one value from each column (also if the columns are numbered), anything else takes
the first value that isn't empty. All other columns are details (jira_csv_details).
Lines are read as bytes, so that line ends inside cells stay as they are.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import BufferedReader
from typing import Any

from archive.columns import COLUMNS, Column, ColumnKind
from core.formula_guard import GuardRemoval, remove_guard, remove_guard_at_start
from imports.csv_lines import CsvLines, decode
from imports.dates import UnknownDateFormat, read_day, read_moment
from imports.jira_csv_details import DetailCells
from imports.limits import Limits, describe_excess
from imports.read_context import ReadContext
from imports.records import IssueRecord, Person, ProjectRecord, TypeRecord, UnreadableFile, UnreadableRecord

BOM = "\ufeff"
DELIMITERS = ",;\t|^"
SYNONYMS = {
    "component/s": "components",
    "fix version/s": "fix versions",
    "affects version/s": "affects versions",
    "parent id": "parent",
    "archived by": "archivedby",
    "archived by id": "archivedby id",
    "archived date": "archiveddate",
}
KNOWN = {column.heading.casefold(): column for column in COLUMNS}
# Only this portal's files have both of these columns, and only its files have been through the formula guard.
OUR_COLUMNS = {KNOWN["archivedby id"], KNOWN["archiveddate"]}
REQUIRED = {"key": "Issue key", "id": "Issue id"}
ROLES = ("assignee", "reporter", "creator", "archived_by")
# Never missing: the key contains the project's key, and who archived an issue and when has a default.
DERIVED = {"project", "archived_by", "archived_date"}
DIGITS = "0123456789"
MAX_KEY_LENGTH = 96
MAX_HEADING_LENGTH = 80  # of a column that isn't stored, in the report
NUMBER = re.compile(r"(-?\d{1,19})(?:\.0+)?%?", re.ASCII)


def is_jira_csv(head: bytes) -> bool:
    """Whether a file with these first bytes has one of the columns that every issue needs."""
    text = decode(head).removeprefix(BOM).lstrip("\r\n")
    first_line = text.partition("\n")[0].casefold()
    return any(heading.casefold() in first_line for heading in REQUIRED.values())


def read_issues(
    stream: "BufferedReader[Any]", file: str, context: ReadContext
) -> Iterator[IssueRecord | UnreadableRecord]:
    """Every record in the file's order. One that can't be read is yielded as an error, not raised.

    Raises:
        UnreadableFile: the header lacks a column that every issue needs, or a record exceeds a limit.
    """
    records = _Records(stream, file, context.limits)
    header = _Header(records.header, file, context)
    context.missing_fields = header.missing_fields
    context.unread_cells.update(dict.fromkeys(header.unknown.values(), 0))
    context.reject_head = records.raw
    context.reject_suffix = ".csv"
    if context.guard_removal is GuardRemoval.AUTO:
        context.guard_removal = GuardRemoval.OFF
        if header.is_ours:
            context.guard_removal = GuardRemoval.ON
    while True:
        item = _read_next(records, header, context)
        if item is None:
            return
        yield item
        del item  # while the next record is read, memory must not hold this one


class _Records:
    """The file's records as lists of cells. `line` and `raw` are the latest record's first line number and bytes."""

    def __init__(self, stream: "BufferedReader[Any]", file: str, limits: Limits) -> None:
        self.file = file
        self.line = 1
        self.raw = b""
        # Python's own limit is 131,072 characters a cell.
        csv.field_size_limit(max(limits.text_characters, limits.header_bytes))
        self._lines = CsvLines(stream, file, limits)
        first = self._lines.read_first()
        delimiter = max(DELIMITERS, key=lambda sign: _count_known_headings(first, sign))
        self._lines.begin(delimiter)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        header = self.read() or []
        if isinstance(header, csv.Error):
            raise UnreadableFile(file, f"has a header that isn't valid CSV: {header}.")
        if len(header) > limits.columns:
            excess = describe_excess("it has", limits.columns, "columns", "COLUMNS")
            raise UnreadableFile(file, f"can't be imported: {excess}")
        self.header = header

    def read(self) -> list[str] | csv.Error | None:
        """The next record; None at the end of the file."""
        try:
            row: list[str] | csv.Error = next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            if str(error).startswith("field larger"):
                raise UnreadableFile(self.file, self._lines.describe_long_text()) from error
            row = error
        self.line = self._lines.first_number
        self.raw = self._lines.take_record()
        return row


class _Header:
    """Which cells of a record belong to which column. `unknown` are those that Jira can't have written."""

    def __init__(self, headings: Sequence[str], file: str, context: ReadContext) -> None:
        self.width = len(headings)
        self.cells: dict[Column, list[int]] = {}
        self.details = DetailCells(context)
        self.unknown: dict[int, str] = {}
        for index, heading in enumerate(headings):
            column = _find_column(heading)
            if column:
                self.cells.setdefault(column, []).append(index)
            elif not self.details.add(index, heading):
                self.unknown[index] = _shown(heading) or f"column {index + 1}"
        self._check_required(file)
        self.mentions = self.details.mentions()
        self.missing_fields = self._find_missing_fields()
        self.is_ours = self.cells.keys() >= OUR_COLUMNS

    def _check_required(self, file: str) -> None:
        missing = [heading for heading in REQUIRED.values() if KNOWN[heading.casefold()] not in self.cells]
        if missing:
            raise UnreadableFile(file, f"has no column {' and no column '.join(missing)}. Export it with all fields.")

    def _find_missing_fields(self) -> frozenset[str]:
        reported = set(map(_field_of, self.cells))
        return frozenset(map(_field_of, COLUMNS)) - reported - DERIVED


def _shown(heading: str) -> str:
    """The heading's beginning, with a sign in place of bytes that aren't UTF-8."""
    text = heading.strip()[:MAX_HEADING_LENGTH].replace("\0", "")
    return text.encode(errors="surrogateescape").decode(errors="replace")


def _field_of(column: Column) -> str:
    """The issue's field that the column belongs to: reporter for reporter__name."""
    return column.source.partition("__")[0]


def _find_column(heading: str) -> Column | None:
    name = " ".join(heading.casefold().split())
    column = KNOWN.get(SYNONYMS.get(name, name))
    if column:
        return column
    base = name.rstrip(DIGITS)
    if base == name:
        return None
    if base[-1:] in {" ", ".", "_"}:
        base = base[:-1]
    column = KNOWN.get(SYNONYMS.get(base, base))
    if column and column.kind is ColumnKind.LIST:
        return column
    return None


def _count_known_headings(line: str, delimiter: str) -> int:
    try:
        headings = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # such as a carriage return inside the line; reading the header says so
        return 0
    count = 0
    for heading in headings:
        if _find_column(heading.removeprefix(BOM)):
            count += 1
    return count


# -- One record ------------------------------------------------------------------------------------------


def _read_next(records: _Records, header: _Header, context: ReadContext) -> IssueRecord | UnreadableRecord | None:
    """The next record; None at the end of the file."""
    row = records.read()
    if row is None:
        return None
    place = f"line {records.line}"
    try:
        cells = _checked(row, header)
        record = _to_record(_read_cells(cells, header, context), place, records.raw)
        record.details, record.people = header.details.read(cells, partial(_unguarded, context=context))
    except ValueError as error:
        key = _find_key(row, header)
        return UnreadableRecord(file=records.file, place=place, key=key, reason=str(error), raw=records.raw)
    record.mentions = header.mentions
    return record


def _checked(row: list[str] | csv.Error, header: _Header) -> list[str]:
    """The row if it has as many cells as the header. Raises ValueError."""
    if isinstance(row, csv.Error):
        raise ValueError(f"the line isn't valid CSV: {row}.")  # noqa: TRY004
    if len(row) != header.width:
        raise ValueError(f"the line should have {header.width} cells, but has {len(row)}.")
    return row


def _find_key(row: list[str] | csv.Error, header: _Header) -> str:
    index = header.cells[KNOWN["issue key"]][0]
    if isinstance(row, csv.Error) or index >= len(row):
        return ""
    return row[index][:MAX_KEY_LENGTH]


def _read_cells(row: list[str], header: _Header, context: ReadContext) -> dict[str, Any]:
    """The record's values by the columns' sources. Raises ValueError with the heading."""
    for index, heading in header.unknown.items():
        if row[index]:
            context.unread_cells[heading] += 1
    values = {}
    for column, indexes in header.cells.items():
        cells = [row[index] for index in indexes if row[index]]
        if not cells:  # most cells of most files are empty
            values[column.source] = EMPTY_VALUES[column.kind]
            continue
        try:
            values[column.source] = READERS[column.kind](cells, context)
        except UnknownDateFormat as error:
            raise ValueError(f"{column.heading} {error} {context.date_hint}".rstrip()) from None
        except ValueError as error:
            raise ValueError(f"{column.heading} {error}") from None
    return values


def _to_record(values: dict[str, Any], place: str, raw: bytes) -> IssueRecord:
    for source, heading in REQUIRED.items():
        if not values[source]:
            raise ValueError(f"{heading} is missing.")
    fields = {source: value for source, value in values.items() if "__" not in source}
    for role in ROLES:
        fields[role] = _person(values, role)
    issue_type = None
    if "issue_type__name" in values:
        issue_type = TypeRecord("", values["issue_type__name"])
    return IssueRecord(**fields, project=_project(values), issue_type=issue_type, place=place, raw=raw)


def _person(values: dict[str, Any], role: str) -> Person | None:
    """Data Center has only user names; such a name is then the account ID."""
    account_id = values.get(f"{role}__account_id", "")
    name = values.get(f"{role}__name", "")
    if account_id:
        return Person(account_id, name)
    if name:
        return Person(name)
    return None


def _project(values: dict[str, Any]) -> ProjectRecord:
    key = values.get("project__key") or values["key"].rpartition("-")[0]
    if not key:
        raise ValueError("Project key is missing.")
    return ProjectRecord(
        key,
        values.get("project__name", ""),
        values.get("project__type", ""),
        values.get("project__description", ""),
        _person(values, "project__lead"),
    )


# -- How each kind of column is read: from the cells that aren't empty, of which there is at least one ------


def _read_text(cells: list[str], context: ReadContext) -> str:
    return _unguarded(cells[0], context)


def _read_list(cells: list[str], context: ReadContext) -> tuple[str, ...]:
    return tuple([_unguarded(cell, context) for cell in cells])


def _unguarded(cell: str, context: ReadContext) -> str:
    """The exact inverse of the guard that docs/csv.md describes."""
    if "'" in cell and context.guard_removal is not GuardRemoval.OFF:
        cell = GUARD_REMOVERS[context.guard_removal](cell)
    return context.text(cell)


def _read_number(cells: list[str], _context: ReadContext) -> int:
    match = NUMBER.fullmatch(cells[0].strip())
    if not match:
        raise ValueError(f"is {cells[0][:80]!r}, which isn't a whole number.")
    return int(match[1])


def _read_day(cells: list[str], context: ReadContext) -> Any:
    return read_day(cells[0], context.date_format)


def _read_moment(cells: list[str], context: ReadContext) -> Any:
    return read_moment(cells[0], context.zone, context.date_format)


GUARD_REMOVERS: dict[GuardRemoval, Callable[[str], str]] = {
    GuardRemoval.ON: remove_guard,
    GuardRemoval.START: remove_guard_at_start,
}
READERS: dict[ColumnKind, Callable[[list[str], ReadContext], Any]] = {
    ColumnKind.TEXT: _read_text,
    ColumnKind.LIST: _read_list,
    ColumnKind.NUMBER: _read_number,
    ColumnKind.DATE: _read_day,
    ColumnKind.TIME: _read_moment,
}
EMPTY_VALUES: dict[ColumnKind, Any] = {
    ColumnKind.TEXT: "",
    ColumnKind.LIST: (),
    ColumnKind.NUMBER: None,
    ColumnKind.DATE: None,
    ColumnKind.TIME: None,
}
