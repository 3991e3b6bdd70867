"""SQL that writes all details of an issue as CSV cells, with the same bytes in PostgreSQL and SQLite.

PostgreSQL returns at most 1,664 columns, and SQLite accepts few arguments and shallow expressions. Therefore all these
cells together are one text: each begins with its comma. The details that an issue has are joined in the order of the
file's columns, and empty cells fill the gaps between them.

The texts have the form of Jira Cloud's "all fields" CSV, such as `date;account ID;text` for a comment. A member that
isn't a text is left out of a cell: JSON can have anything there, and both databases would write it differently.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F
from django.db.models.sql.compiler import SQLCompiler

from archive.csv_sql import EMPTY_CELL, Fragment, Sql
from archive.detail_layout import DetailLayout
from archive.detail_values import ID_MEMBERS
from archive.formula_guard import tested_guard_sql
from archive.models import DetailKind, IssueDetail

TABLE = f'"{IssueDetail._meta.db_table}"'
LAYOUT_TABLE = "temp_detail_layout"
"""The temporary table that a connection to SQLite must have: the places of the layout."""
CREATE_LAYOUT = (
    f"CREATE TEMPORARY TABLE {LAYOUT_TABLE} (column_id INTEGER PRIMARY KEY, start INTEGER, width INTEGER, kind TEXT)"
)
INSERT_LAYOUT = f"INSERT INTO {LAYOUT_TABLE} (column_id, start, width, kind) VALUES (%s, %s, %s, %s)"


class _Json(Protocol):
    """How an engine reads the JSON of items. The item is an element of the array `d.items`."""

    def text(self, *path: str) -> str:
        """A member of the item; NULL if it isn't a text."""

    def whole_number(self, name: str) -> str:
        """A member of the item as digits; NULL if it isn't a whole number."""

    def item(self, if_object: str) -> str:
        """The expression if the item is an object, the item itself if it is a text."""

    def changes(self, cell: Callable[["_Json"], str]) -> str:
        """The expression for each object in the item's array `items`, joined."""

    def cells(self, cell: str, *, guard: bool) -> str:
        """The expression for each item, as CSV cells."""


class _PostgreSQL:
    def __init__(self, item: str = "v") -> None:
        self._item = item

    def text(self, *path: str) -> str:
        parents = "".join(f" -> '{name}'" for name in path[:-1])
        member = f"{self._item}{parents} -> '{path[-1]}'"
        return f"CASE jsonb_typeof({member}) WHEN 'string' THEN {self._item}{parents} ->> '{path[-1]}' END"

    def whole_number(self, name: str) -> str:
        digits = f"{self._item} ->> '{name}'"
        is_number = f"jsonb_typeof({self._item} -> '{name}') = 'number' AND {digits} ~ '^[0-9]{{1,15}}$'"
        return f"CASE WHEN {is_number} THEN {digits} END"

    def item(self, if_object: str) -> str:
        text = f"{self._item} #>> '{{}}'"
        return f"CASE jsonb_typeof({self._item}) WHEN 'object' THEN {if_object} WHEN 'string' THEN {text} ELSE '' END"

    def changes(self, cell: Callable[[_Json], str]) -> str:
        changes = f"CASE jsonb_typeof({self._item} -> 'items') WHEN 'array' THEN {self._item} -> 'items' ELSE '[]' END"
        return (
            f"(SELECT coalesce(string_agg({cell(_PostgreSQL('change'))}, '' ORDER BY place), '') "
            f"FROM jsonb_array_elements({changes}) WITH ORDINALITY found(change, place) "
            "WHERE jsonb_typeof(change) = 'object')"
        )

    def cells(self, cell: str, *, guard: bool) -> str:
        # Without OFFSET 0, the expression would be computed each time that the outer query names it.
        text = _guarded("c", "postgresql", guard)
        return (
            f"(SELECT coalesce(string_agg(',\"' || replace({text}, '\"', '\"\"') || '\"', '' ORDER BY n), '') "
            f"FROM (SELECT {cell} AS c, n "
            "FROM jsonb_array_elements(d.items) WITH ORDINALITY item(v, n) OFFSET 0) cells)"
        )


