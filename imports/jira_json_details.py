"""What an issue in Jira's JSON has beside the columns of the ordinary export: comments, custom fields, history, ….

Everything that the issue's JSON has is kept, except what is stored as a column already (STORED) and what follows from
other fields or describes the person who fetched the issue (DERIVED). docs/import.md lists both.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from archive.detail_values import Json, texts_of, to_json
from archive.documents import ARCHIVE_MEMBER
from archive.models import SPRINT, DetailKind
from imports.json_values import ValueReader, is_person
from imports.read_context import MAX_REMEMBERED_NAMES, ReadContext
from imports.records import ColumnRecord, Detail, Person

# Members of an issue, beside "fields".
STORED_MEMBERS = frozenset({"id", "key", "fields", "names", "schema"})
DERIVED_MEMBERS = frozenset(
    {"self", "expand", "renderedFields", "editmeta", "operations", "transitions", "versionedRepresentations"}
)
# Members of "fields".
STORED = frozenset(
    {
        "project", "issuetype", "summary", "status", "statuscategorychangedate", "priority", "resolution", "assignee",
        "reporter", "creator", "created", "updated", "resolutiondate", "duedate", "versions", "fixVersions",
        "components", "labels", "votes", "description", "environment", "timeoriginalestimate", "timeestimate",
        "timespent", "workratio", "aggregatetimeoriginalestimate", "aggregatetimeestimate", "aggregatetimespent",
        "security", "parent", "archivedby", "archiveddate",
    }
)  # fmt: skip
DERIVED = frozenset({"progress", "aggregateprogress", "timetracking", "statusCategory"})
LEFT_OUT_MEMBERS = STORED_MEMBERS | DERIVED_MEMBERS
LEFT_OUT_FIELDS = STORED | DERIVED
CUSTOM_PREFIX = "customfield_"
BESIDE_FIELDS = "issue."  # before the name of a member of the issue, if one of its fields has the same name
# What is kept of another issue, which a link or a subtask names: its members of "fields", and their members.
OTHER_FIELDS = {"summary": "", "status": "name", "priority": "name", "issuetype": "name"}
DIRECTIONS = {"outward": "outwardIssue", "inward": "inwardIssue"}
# Fields whose changes name people by their account IDs.
PEOPLE_FIELDS = frozenset({"assignee", "reporter", "creator"})
# The headings in CSV files of Jira's own fields that have no column of their own.
KNOWN_NAMES = {"lastViewed": "Last Viewed"}
MAX_SHAPES = 300
MAX_LENGTH = 255  # of a field's name and type
FIELD_KINDS = (DetailKind.CUSTOM, DetailKind.FIELD)
ARCHIVE_MEMBERS = frozenset({"details", "people"})  # of what the portal's own files have besides Jira's JSON
WATCHER_MEMBER = "watchers"  # stands for the list of watchers among the mentions of an issue

Details = tuple[tuple[Detail, ...], tuple[Person, ...], frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Shape:
    """Which members an issue has: those of its fields and of itself that are details, and all of them as mentions."""

    of_fields: list[str]
    of_issue: list[str]
    mentions: frozenset[str]


class DetailReader:
    """Reads the details of one file's issues."""

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._values = ValueReader(context)
        self._columns: dict[str, ColumnRecord] = {}
        self._shapes: dict[tuple[tuple[str, ...], ...], _Shape] = {}
        self._details: list[Detail] = []
        self._has_odd_names = False

    def read(self, issue: dict[str, Any], fields: dict[str, Any]) -> Details:
        """The issue's details, the people in them, and the names of its members, as IssueRecord has them.

        Raises:
            ValueError: a member can't be stored. The message begins with its path.
        """
        self._details = []
        self._has_odd_names = False
        self._values.people = {}
        shape = self._find_shape(issue, fields)
        for name in shape.of_fields:
            self._read_member(f"fields.{name}", name, fields[name])
        for name in shape.of_issue:
            if name == ARCHIVE_MEMBER and _is_ours(issue[name]):
                self._read_archive(issue[name])
                continue
            field_id = name
            if name in fields:
                field_id = BESIDE_FIELDS + name
            self._read_member(name, field_id, issue[name])
        mentions = shape.mentions
        watches = fields.get("watches")
        if isinstance(watches, dict) and WATCHER_MEMBER in watches:
            mentions = self._context.same_names(mentions.union([WATCHER_MEMBER]))
        if "names" in issue or "schema" in issue:
            learn_fields(issue, self._context)
        return tuple(self._details), tuple(self._values.people), mentions

    def _find_shape(self, issue: dict[str, Any], fields: dict[str, Any]) -> "_Shape":
        """Most issues of a file have the same members: which of them are details is decided once."""
        key = (tuple(issue), tuple(fields))
        shape = self._shapes.get(key)
        if shape is None:
            shape = _Shape(
                of_fields=[name for name in fields if name not in LEFT_OUT_FIELDS],
                of_issue=[name for name in issue if name not in LEFT_OUT_MEMBERS],
                mentions=self._context.same_names(frozenset(fields).union(issue)),
            )
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            if len(fields) + len(issue) <= MAX_REMEMBERED_NAMES:
                self._shapes[key] = shape
        return shape

    def _read_member(self, path: str, name: str, value: Any) -> None:
        if value is None or value == "" or value == []:
            return
        read = _READERS.get(name, DetailReader._read_field)
        try:
            read(self, name, value)
        except ValueError as error:
            raise ValueError(f"{path} {error}") from error

    # -- Each kind ---------------------------------------------------------------------------------------

    def _read_list(self, name: str, value: Any) -> None:
        """A list of objects, such as attachments, or a page of one, such as comments."""
        kind, member = _LISTS[name]
        found = value
        total: Any = 0
        if isinstance(value, dict):
            found = value.get(member)
            total = value.get("total")
        if not isinstance(found, list):
            self._read_field(name, value)
            return
        items = self._values.read(found)
        is_partial = isinstance(total, int) and total > len(items)
        self._add(ColumnRecord(kind), items, None, is_partial)

    def _read_watchers(self, name: str, value: Any) -> None:
        """Jira gives the number of watchers with an issue; some programs add the list of them."""
        if isinstance(value, dict) and isinstance(value.get(WATCHER_MEMBER), list):
            self._add(ColumnRecord(DetailKind.WATCHER), self._values.read(value[WATCHER_MEMBER]))
        elif isinstance(value, dict) and isinstance(value.get("watchCount"), int):
            count = value["watchCount"]
            if count:
                self._add(self._column(name), [str(count)], to_json({"watchCount": count}))
        else:
            self._read_field(name, value)

    def _read_links(self, name: str, value: Any) -> None:
        if not isinstance(value, list):
            self._read_field(name, value)
            return
        by_column: dict[ColumnRecord, list[Json]] = {}
        for link in value:
            direction = _direction_of(link)
            column = ColumnRecord(DetailKind.LINK, self._values.text(_type_of(link)), direction)
            kept = self._values.read(link)
            if direction:
                kept[DIRECTIONS[direction]] = self._read_other(link[DIRECTIONS[direction]])
            by_column.setdefault(column, []).append(kept)
        for column, items in by_column.items():
            self._add(column, items)

    def _read_subtasks(self, name: str, value: Any) -> None:
        if not isinstance(value, list):
            self._read_field(name, value)
            return
        self._add(ColumnRecord(DetailKind.SUBTASK), [self._read_other(item) for item in value])

    def _read_other(self, issue: Any) -> Json:
        """Another issue: its ID, its key, and what a page shows of it."""
        kept = self._values.read(issue)
        if not isinstance(kept, dict) or not isinstance(kept.get("fields"), dict):
            return kept
        fields = {}
        for name, member in OTHER_FIELDS.items():
            value = kept["fields"].get(name)
            if member and isinstance(value, dict):
                value = {member: value.get(member)}
            if value is not None:
                fields[name] = value
        return kept | {"fields": fields}

    def _read_history(self, name: str, value: Any) -> None:
        self._read_list(name, value)
        if isinstance(value, dict):
            value = value.get("histories")
        if not isinstance(value, list):
            return
        for entry in value:
            if isinstance(entry, dict) and isinstance(entry.get("items"), list):
                for change in entry["items"]:
                    self._learn_changed_people(change)

    def _learn_changed_people(self, change: Any) -> None:
        """Without their names: the change has those of its time."""
        if not isinstance(change, dict) or not _is_about_people(change):
            return
        for member in ("from", "to"):
            account_id = change.get(member)
            if isinstance(account_id, str) and account_id:
                self._values.people[self._context.same(Person(self._values.text(account_id)))] = None

    def _read_field(self, name: str, value: Any) -> None:
        """A custom field, or one of Jira's that has no column of its own."""
        column = self._column(name)
        if self._is_taken(column, name):
            return
        kept = self._values.read(value)
        texts = texts_of(kept)
        raw = None
        if texts != [kept]:
            raw = to_json(kept)
        self._add(column, texts, raw)

    def _is_taken(self, column: ColumnRecord, name: str) -> bool:
        """Whether the issue has the field already: NUL, which no database can store, makes equal names of others."""
        if column.field_id != name or name.startswith(BESIDE_FIELDS):
            self._has_odd_names = True
        return self._has_odd_names and any(detail.column == column for detail in self._details)

    # -- What the portal's own files have besides ----------------------------------------------------------

    def _read_archive(self, archive: Mapping[str, Any]) -> None:
        """Fields that the archive knows only by their names, and people as it knows them."""
        for detail in archive.get("details", ()):
            try:
                self._read_kept(detail)
            except ValueError as error:
                raise ValueError(f"{ARCHIVE_MEMBER}.details {error}") from error
        found = self._values.people
        self._values.people = {}
        for person in archive.get("people", ()):
            if isinstance(person, dict) and is_person(person):
                self._values.read(person)
        known_ids = {person.account_id for person in self._values.people}
        for person in found:
            if person.account_id not in known_ids:
                self._values.people[person] = None

    def _read_kept(self, detail: Any) -> None:
        if not isinstance(detail, dict):
            raise ValueError("has a value that isn't an object.")  # noqa: TRY004
        texts = []
        for member in ("kind", "name", "fieldId", "type"):
            text = detail.get(member, "")
            if not isinstance(text, str):
                raise ValueError(f"has a {member} that isn't text.")  # noqa: TRY004
            texts.append(self._values.text(text))
        kind, name, field_id, field_type = texts
        items = detail.get("items")
        if kind not in FIELD_KINDS or not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ValueError("has a value that isn't a field with a list of texts.")
        raw = None
        if detail.get("value") is not None:
            raw = to_json(self._values.read(detail["value"]))
        column = ColumnRecord(kind, name, "", field_id, field_type)
        self._add(column, [self._values.text(item) for item in items], raw)

    # -- Columns -----------------------------------------------------------------------------------------

    def _column(self, name: str) -> ColumnRecord:
        column = self._columns.get(name)
        if column is None:
            kind = DetailKind.FIELD
            if name.startswith(CUSTOM_PREFIX):
                kind = DetailKind.CUSTOM
            column = ColumnRecord(kind, KNOWN_NAMES.get(name, ""), field_id=self._values.text(name))
            if len(self._columns) < self._context.limits.detail_columns and len(name) <= MAX_LENGTH:
                self._columns[name] = column
        return column

    def _add(self, column: ColumnRecord, items: list[Json], value: str | None = None, is_partial: bool = False) -> None:
        if items or is_partial:
            self._details.append(Detail(column, len(items), to_json(items), value, is_partial))


