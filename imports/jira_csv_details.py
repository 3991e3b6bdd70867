"""What Jira's CSV has beside the columns of the ordinary export: comments, links, custom fields, ….

A comment is `date;author;text`, an attachment `date;author;name;address`, a work log `comment;date;author;seconds`. In
the portal's own files, an entry of the change history is `date;author;field;from;to;…`.
A cell in another form is kept as a text. Any heading that means nothing else is the name of a field.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from itertools import zip_longest

from archive.detail_values import Json, to_json
from archive.models import SPRINT, DetailKind
from imports.dates import UnknownDateFormat, read_moment
from imports.json_values import write_instant
from imports.read_context import ReadContext
from imports.records import ColumnRecord, Detail, Person

KINDS = {
    "comment": DetailKind.COMMENT,
    "comments": DetailKind.COMMENT,
    "log work": DetailKind.WORKLOG,
    "worklog": DetailKind.WORKLOG,
    "attachment": DetailKind.ATTACHMENT,
    "attachments": DetailKind.ATTACHMENT,
    "sub-tasks": DetailKind.SUBTASK,
    "subtasks": DetailKind.SUBTASK,
    "change history": DetailKind.HISTORY,  # of the portal's own files
}
WATCHERS = ColumnRecord(DetailKind.WATCHER)
WATCHERS_HEADING = "watchers"
WATCHER_IDS = "watchers id"
SPRINT_HEADING = "sprint"
SPRINTS = ColumnRecord(DetailKind.CUSTOM, "Sprint", type=SPRINT)
LINK = re.compile(r"(outward|inward) issue link \((.*)\)", re.IGNORECASE)
CUSTOM = re.compile(r"custom field \((.+)\)", re.IGNORECASE)
# The number of a column, such as Attachment0 or Custom field (Team).2.
NUMBERED = re.compile(r"(.*[^\d ._])[ ._]?\d+", re.DOTALL)
CHANGE_MEMBERS = ("field", "fromString", "toString")
MAX_NAME_LENGTH = 255
MAX_AUTHOR_LENGTH = 128
DIGITS = re.compile(r"\d{1,15}", re.ASCII)

Unguard = Callable[[str], str]
ReadCell = Callable[["DetailCells", ColumnRecord, str], Json]


class DetailCells:
    """Which cells of a record are details, and reading them."""

    def __init__(self, context: ReadContext) -> None:
        self._mentions: set[str] = set()
        self._context = context
        self._indexes: dict[ColumnRecord, list[int]] = {}
        self._watcher_ids: list[int] = []
        self._people: dict[Person, None] = {}

    def add(self, index: int, heading: str) -> bool:
        """Take the column with this heading, unless it can't be kept."""
        name = " ".join(heading.replace("\0", "").split())
        if not name or len(name) > MAX_NAME_LENGTH or not _is_text(name):
            return False
        column = WATCHERS
        if _without_number(name).casefold() == WATCHER_IDS:
            self._watcher_ids.append(index)
            self._indexes.setdefault(WATCHERS, [])
        else:
            column = _find_column(name)
            self._indexes.setdefault(column, []).append(index)
        self._mentions.add(column.heading)
        if column == SPRINTS:
            self._mentions.add(column._replace(type="").heading)  # if its type isn't known
        return True

    def mentions(self) -> frozenset[str]:
        """The headings, as IssueRecord has them."""
        return frozenset(self._mentions)

    def read(self, row: Sequence[str], unguard: Unguard) -> tuple[tuple[Detail, ...], tuple[Person, ...]]:
        """The record's details, and the people in them. `unguard` returns a cell's text.

        Raises:
            ValueError: a cell has bytes that aren't UTF-8. The message begins with its heading.
        """
        self._people = {}
        details = []
        for column, indexes in self._indexes.items():
            cells = [row[index] for index in indexes]
            if not any(cells) and column is not WATCHERS:  # most cells of most files are empty
                continue
            try:
                items = self._read_column(column, cells, row, unguard)
            except ValueError as error:
                raise ValueError(f"{column.heading} {error}") from None
            if items:
                details.append(Detail(column, len(items), to_json(items)))
        return tuple(details), tuple(self._people)

    def _read_column(
        self, column: ColumnRecord, cells: Sequence[str], row: Sequence[str], unguard: Unguard
    ) -> list[Json]:
        if column is WATCHERS:
            ids = [row[index] for index in self._watcher_ids]
            return self._read_watchers(cells, ids, unguard)
        read = _READERS.get(DetailKind(column.kind), DetailCells._read_text)
        return [read(self, column, unguard(cell)) for cell in cells if cell]

    def _read_watchers(self, names: Sequence[str], ids: Sequence[str], unguard: Unguard) -> list[Json]:
        """The first name belongs to the first ID, and so on. Data Center's CSV has no IDs, but user names."""
        watchers = []
        for name, account_id in zip_longest(names, ids, fillvalue=""):
            shown = ""
            if name:
                shown = unguard(name)
            if account_id:
                watchers.append(self._person(unguard(account_id), shown))
            elif name:
                watchers.append(self._person(shown))
        return watchers

    # -- How each kind of cell is read ------------------------------------------------------------------------

    def _read_comment(self, _column: ColumnRecord, cell: str) -> Json:
        date, author, text = _split(cell, 3)
        created = self._read_date(date)
        if created is None or not _is_author(author):
            return {"body": cell}
        return self._written(author) | {"created": write_instant(created), "body": text}

    def _read_attachment(self, _column: ColumnRecord, cell: str) -> Json:
        date, author, rest = _split(cell, 3)
        created = self._read_date(date)
        if created is None or not _is_author(author):
            return {"filename": cell}
        name, _, address = rest.rpartition(";")
        kept: dict[str, Json] = {"filename": name, "content": address}
        if "://" not in address:
            kept = {"filename": rest}
        return self._written(author) | {"created": write_instant(created)} | kept

    def _read_worklog(self, _column: ColumnRecord, cell: str) -> Json:
        """Some programs put the comment at the end."""
        for comment, date, author, seconds in (_split_at_end(cell), _moved_to_front(_split(cell, 4))):
            started = self._read_date(date)
            if started is not None and DIGITS.fullmatch(seconds) and _is_author(author):
                kept = {"comment": comment, "started": write_instant(started), "timeSpentSeconds": int(seconds)}
                return self._written(author) | kept
        return {"comment": cell}

    def _read_history(self, _column: ColumnRecord, cell: str) -> Json:
        date, author, rest = _split(cell, 3)
        created = self._read_date(date)
        if created is None or not _is_author(author):
            return {"items": [{"field": cell}]}
        return self._written(author) | {"created": write_instant(created), "items": _read_changes(rest)}

    def _read_link(self, column: ColumnRecord, cell: str) -> Json:
        return {"type": {"name": column.name}, f"{column.direction}Issue": {"key": cell}}

    def _read_subtask(self, _column: ColumnRecord, cell: str) -> Json:
        return {"key": cell}

    def _read_text(self, _column: ColumnRecord, cell: str) -> Json:
        return cell

    def _read_date(self, text: str) -> datetime.datetime | None:
        try:
            return read_moment(text, self._context.zone, self._context.date_format)
        except UnknownDateFormat:
            return None

    def _written(self, author: str) -> dict[str, Json]:
        """The member with the author; nothing for somebody who wasn't signed in."""
        if not author:
            return {}
        return {"author": self._person(author)}

    def _person(self, account_id: str, name: str = "") -> Json:
        self._people[self._context.same(Person(account_id, name))] = None
        if name:
            return {"accountId": account_id, "displayName": name}
        return {"accountId": account_id}