class _SQLite:
    def __init__(self, item: str = "item") -> None:
        self._item = item

    def text(self, *path: str) -> str:
        member = f"({self._item}.value, '$.{'.'.join(path)}')"
        return f"CASE json_type{member} WHEN 'text' THEN json_extract{member} END"

    def whole_number(self, name: str) -> str:
        member = f"({self._item}.value, '$.{name}')"
        is_number = f"json_type{member} = 'integer' AND json_extract{member} BETWEEN 0 AND 999999999999999"
        return f"CASE WHEN {is_number} THEN json_extract{member} END"

    def item(self, if_object: str) -> str:
        return f"CASE {self._item}.type WHEN 'object' THEN {if_object} WHEN 'text' THEN {self._item}.value ELSE '' END"

    def changes(self, cell: Callable[[_Json], str]) -> str:
        return (
            f"(SELECT coalesce(group_concat({cell(_SQLite('change'))}, ''), '') "
            f"FROM json_each({self._item}.value, '$.items') change WHERE change.type = 'object' "
            f"AND json_type({self._item}.value, '$.items') = 'array')"
        )

    def cells(self, cell: str, *, guard: bool) -> str:
        # Without LIMIT, the expression would be computed each time that the outer query names it.
        text = _guarded("c", "sqlite", guard)
        return (
            f"(SELECT coalesce(group_concat(',\"' || replace({text}, '\"', '\"\"') || '\"', ''), '') "
            f"FROM (SELECT {cell} AS c FROM json_each(d.items) item LIMIT -1))"
        )


def _guarded(text: str, vendor: str, guard: bool) -> str:
    if guard:
        return tested_guard_sql(text, vendor)
    return text


class DetailCells(Fragment):
    """All details of an issue, from its ID."""

    def __init__(self, layout: DetailLayout, *, guard: bool) -> None:
        super().__init__(F("pk"))
        self.layout = layout
        self.guard = guard

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        issue_id, _params = compiler.compile(self.source_expressions[0])
        count = self.layout.cell_count
        cells = _cells_by_kind(_PostgreSQL(), self.layout, guard=self.guard)
        sql = f"""coalesce((
            SELECT string_agg(repeat('{EMPTY_CELL}', gap) || cells, '' ORDER BY start)
                || repeat('{EMPTY_CELL}', {count} - max(stop))
            FROM (
                SELECT start, stop, cells, start - lag(stop, 1, 0) OVER (ORDER BY start) AS gap
                FROM (
                    SELECT start, start + width * {_HEADING_COUNT} AS stop, {cells} AS cells
                    FROM {TABLE} d
                    CROSS JOIN LATERAL (SELECT %s::jsonb -> d.column_id::text AS place OFFSET 0) placed
                    CROSS JOIN LATERAL (
                        SELECT (place ->> 0)::int AS start, (place ->> 1)::int AS width, place ->> 2 AS kind OFFSET 0
                    ) found
                    WHERE d.issue_id = {issue_id} AND place IS NOT NULL
                ) rendered
            ) gapped
        ), repeat('{EMPTY_CELL}', {count}))"""
        return sql, (self.layout.places_as_json(),)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        issue_id, _params = compiler.compile(self.source_expressions[0])
        count = self.layout.cell_count
        empty = EMPTY_CELL * count
        length = len(EMPTY_CELL)
        cells = _cells_by_kind(_SQLite(), self.layout, guard=self.guard)
        sql = f"""coalesce((
            SELECT group_concat(substr('{empty}', 1, {length} * gap) || cells, '') OVER whole
                || substr('{empty}', 1, {length} * ({count} - max(stop) OVER whole))
            FROM (
                SELECT start, stop, cells, start - lag(stop, 1, 0) OVER (ORDER BY start) AS gap
                FROM (
                    SELECT start, start + width * {_HEADING_COUNT} AS stop, {cells} AS cells
                    FROM {TABLE} d JOIN {LAYOUT_TABLE} placed ON placed.column_id = d.column_id
                    WHERE d.issue_id = {issue_id}
                )
            )
            WINDOW whole AS (ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
            LIMIT 1
        ), '{empty}')"""
        return sql, ()


