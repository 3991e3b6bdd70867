"""Issues as CSV: of Jira Cloud, of Jira Data Center, and our own.

A column is known by its heading, in any order and any case; Data Center's other headings stand in SYNONYMS.
A heading may repeat: a list takes one value a column (also where somebody numbered the columns), anything
else the first that is filled. Cells are read as bytes' lines, so that line ends inside them stay as they are.
"""

import csv
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

from archive.columns import COLUMNS, Column, Kind
from archive.formula_guard import FORMULA_SIGNS
from imports.dates import read_day, read_moment
from imports.line_reader import join_lines, read_pieces
from imports.records import IssueRecord, Person, ProjectRecord, Reading, TypeRecord, UnreadableFile, UnreadableRecord

BOM = "\ufeff"
DELIMITERS = ",;\t|^"
LONGEST_CELL = 256 * 1024 * 1024  # characters; Python's own limit is 131,072
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
# These stand in no file but ours; only ours has been through the formula guard.
OURS = {"archivedby id", "archiveddate"}
REQUIRED = {"key": "Issue key", "id": "Issue id"}
# A key tells its project, and who archived an issue and when is known in any case.
DERIVED = {"project", "archived_by", "archived_date"}
GUARDED = re.compile(f"'+[{re.escape(FORMULA_SIGNS)}]")
NUMBERED = re.compile(r"(.+?)[ ._]?\d+", re.DOTALL)
NUMBER = re.compile(r"(-?\d{1,19})(?:\.0+)?%?", re.ASCII)

csv.field_size_limit(LONGEST_CELL)


def is_jira_csv(head: bytes) -> bool:
    """Whether a file that begins so names one of the columns without which there is no issue."""
    first = _text(head).removeprefix(BOM).lstrip("\r\n").partition("\n")[0].casefold()
    return any(heading.casefold() in first for heading in REQUIRED.values())


def read_issues(stream: BinaryIO, file: str, reading: Reading) -> Iterator[IssueRecord | UnreadableRecord]:
    """Every record in the file's order; what cannot be read takes its place as an error, not raised.

    Raises:
        UnreadableFile: the header lacks a column that every issue needs, or a line has no end.
    """
    records = _Records(stream, file)
    header = _Header(records.header, file)
    reading.untold = header.untold
    reading.unread.update(dict.fromkeys(header.unknown.values(), 0))
    reading.reject_head, reading.reject_suffix = records.raw, ".csv"
    if reading.guarded is None:
        reading.guarded = header.is_ours
    for row in records:
        yield _read_row(row, records, header, reading)