def _is_ours(archive: Any) -> bool:
    """Whether the member is as archive.documents writes it."""
    if not isinstance(archive, dict) or not archive.keys() <= ARCHIVE_MEMBERS:
        return False
    return all(isinstance(value, list) for value in archive.values())


def learn_fields(value: Mapping[str, Any], context: ReadContext) -> None:
    """Remember what the members "names" and "schema" of an issue or a search response say about fields."""
    names = value.get("names")
    schema = value.get("schema")
    if not isinstance(names, dict):
        names = {}
    if not isinstance(schema, dict):
        schema = {}
    for field_id in names.keys() | schema.keys():
        if field_id in LEFT_OUT_FIELDS or len(context.fields) >= context.limits.detail_columns:
            continue
        name = names.get(field_id)
        if not isinstance(name, str):
            name = ""
        field_type = _describe_type(schema.get(field_id))
        with suppress(ValueError):  # of a name that no database can store
            context.fields[field_id] = (context.text(name)[:MAX_LENGTH], context.text(field_type)[:MAX_LENGTH])


def _describe_type(schema: Any) -> str:
    """A field's type, such as number, "array of option" or sprint; "" if it is unknown."""
    if not isinstance(schema, dict):
        return ""
    if str(schema.get("custom", "")).endswith(":gh-sprint"):
        return SPRINT
    kind = str(schema.get("type") or "")
    if kind == "array" and schema.get("items"):
        return f"array of {schema['items']}"
    return kind


