"""Issues as JSON in the shape of Jira's REST API v2, with everything that the archive keeps of them.

The database gives each issue as one JSON array (`Document`), and `DocumentWriter` makes the document of it. The
database can't write it alone: PostgreSQL doesn't keep the order of an object's members, and SQLite can't sort them, so
their files would differ.

What Jira's shape has no place for is in the member `archive`: `people` are those whom the details name, as the archive
knows them now, and `details` are fields that the archive knows only by their names, or whose JSON is lost.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

from archive.columns import COLUMNS, Column, ColumnKind
from archive.csv_sql import Cell, Sql, TextCell, TimeCell
from archive.detail_layout import COLUMN_FIELDS
from archive.detail_values import CompactEncoder, Json, texts_of
from archive.models import SPRINT, Account, DetailColumn, DetailKind, DetailPerson, IssueDetail

PEOPLE = ("assignee", "reporter", "creator", "archived_by", "project__lead")
EMAILS = tuple([f"{person}__email" for person in PEOPLE])
TYPE_ID = "issue_type__type_id"
SOURCES = (*[column.source for column in COLUMNS], TYPE_ID, *EMAILS)
"""What the array of an issue has: its fields, and after them its details and the people in them."""

CUSTOM_PREFIX = "customfield_"
ARCHIVE_MEMBER = "archive"
# Where Jira's JSON has the lists: the name of the field, and the member that it has because it comes in pages.
PAGES = {DetailKind.COMMENT: ("comment", "comments"), DetailKind.WORKLOG: ("worklog", "worklogs")}
LISTS = {DetailKind.ATTACHMENT: "attachment", DetailKind.SUBTASK: "subtasks", DetailKind.LINK: "issuelinks"}
WATCHES = "watches"
# Fields that an issue has anyway: a detail with the ID of one must not replace it.
TAKEN_FIELDS = frozenset({"comment", "worklog", "attachment", "subtasks", "issuelinks", "changelog", ARCHIVE_MEMBER})
SPRINT_SCHEMA = {"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint"}
ARRAY_OF = "array of "

Row = Mapping[str, Any]
Details = Sequence[tuple[int, list[Json], Json]]
"""Of one issue: (ID of the DetailColumn, items, value)."""


class Document(Func):
    """An issue as a JSON array: the values of SOURCES, then its details or null, then the people in them or null."""

    output_field = TextField()

    def __init__(self) -> None:
        super().__init__(F("pk"), *[_cell(column) for column in COLUMNS], *[F(name) for name in (TYPE_ID, *EMAILS)])

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        issue_id, *values = self._compile(compiler)
        details = f"""(SELECT json_agg(json_build_array(d.column_id, d.items, d.value))
            FROM {_DETAILS} d WHERE d.issue_id = {issue_id})"""
        # A subquery for each person, because PostgreSQL would join by reading all accounts.
        person = (
            f"(SELECT json_build_array(a.account_id, a.name, a.email) FROM {_ACCOUNTS} a WHERE a.id = p.account_id)"
        )
        people = f"(SELECT json_agg({person}) FROM {_PEOPLE} p WHERE p.issue_id = {issue_id})"
        return f"json_build_array({', '.join([*values, details, people])})::text", ()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        issue_id, *values = self._compile(compiler)
        for index, column in enumerate(COLUMNS):
            if column.kind is ColumnKind.LIST:
                values[index] = f"json({values[index]})"
        details = f"""(SELECT json_group_array(json_array(d.column_id, json(d.items), json(d.value)))
            FROM {_DETAILS} d WHERE d.issue_id = {issue_id})"""
        people = f"""(SELECT json_group_array(json_array(a.account_id, a.name, a.email))
            FROM {_PEOPLE} p JOIN {_ACCOUNTS} a ON a.id = p.account_id WHERE p.issue_id = {issue_id})"""
        return f"json_array({', '.join([*values, details, people])})", ()

    def _compile(self, compiler: SQLCompiler) -> list[str]:
        compiled = []
        for source in self.source_expressions:
            sql, _params = compiler.compile(source)
            compiled.append(sql)
        return compiled


_DETAILS = f'"{IssueDetail._meta.db_table}"'
_PEOPLE = f'"{DetailPerson._meta.db_table}"'
_ACCOUNTS = f'"{Account._meta.db_table}"'


def _cell(column: Column) -> Any:
    if column.kind is ColumnKind.LIST:
        return F(column.source)
    if column.kind is ColumnKind.TIME:
        return TimeCell(column.source)
    if column.kind is ColumnKind.TEXT:
        return TextCell(column.source, "is_inner_formula_free", guard=False)
    return Cell(column.source)


class DocumentWriter:
    """Writes the documents of one file. `columns` are those of details, as `columns_of` gives them."""

    def __init__(self, columns: Iterable[tuple[Any, ...]]) -> None:
        self._columns: dict[int, DetailColumn] = {}
        for values in columns:
            column = DetailColumn(**dict(zip(COLUMN_FIELDS, values, strict=True)))
            self._columns[column.pk] = column

    def write(self, array: bytes | memoryview) -> bytes:
        """The document of an issue, as a line, from what `Document` gave."""
        *values, details, people = json.loads(bytes(array))
        row = dict(zip(SOURCES, values, strict=True))
        parts = _Parts(fields=_fields_of(row), has_details=bool(details))
        for column, items, value in self._in_order(details or []):
            parts.add(column, items, value)
        archive = parts.archive
        if people:
            archive["people"] = [_person(*person) for person in sorted(people)]
        return _to_line(row, parts)

    def _in_order(self, details: Details) -> list[tuple[DetailColumn, list[Json], Json]]:
        found = [(self._columns[column_id], items, value) for column_id, items, value in details]
        return sorted(found, key=_by_name)


def _by_name(detail: tuple[DetailColumn, list[Json], Json]) -> tuple[str, ...]:
    column = detail[0]
    return column.kind, column.field_id, column.name, column.direction


class _Parts:
    """The parts of a document: `fields`, and what is beside them."""

    def __init__(self, fields: dict[str, Json], *, has_details: bool) -> None:
        self.fields = fields
        self.has_details = has_details
        self.names: dict[str, str] = {}
        self.schema: dict[str, Json] = {}
        self.histories: list[Json] = []
        self.archive: dict[str, Json] = {}

    def add(self, column: DetailColumn, items: list[Json], value: Json) -> None:
        """Put a detail of the issue where Jira's JSON has it."""
        kind = DetailKind(column.kind)
        if kind in PAGES:
            name, member = PAGES[kind]
            self.fields[name] = _page(member, items)
        elif kind in LISTS:
            self.fields[LISTS[kind]] += items
        elif kind is DetailKind.WATCHER:
            self.fields[WATCHES] = _watches(items)
        elif kind is DetailKind.HISTORY:
            self.histories = items
        else:
            self._add_field(column, items, value)

    def _add_field(self, column: DetailColumn, items: list[Json], value: Json) -> None:
        field_id = column.field_id
        shown = value
        if value is None and len(items) == 1:
            shown = items[0]
        if not self._has_place(column) or shown in (None, "", []) or not _says_all(shown, items):
            self.archive.setdefault("details", []).append(_as_it_is(column, items, value))
            return
        self.fields[field_id] = shown
        if column.name:
            self.names[field_id] = column.name
        if column.type:
            self.schema[field_id] = _schema_of(column.type)

    def _has_place(self, column: DetailColumn) -> bool:
        """Whether Jira's JSON has a place for the field: by its ID, which nothing else of the issue has."""
        field_id = column.field_id
        is_custom = field_id.startswith(CUSTOM_PREFIX)
        if not field_id or is_custom != (column.kind == DetailKind.CUSTOM):
            return False
        if field_id == WATCHES:
            return bool(self.fields[WATCHES] == NO_WATCHES)
        return field_id not in TAKEN_FIELDS and field_id not in self.fields


