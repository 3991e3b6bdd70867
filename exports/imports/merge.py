"""Rows into the table of issues, by the fastest way each database has.

Both engines write NAMES, the columns of the model's fields; in a row, values stand in that order.
"""

import datetime
import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from exports.models import ArchivedIssue

FIELDS: tuple["models.Field[Any, Any]", ...] = tuple(ArchivedIssue._meta.concrete_fields)
NAMES = tuple(str(field.column) for field in FIELDS)

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Engine:
    """One database's ways; all SQL in it is made of the model's own names, values never enter the text.

    `lock` keeps a second import waiting, readers not, until the transaction ends. `insert` writes issues the
    archive lacks; `update` writes those it has and tells how many differed, leaving equal ones untouched.
    `any_of` and `listed` let one parameter carry many values; `converters` make a field's value storable.
    """

    lock: str
    insert: Callable[[Sequence[Row]], None]
    update: Callable[[Sequence[Row]], int]
    any_of: str
    listed: Callable[[list[Any]], Any]
    converters: dict[type, Callable[[Any], Any]]

    def find(self, column: str, values: list[Any]) -> dict[int, str]:
        """ID and key of the issues in the archive that have one of the values in the column."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, key FROM {_table()} WHERE {column} {self.any_of}", [self.listed(values)])
            return dict(cursor.fetchall())


def engine() -> Engine:
    return ENGINES[connection.vendor]


def _table() -> str:
    return connection.ops.quote_name(ArchivedIssue._meta.db_table)


def _quoted(names: Iterable[str], template: str = "{}") -> str:
    return ", ".join(template.format(connection.ops.quote_name(name)) for name in names)


def _insert(source: str) -> str:
    return f"INSERT INTO {_table()} ({_quoted(NAMES)}) {source}"


def _upsert(source: str, differs: str) -> str:
    identity, *changing = NAMES
    return (
        f"{_insert(source)} ON CONFLICT ({_quoted([identity])}) "
        f"DO UPDATE SET {_quoted(changing, '{0} = excluded.{0}')} "
        f"WHERE ({_quoted(changing, _table() + '.{}')}) {differs} ({_quoted(changing, 'excluded.{}')})"
    )


@functools.lru_cache(maxsize=20_000)
def _to_json(values: tuple[str, ...]) -> str:
    """As Django's JSONField writes it, so that a row compares equal whoever wrote it."""
    return json.dumps(values)


# -- PostgreSQL --------------------------------------------------------------------------------------
def _copy(table: str, rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_quoted(NAMES)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_by_copy(rows: Sequence[Row]) -> None:
    _copy(_table(), rows)
    with connection.cursor() as cursor:
        # Checks of foreign keys wait for the commit, and the server remembers each: let it check a batch now.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _update_by_copy(rows: Sequence[Row]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS staged_issues (LIKE {_table()}) ON COMMIT DROP")
        cursor.execute("TRUNCATE staged_issues")
        _copy("staged_issues", rows)
        cursor.execute(_upsert(f"SELECT {_quoted(NAMES)} FROM staged_issues", "IS DISTINCT FROM"))
        return int(cursor.rowcount)


# -- SQLite ------------------------------------------------------------------------------------------
def _values() -> str:
    return f"VALUES ({', '.join(['%s'] * len(NAMES))})"


def _insert_by_statement(rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(_insert(_values()), rows)


def _update_by_statement(rows: Sequence[Row]) -> int:
    with connection.cursor() as cursor:
        cursor.executemany(_upsert(_values(), "IS NOT"), rows)
        return int(cursor.rowcount)


def _to_sqlite_time(instant: datetime.datetime) -> str:
    """As Django's SQLite backend writes it: UTC without offset."""
    if instant.tzinfo is not datetime.UTC:
        instant = instant.astimezone(datetime.UTC)
    return str(instant)[: -len("+00:00")]


ENGINES = {
    "postgresql": Engine(
        lock=f'LOCK TABLE "{ArchivedIssue._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE',
        insert=_insert_by_copy,
        update=_update_by_copy,
        any_of="= ANY(%s)",
        listed=list,
        converters={models.JSONField: _to_json},
    ),
    "sqlite": Engine(
        lock="SELECT 1",  # an immediate transaction is the only writer from its start
        insert=_insert_by_statement,
        update=_update_by_statement,
        any_of="IN (SELECT value FROM json_each(%s))",
        listed=json.dumps,
        converters={models.JSONField: _to_json, models.DateTimeField: _to_sqlite_time, models.DateField: str},
    ),
}