def _type_of(link: Any) -> str:
    """The name of a link's type; "" if it has none."""
    if not isinstance(link, dict) or not isinstance(link.get("type"), dict):
        return ""
    return str(link["type"].get("name") or "")


def _direction_of(link: Any) -> str:
    if isinstance(link, dict):
        for direction, member in DIRECTIONS.items():
            if isinstance(link.get(member), dict):
                return direction
    return ""


def _is_about_people(change: Mapping[str, Any]) -> bool:
    return change.get("field") in PEOPLE_FIELDS or "tmpFromAccountId" in change or "tmpToAccountId" in change


# For each list, its kind and the member that it has if it comes in pages.
_LISTS = {
    "comment": (DetailKind.COMMENT, "comments"),
    "worklog": (DetailKind.WORKLOG, "worklogs"),
    "attachment": (DetailKind.ATTACHMENT, "attachments"),
    "changelog": (DetailKind.HISTORY, "histories"),
}

_READERS: dict[str, Callable[[DetailReader, str, Any], None]] = {
    "comment": DetailReader._read_list,
    "worklog": DetailReader._read_list,
    "attachment": DetailReader._read_list,
    "changelog": DetailReader._read_history,
    "watches": DetailReader._read_watchers,
    "issuelinks": DetailReader._read_links,
    "subtasks": DetailReader._read_subtasks,
}