_HEADING_COUNT = f"CASE kind WHEN '{DetailKind.WATCHER}' THEN 2 ELSE 1 END"


def _cells_by_kind(engine: _Json, layout: DetailLayout, *, guard: bool) -> str:
    """The cells of one IssueDetail `d`, padded to the width of its column."""
    padding = f"|| {_PADDING[type(engine)]}"
    cases = []
    for kind in sorted({block.kind for block in layout.blocks}):
        parts = [f"{engine.cells(engine.item(cell(engine)), guard=guard)} {padding}" for cell in _CELLS[kind]]
        cases.append(f"WHEN '{kind.value}' THEN {' || '.join(parts)}")
    return f"CASE kind {' '.join(cases)} END"


_PADDING: Mapping[type, str] = {
    _PostgreSQL: f"repeat('{EMPTY_CELL}', width - d.item_count)",
    _SQLite: f"replace(hex(zeroblob(width - d.item_count)), '00', '{EMPTY_CELL}')",
}


# -- The text of each kind of item ---------------------------------------------------------------------------


def _or_empty(expression: str) -> str:
    return f"coalesce({expression}, '')"


def _person_id(engine: _Json, *path: str) -> str:
    candidates = [f"nullif({engine.text(*path, name)}, '')" for name in ID_MEMBERS]
    return f"coalesce({', '.join(candidates)}, '')"


def _if_dated(date: str, undated: str, dated: str) -> str:
    """A cell that Jira didn't write in its form was kept as a text, without a date."""
    return f"CASE WHEN coalesce({date}, '') = '' THEN {undated} ELSE {dated} END"


def _comment(engine: _Json) -> str:
    date = engine.text("created")
    body = _or_empty(engine.text("body"))
    return _if_dated(date, body, f"{date} || ';' || {_person_id(engine, 'author')} || ';' || {body}")


def _worklog(engine: _Json) -> str:
    date = engine.text("started")
    comment = _or_empty(engine.text("comment"))
    seconds = _or_empty(engine.whole_number("timeSpentSeconds"))
    author = _person_id(engine, "author")
    return _if_dated(date, comment, f"{comment} || ';' || {date} || ';' || {author} || ';' || {seconds}")


def _attachment(engine: _Json) -> str:
    date = engine.text("created")
    name = _or_empty(engine.text("filename"))
    address = f"coalesce(';' || {engine.text('content')}, '')"
    return _if_dated(date, name, f"{date} || ';' || {_person_id(engine, 'author')} || ';' || {name} || {address}")


def _watcher_name(engine: _Json) -> str:
    return _or_empty(engine.text("displayName"))


def _link(engine: _Json) -> str:
    return f"coalesce({engine.text('outwardIssue', 'key')}, {engine.text('inwardIssue', 'key')}, '')"


def _subtask(engine: _Json) -> str:
    return _or_empty(engine.text("key"))


def _history(engine: _Json) -> str:
    date = _or_empty(engine.text("created"))
    return f"{date} || ';' || {_person_id(engine, 'author')} || {engine.changes(_change)}"


def _change(engine: _Json) -> str:
    parts = [_or_empty(engine.text("field"))]
    for shown, raw in (("fromString", "from"), ("toString", "to")):
        parts.append(f"coalesce({engine.text(shown)}, {engine.text(raw)}, '')")
    return "';' || " + " || ';' || ".join(parts)


def _value(_engine: _Json) -> str:
    return "''"


# For each kind, what its cells contain: watchers have cells with names and then cells with IDs.
_CELLS: Mapping[DetailKind, tuple[Callable[[_Json], str], ...]] = {
    DetailKind.COMMENT: (_comment,),
    DetailKind.WORKLOG: (_worklog,),
    DetailKind.ATTACHMENT: (_attachment,),
    DetailKind.WATCHER: (_watcher_name, _person_id),
    DetailKind.LINK: (_link,),
    DetailKind.SUBTASK: (_subtask,),
    DetailKind.HISTORY: (_history,),
    DetailKind.CUSTOM: (_value,),
    DetailKind.FIELD: (_value,),
}