def _says_all(value: Json, items: list[Json]) -> bool:
    """Whether the texts of the value, as it is written, are the items, so that an import finds the same ones.

    The text of an object without a name is its JSON, in which the order of members matters.
    """
    if isinstance(value, dict | list):
        value = json.loads(_encode_sorted(value))
    texts: list[str] = texts_of(value)
    return texts == items


def _as_it_is(column: DetailColumn, items: list[Json], value: Json) -> dict[str, Json]:
    """The detail as IssueDetail has it; without what is empty."""
    found: dict[str, Json] = {
        "kind": column.kind,
        "name": column.name,
        "fieldId": column.field_id,
        "type": column.type,
        "value": value,
    }
    kept = {name: member for name, member in found.items() if member not in ("", None)}
    return kept | {"items": items}


def _to_line(row: Row, parts: _Parts) -> bytes:
    members: dict[str, Json] = {
        "id": str(row["id"]),
        "key": row["key"],
        "fields": parts.fields,
        "names": parts.names,
        "schema": parts.schema,
        "changelog": _page("histories", parts.histories),
        ARCHIVE_MEMBER: parts.archive,
    }
    encode = _encode
    if parts.has_details:
        encode = _encode_sorted
    texts = [f'"{name}":{encode(member)}' for name, member in members.items()]
    return f"{{{','.join(texts)}}}\n".encode()


# What is made here is sorted already, which saves a tenth of the time for most issues.
_encode = CompactEncoder().encode
_encode_sorted = CompactEncoder(sort_keys=True).encode


# -- Fields --------------------------------------------------------------------------------------------------


def _fields_of(row: Row) -> dict[str, Json]:
    """The fields of an issue without details."""
    return {name: build(row) for name, build in _BUILDERS}


def _page(member: str, items: list[Json]) -> dict[str, Json]:
    page = {"startAt": 0, "maxResults": len(items), "total": len(items), member: items}
    return dict(sorted(page.items()))