class _Records:
    """The file's records as lists of cells; `line` and `raw` tell where the latest stood and how."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self.file, self.line, self.raw = file, 1, b""
        self._taken: list[bytes] = []
        self._next_line = 1
        lines = self._lines(stream)
        first = next((line for line in lines if line.strip()), "")
        delimiter = max(DELIMITERS, key=lambda sign: len(_known_in(next(csv.reader([first], delimiter=sign), []))))
        self._reader = csv.reader(itertools.chain([first], lines), delimiter=delimiter, strict=True)
        header = next(iter(self), [])
        if isinstance(header, csv.Error):
            raise UnreadableFile(file, f"has a header that is no CSV: {header}.")
        self.header = header

    def __iter__(self) -> Iterator[list[str] | csv.Error]:
        while True:
            try:
                row: list[str] | csv.Error = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                row = error
            self.raw, self.line = b"".join(self._taken), self._next_line
            self._next_line += len(self._taken)
            self._taken.clear()
            if row:
                yield row

    def _lines(self, stream: BinaryIO) -> Iterator[str]:
        is_first = True
        for line in join_lines(read_pieces(stream), self.file):
            self._taken.append(line)
            yield _text(line).removeprefix(BOM) if is_first else _text(line)
            is_first = False


class _Header:
    """Which cell of a record tells what."""

    def __init__(self, headings: Sequence[str], file: str) -> None:
        self.width = len(headings)
        self.cells: dict[Column, list[int]] = {}
        self.unknown: dict[int, str] = {}
        for index, heading in enumerate(headings):
            if column := _find_column(heading):
                self.cells.setdefault(column, []).append(index)
            else:
                self.unknown[index] = heading.strip() or f"column {index + 1}"
        sources = {column.source for column in self.cells}
        if missing := [heading for source, heading in REQUIRED.items() if source not in sources]:
            raise UnreadableFile(file, f"has no column {' and no column '.join(missing)}. Export it with all fields.")
        told = {source.partition("__")[0] for source in sources}
        self.untold = frozenset(column.source.partition("__")[0] for column in COLUMNS) - told - DERIVED
        self.is_ours = {column.heading.casefold() for column in self.cells} >= OURS


def _find_column(heading: str) -> Column | None:
    name = " ".join(heading.casefold().split())
    name = SYNONYMS.get(name, name)
    if column := KNOWN.get(name):
        return column
    numbered = NUMBERED.fullmatch(name)
    column = KNOWN.get(SYNONYMS.get(numbered[1], numbered[1])) if numbered else None
    return column if column and column.kind is Kind.LIST else None


def _known_in(headings: Sequence[str]) -> list[str]:
    return [heading for heading in headings if _find_column(heading.removeprefix(BOM))]


def _text(line: bytes) -> str:
    """Bytes that are no UTF-8 become lone surrogates, which are refused where they stand."""
    return line.decode("utf-8", "surrogateescape")


# -- One record ---------------------------------------------------------------------------------------


def _read_row(
    row: list[str] | csv.Error, records: _Records, header: _Header, reading: Reading
) -> IssueRecord | UnreadableRecord:
    place, raw = f"line {records.line}", records.raw
    try:
        if isinstance(row, csv.Error):
            raise ValueError(f"is no CSV: {row}.")  # noqa: TRY301, TRY004
        if len(row) != header.width:
            raise ValueError(f"has {len(row)} cells where the header has {header.width}.")  # noqa: TRY301
        return _to_record(_read_cells(row, header, reading), place, raw)
    except ValueError as error:
        key = _key_in(row, header)
        return UnreadableRecord(file=records.file, place=place, key=key, reason=str(error), raw=raw)


def _key_in(row: list[str] | csv.Error, header: _Header) -> str:
    index = header.cells[KNOWN["issue key"]][0]
    return row[index][:96] if isinstance(row, list) and index < len(row) else ""


def _read_cells(row: list[str], header: _Header, reading: Reading) -> dict[str, Any]:
    """What the record tells, by the columns' sources. Raises ValueError with the heading."""
    for index, heading in header.unknown.items():
        if row[index]:
            reading.unread[heading] += 1
    told = {}
    for column, indexes in header.cells.items():
        cells = [row[index] for index in indexes if row[index]]
        try:
            told[column.source] = READERS[column.kind](cells, reading)
        except ValueError as error:
            raise ValueError(f"{column.heading} {error}") from None
    return told


def _to_record(told: dict[str, Any], place: str, raw: bytes) -> IssueRecord:
    for source, heading in REQUIRED.items():
        if not told[source]:
            raise ValueError(f"{heading} is missing.")
    values = {source: value for source, value in told.items() if "__" not in source}
    values |= {role: _person(told, role) for role in ("assignee", "reporter", "creator", "archived_by")}
    return IssueRecord(
        **values,
        project=_project(told),
        issue_type=TypeRecord("", told["issue_type__name"]) if "issue_type__name" in told else None,
        place=place,
        raw=raw,
    )


def _person(told: dict[str, Any], role: str) -> Person | None:
    """Data Center names people by user name alone, which then is the account ID."""
    name, account_id = told.get(f"{role}__name", ""), told.get(f"{role}__account_id", "")
    if account_id:
        return Person(account_id, name)
    return Person(name) if name else None


def _project(told: dict[str, Any]) -> ProjectRecord:
    key = told.get("project__key") or told["key"].rpartition("-")[0]
    if not key:
        raise ValueError("Project key is missing.")
    name, kind, description = (told.get(f"project__{part}", "") for part in ("name", "type", "description"))
    return ProjectRecord(key, name, kind, description, _person(told, "project__lead"))


# -- How the filled cells of each kind of column are read ------------------------------------------------


def _read_text(cells: list[str], reading: Reading) -> str:
    return _unguarded(cells[0], reading) if cells else ""


def _read_list(cells: list[str], reading: Reading) -> tuple[str, ...]:
    return tuple(_unguarded(cell, reading) for cell in cells)


def _unguarded(cell: str, reading: Reading) -> str:
    """The exact inverse of the guard that docs/csv.md describes."""
    if reading.guarded and cell[0] == "'" and GUARDED.match(cell):
        cell = cell[1:]
    return reading.text(cell)


def _read_number(cells: list[str], _reading: Reading) -> int | None:
    if not cells:
        return None
    if match := NUMBER.fullmatch(cells[0].strip()):
        return int(match[1])
    raise ValueError(f"is {cells[0][:80]!r}, not a whole number.")


READERS: dict[Kind, Callable[[list[str], Reading], Any]] = {
    Kind.TEXT: _read_text,
    Kind.LIST: _read_list,
    Kind.NUMBER: _read_number,
    Kind.DATE: lambda cells, reading: read_day(cells[0], reading.date_format) if cells else None,
    Kind.TIME: lambda cells, reading: read_moment(cells[0], reading.zone, reading.date_format) if cells else None,
}
