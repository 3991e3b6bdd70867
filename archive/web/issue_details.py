"""What the page of an issue shows of its details: comments, links, custom fields, history, ….

Details come from files, so that any member of their JSON may be missing or of another type. Whatever it is, the page
shows it as text.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import QueryDict
from django.utils.text import Truncator

from archive.detail_values import Json, person_id, texts_of
from archive.models import Account, ArchivedIssue, DetailColumn, DetailKind, IssueDetail, issue_address
from archive.web.issue import SHORT_CHARACTERS, SHOWN_CHARACTERS, SHOWN_VALUES, Fact, Text, hours
from core.paging import read_number

PAGE_SIZE = 25
# Longer values of fields are shown as texts, between the description and the comments.
LONG_CHARACTERS = 200
# The names of lists in URLs: ?comments=2 is their second page.
LISTS = {
    DetailKind.ATTACHMENT: "attachments",
    DetailKind.LINK: "links",
    DetailKind.SUBTASK: "subtasks",
    DetailKind.COMMENT: "comments",
    DetailKind.WORKLOG: "worklogs",
    DetailKind.HISTORY: "history",
}
FIELDS = {DetailKind.CUSTOM, DetailKind.FIELD}
SAFE_SCHEMES = ("http", "https")
LATEST = datetime.datetime.max.replace(tzinfo=datetime.UTC)  # for items without a date


@dataclass(frozen=True)
class Change:
    """One field's change in an entry of the history."""

    field: str
    before: str
    after: str


@dataclass
class Entry:
    """An item of a list. Which attributes have a value depends on the list.

    `note` says who may see it, or how much time was spent. `date_text` is the date as the file has it, if it isn't one.
    """

    person: Json = None
    author: str = ""
    at: datetime.datetime | None = None
    date_text: str = ""
    note: str = ""
    text: Text | None = None
    title: str = ""
    key: str = ""
    address: str = ""
    changes: Sequence[Change] = ()


@dataclass
class EntryList:
    """One page of a list, by its name in URLs. `previous` and `next` are the addresses of its neighbors, or empty."""

    name: str
    heading: str
    count: int = 0
    previous: str = ""
    next: str = ""
    entries: Sequence[Entry] = ()


@dataclass
class Details:
    """Everything the page shows of the details. Lists without entries are left out."""

    lists: dict[str, EntryList] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    watchers: list[str] = field(default_factory=list)


def read_details(issue: ArchivedIssue, query: QueryDict, *, whole: bool) -> Details:
    """The details, with the pages of lists that the query asks for. Texts are cut unless `whole`.

    Raises:
        BadRequest: the number of a page isn't one.
    """
    found = issue.details.select_related("column").defer("value").order_by("column__kind", "column__name", "column_id")
    return _Reader(query, whole=whole).read(found)