def _read_changes(text: str) -> list[Json]:
    """The changes in `field;from;to;field;from;to`; one, with the whole text, if a part has a semicolon."""
    if not text:
        return []
    parts = text.split(";")
    if len(parts) % len(CHANGE_MEMBERS):
        return [{"field": text}]
    changes: list[Json] = []
    for start in range(0, len(parts), len(CHANGE_MEMBERS)):
        values = parts[start : start + len(CHANGE_MEMBERS)]
        changes.append(dict(zip(CHANGE_MEMBERS, values, strict=True)))
    return changes


def _find_column(name: str) -> ColumnRecord:
    """The column of a heading that is no column of the export."""
    for candidate in (name, _without_number(name)):
        found = _find_known(candidate)
        if found:
            return found
    return ColumnRecord(DetailKind.FIELD, name)


def _find_known(name: str) -> ColumnRecord | None:
    folded = name.casefold()
    if folded == WATCHERS_HEADING:
        return WATCHERS
    if folded in KINDS:
        return ColumnRecord(KINDS[folded])
    if folded == SPRINT_HEADING:
        return SPRINTS
    link = LINK.fullmatch(name)
    if link:
        return ColumnRecord(DetailKind.LINK, link[2], link[1].lower())
    custom = CUSTOM.fullmatch(name)
    if custom and custom[1].casefold() == SPRINT_HEADING:
        return SPRINTS
    if custom:
        return ColumnRecord(DetailKind.CUSTOM, custom[1])
    return None


def _without_number(name: str) -> str:
    """The heading without the number that tells repeated columns apart."""
    numbered = NUMBERED.fullmatch(name)
    if numbered:
        return numbered[1]
    return name


def _is_text(name: str) -> bool:
    """Whether a database can store it: without bytes that aren't UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_author(text: str) -> bool:
    return len(text) <= MAX_AUTHOR_LENGTH and "\n" not in text


def _split(cell: str, count: int) -> list[str]:
    """The cell's parts; the last one may contain semicolons. Empty texts if there are fewer."""
    parts = cell.split(";", count - 1)
    return parts + [""] * (count - len(parts))


def _split_at_end(cell: str) -> list[str]:
    parts = cell.rsplit(";", 3)
    return parts + [""] * (4 - len(parts))


def _moved_to_front(parts: list[str]) -> list[str]:
    return [parts[-1], *parts[:-1]]


_READERS: dict[DetailKind, ReadCell] = {
    DetailKind.COMMENT: DetailCells._read_comment,
    DetailKind.WORKLOG: DetailCells._read_worklog,
    DetailKind.ATTACHMENT: DetailCells._read_attachment,
    DetailKind.HISTORY: DetailCells._read_history,
    DetailKind.LINK: DetailCells._read_link,
    DetailKind.SUBTASK: DetailCells._read_subtask,
}