def _watches(items: list[Json]) -> dict[str, Json]:
    return {"watchCount": len(items), "watchers": items}


NO_WATCHES = _watches([])


def _schema_of(field_type: str) -> dict[str, str]:
    if field_type == SPRINT:
        return SPRINT_SCHEMA
    if field_type.startswith(ARRAY_OF):
        return {"type": "array", "items": field_type.removeprefix(ARRAY_OF)}
    return {"type": field_type}


def _person(account_id: str | None, name: str | None, email: str | None) -> Json:
    if not account_id:
        return None
    person = {"accountId": account_id}
    if name:
        person["displayName"] = name
    if email:
        person["emailAddress"] = email
    return person


def _role(source: str) -> Callable[[Row], Json]:
    def build(row: Row) -> Json:
        return _person(row[f"{source}__account_id"], row[f"{source}__name"], row[f"{source}__email"])

    return build


def _value(source: str) -> Callable[[Row], Json]:
    """The value; null if it is an empty text."""

    def build(row: Row) -> Json:
        value = row[source]
        if value == "":
            return None
        return value

    return build


def _named(source: str) -> Callable[[Row], Json]:
    def build(row: Row) -> Json:
        if not row[source]:
            return None
        return {"name": row[source]}

    return build


def _names(source: str) -> Callable[[Row], Json]:
    def build(row: Row) -> Json:
        return [{"name": name} for name in row[source]]

    return build


def _time(source: str) -> Callable[[Row], Json]:
    def build(row: Row) -> Json:
        if not row[source]:
            return None
        return _jira_time(row[source])

    return build


def _jira_time(text: str) -> str:
    """`2016-10-07T10:53:25.120+0000` of `2016-10-07T10:53:25.12+00:00`; microseconds stay if there are any."""
    seconds, _, fraction = text.removesuffix("+00:00").partition(".")
    return f"{seconds}.{fraction.ljust(3, '0')}+0000"


_LEAD = _role("project__lead")


def _project(row: Row) -> Json:
    project = {
        "description": row["project__description"],
        "key": row["project__key"],
        "lead": _LEAD(row),
        "name": row["project__name"],
        "projectTypeKey": row["project__type"],
    }
    return {name: value for name, value in project.items() if value}


def _issue_type(row: Row) -> Json:
    return {"id": row[TYPE_ID], "name": row["issue_type__name"]}


def _status(row: Row) -> Json:
    status: dict[str, Json] = {}
    if row["status"]:
        status["name"] = row["status"]
    if row["status_category"]:
        status["statusCategory"] = {"name": row["status_category"]}
    return status or None


def _votes(row: Row) -> Json:
    if row["votes"] is None:
        return None
    return {"votes": row["votes"]}


def _parent(row: Row) -> Json:
    parent: dict[str, Json] = {}
    if row["parent_summary"]:
        parent["fields"] = {"summary": row["parent_summary"]}
    if row["parent_id"] is not None:
        parent["id"] = str(row["parent_id"])
    if row["parent_key"]:
        parent["key"] = row["parent_key"]
    return parent or None


FIELDS: Mapping[str, Callable[[Row], Json]] = {
    "project": _project,
    "issuetype": _issue_type,
    "summary": _value("summary"),
    "status": _status,
    "statuscategorychangedate": _time("status_category_changed"),
    "priority": _named("priority"),
    "resolution": _named("resolution"),
    "assignee": _role("assignee"),
    "reporter": _role("reporter"),
    "creator": _role("creator"),
    "created": _time("created"),
    "updated": _time("updated"),
    "resolutiondate": _time("resolved"),
    "duedate": _value("due_date"),
    "versions": _names("affects_versions"),
    "fixVersions": _names("fix_versions"),
    "components": _names("components"),
    "labels": _value("labels"),
    "votes": _votes,
    "description": _value("description"),
    "environment": _value("environment"),
    "timeoriginalestimate": _value("original_estimate"),
    "timeestimate": _value("remaining_estimate"),
    "timespent": _value("time_spent"),
    "workratio": _value("work_ratio"),
    "aggregatetimeoriginalestimate": _value("total_original_estimate"),
    "aggregatetimeestimate": _value("total_remaining_estimate"),
    "aggregatetimespent": _value("total_time_spent"),
    "security": _named("security_level"),
    "parent": _parent,
    "archivedby": _role("archived_by"),
    "archiveddate": _time("archived_date"),
}
"""How each field of an issue in Jira's JSON is made of its row."""


def _empty_list(_row: Row) -> list[Json]:
    return []


def _empty_page(member: str) -> Callable[[Row], Json]:
    def build(_row: Row) -> Json:
        return _page(member, [])

    return build


def _no_watches(_row: Row) -> Json:
    return NO_WATCHES


_BUILDERS = sorted(
    [
        *FIELDS.items(),
        *[(name, _empty_page(member)) for name, member in PAGES.values()],
        *[(name, _empty_list) for name in LISTS.values()],
        (WATCHES, _no_watches),
    ]
)