class _Reader:
    """Makes the entries of one page, then looks up the people and issues that they name, each kind by one query."""

    def __init__(self, query: QueryDict, *, whole: bool) -> None:
        self._query = query
        self._is_whole = whole
        self._people: set[str] = set()
        self._details = Details()

    def read(self, rows: Iterable[IssueDetail]) -> Details:
        items: dict[DetailKind, list[tuple[DetailColumn, Json]]] = {}
        for row in rows:
            kind = DetailKind(row.column.kind)
            if kind in FIELDS:
                self._add_field(row)
            else:
                items.setdefault(kind, []).extend((row.column, item) for item in row.items)
        watchers = [item for _, item in items.pop(DetailKind.WATCHER, [])[:SHOWN_VALUES]]
        for kind, name in LISTS.items():
            if kind in items:
                self._details.lists[name] = self._read_list(kind, name, items[kind])
        self._name_people(watchers)
        self._link_issues()
        return self._details

    # -- Lists ---------------------------------------------------------------------------------------------

    def _read_list(self, kind: DetailKind, name: str, items: list[tuple[DetailColumn, Json]]) -> EntryList:
        if kind in _DATES:
            items.sort(key=lambda pair: _instant(pair[1], _DATES[kind]) or LATEST)
        found = EntryList(name, kind.label, len(items))
        page_count = -(-len(items) // PAGE_SIZE)
        number = min(max(read_number(self._query, name), 1), page_count)
        if number > 1:
            found.previous = self._address(name, number - 1)
        if number < page_count:
            found.next = self._address(name, number + 1)
        start = (number - 1) * PAGE_SIZE
        read = _READERS[kind]
        found.entries = [read(self, column, _as_object(item)) for column, item in items[start : start + PAGE_SIZE]]
        return found

    def _address(self, name: str, number: int) -> str:
        """The page's own address with another page of one list."""
        query = self._query.copy()
        query[name] = str(number)
        return f"?{query.urlencode()}#{name}"

    def _read_comment(self, _column: DetailColumn, item: Mapping[str, Json]) -> Entry:
        entry = self._dated(item, "created")
        entry.note = _audience(item)
        entry.text = self._text("", _shown(item.get("body")))
        return entry

    def _read_worklog(self, _column: DetailColumn, item: Mapping[str, Json]) -> Entry:
        entry = self._dated(item, "started")
        seconds = item.get("timeSpentSeconds")
        if isinstance(seconds, int):
            entry.note = hours(seconds)
        entry.text = self._text("", _shown(item.get("comment")))
        return entry

    def _read_attachment(self, _column: DetailColumn, item: Mapping[str, Json]) -> Entry:
        entry = self._dated(item, "created")
        entry.title = _shown(item.get("filename")) or "Attachment"
        entry.address = _web_address(item.get("content"))
        size = item.get("size")
        if isinstance(size, int):
            entry.note = f"{size:,} bytes"
        return entry

    def _read_history(self, _column: DetailColumn, item: Mapping[str, Json]) -> Entry:
        entry = self._dated(item, "created")
        changes = item.get("items")
        if isinstance(changes, list):
            entry.changes = [self._read_change(_as_object(change)) for change in changes[:SHOWN_VALUES]]
        return entry

    def _read_change(self, change: Mapping[str, Json]) -> Change:
        texts = []
        for name, member in (("fromString", "from"), ("toString", "to")):
            text = _shown(change.get(name)) or _shown(change.get(member))
            if not self._is_whole:
                text = Truncator(text).chars(SHORT_CHARACTERS)
            texts.append(text)
        return Change(_shown(change.get("field")), *texts)

    def _read_link(self, column: DetailColumn, item: Mapping[str, Json]) -> Entry:
        phrase = _as_object(item.get("type")).get(column.direction)
        entry = self._read_other(_as_object(item.get(f"{column.direction}Issue")))
        entry.note = _shown(phrase) or column.heading
        return entry

    def _read_subtask(self, _column: DetailColumn, item: Mapping[str, Json]) -> Entry:
        return self._read_other(item)

    def _read_other(self, issue: Mapping[str, Json]) -> Entry:
        """Another issue, which the archive may have."""
        fields = _as_object(issue.get("fields"))
        return Entry(
            key=_shown(issue.get("key")) or _shown(issue.get("body")),
            title=_shown(fields.get("summary")),
            date_text=_shown(_as_object(fields.get("status")).get("name")),
        )

    def _dated(self, item: Mapping[str, Json], member: str) -> Entry:
        entry = Entry(at=_instant(item, member))
        if entry.at is None:
            entry.date_text = _shown(item.get(member))
        entry.person = item.get("author")
        self._note_person(entry.person)
        return entry

    # -- Fields ----------------------------------------------------------------------------------------------

    def _add_field(self, row: IssueDetail) -> None:
        heading = row.column.name or row.column.field_id
        values = [_shown(item) for item in row.items[:SHOWN_VALUES]]
        if len(values) == 1 and len(values[0]) > LONG_CHARACTERS:
            text = self._text(heading, values[0])
            if text:
                self._details.texts.append(text)
            return
        shown = [Truncator(value).chars(SHORT_CHARACTERS) for value in values]
        hidden_count = len(row.items) - len(values)
        self._details.facts.append(Fact(heading, "list", shown, hidden_count=hidden_count))

    def _text(self, heading: str, text: str) -> Text | None:
        if not text:
            return None
        shown = text
        if not self._is_whole:
            shown = text[:SHOWN_CHARACTERS]
        return Text(heading, shown, len(text))

    # -- People and issues -------------------------------------------------------------------------------------

    def _note_person(self, person: Json) -> None:
        if isinstance(person, dict) and not person.get("displayName"):
            self._people.add(person_id(person))

    def _name_people(self, watchers: Sequence[Json]) -> None:
        for watcher in watchers:
            self._note_person(watcher)
        names: dict[str, str] = {}
        if self._people:
            accounts = Account.objects.filter(account_id__in=self._people).exclude(name="")
            names = dict(accounts.values_list("account_id", "name"))
        for entry in self._entries():
            entry.author = _name_of(entry.person, names)
        self._details.watchers = [_name_of(watcher, names) for watcher in watchers]

    def _link_issues(self) -> None:
        keys = {entry.key for entry in self._entries() if entry.key}
        if not keys:
            return
        ids = dict(ArchivedIssue.objects.filter(key__in=keys).values_list("key", "pk"))
        for entry in self._entries():
            if entry.key in ids:
                entry.address = issue_address(entry.key, ids[entry.key])

    def _entries(self) -> Iterator[Entry]:
        for found in self._details.lists.values():
            yield from found.entries


def _as_object(value: Json) -> Mapping[str, Json]:
    """The value if it is an object; any other one as the text of an object."""
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    return {"body": value}


def _shown(value: Json) -> str:
    if value is None:
        return ""
    return ", ".join(texts_of(value))


def _instant(item: Json, member: str) -> datetime.datetime | None:
    if not isinstance(item, dict):
        return None
    try:
        at = datetime.datetime.fromisoformat(item[member])
        if at.tzinfo is None:
            return None
        return at.astimezone(datetime.UTC)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _audience(comment: Mapping[str, Json]) -> str:
    """Who may see a comment; "" if everybody may."""
    if comment.get("jsdPublic") is False:
        return "Internal"
    visibility = _as_object(comment.get("visibility"))
    if visibility.get("value"):
        return f"Only {_shown(visibility['value'])}"
    return ""


def _name_of(person: Json, names: Mapping[str, str]) -> str:
    if not isinstance(person, dict):
        return _shown(person)
    account_id = person_id(person)
    return _shown(person.get("displayName")) or names.get(account_id) or account_id


def _web_address(value: Json) -> str:
    """The address if a browser may open it, otherwise ""."""
    if not isinstance(value, str):
        return ""
    try:
        scheme = urlsplit(value).scheme
    except ValueError:
        return ""
    if scheme in SAFE_SCHEMES:
        return value
    return ""


# The member by which a list is sorted, oldest first.
_DATES = {DetailKind.COMMENT: "created", DetailKind.WORKLOG: "started", DetailKind.HISTORY: "created"}

_READERS: dict[DetailKind, Callable[[_Reader, DetailColumn, Mapping[str, Any]], Entry]] = {
    DetailKind.COMMENT: _Reader._read_comment,
    DetailKind.WORKLOG: _Reader._read_worklog,
    DetailKind.ATTACHMENT: _Reader._read_attachment,
    DetailKind.HISTORY: _Reader._read_history,
    DetailKind.LINK: _Reader._read_link,
    DetailKind.SUBTASK: _Reader._read_subtask,
}
