"""Rows into the table of issues, by the fastest way each database has.

New issues go straight into the table; issues that stand already are staged in a temporary table, from which
one UPDATE takes what differs. In a row, values stand in the order of NAMES, the columns of the model's fields.
"""

import datetime
import functools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, models

from archive.models import STORED_FIELDS, Account, ArchivedIssue

FIELDS: tuple["models.Field[Any, Any]", ...] = STORED_FIELDS
NAMES = tuple(str(field.column) for field in FIELDS)
TABLE = f'"{ArchivedIssue._meta.db_table}"'
STAGED = '"staged_issues"'
FIND = (
    f"SELECT i.id, i.key, i.created, a.account_id, i.archived_date FROM {TABLE} i "
    f'JOIN "{Account._meta.db_table}" a ON a.id = i.archived_by_id'
)
# An issue touches pages all over a dozen indexes; each that leaves a small cache is written again and again.
SQLITE_CACHE_KIB = 64 * 1024
FREED_KEY = "\x7f"  # begins the key an issue bears for the moment in which keys change places

Row = Sequence[Any]


class Stored(NamedTuple):
    """What must be known of an issue that stands already."""

    key: str
    created: datetime.datetime | None
    archived_by: str
    archived_date: datetime.datetime


@dataclass(frozen=True, slots=True)
class Engine:
    """One database's ways; all SQL in it is made of the model's own names, values never enter the text.

    `begin` keeps a second import waiting, readers not, until the transaction ends. `copy` writes rows into a
    table, `checked` has their foreign keys checked. `differs` compares two rows in which NULL equals NULL;
    `staging` makes an empty temporary table, without the constraints of the real one, `clear` empties it again.
    `any_of` and `listed` let one parameter carry many values; `converters` make a field's value storable.
    """

    begin: str
    copy: Callable[[str, Iterable[Row]], None]
    checked: Callable[[], None]
    differs: str
    staging: str
    clear: str
    any_of: str
    listed: Callable[[list[Any]], Any]
    converters: dict[type, Callable[[Any], Any]]

    def find(self, column: str, values: list[Any]) -> dict[int, Stored]:
        """The issues in the archive that have one of the values in the column, by ID."""
        with connection.cursor() as cursor:
            cursor.execute(f"{FIND} WHERE i.{column} {self.any_of}", [self.listed(values)])
            return {
                issue_id: Stored(key, created and _in_utc(created), by, _in_utc(date))
                for issue_id, key, created, by, date in cursor.fetchall()
            }

    def insert(self, rows: Iterable[Row]) -> None:
        """Write issues the archive lacks."""
        self.copy(TABLE, rows)
        self.checked()

    def update(self, rows: Iterable[Row], untold: frozenset[str]) -> set[int]:
        """Write issues the archive has and give the IDs of those that differed; fields in `untold` stay."""
        with connection.cursor() as cursor:
            cursor.execute(self.staging)
            cursor.execute(self.clear)
            self.copy(STAGED, rows)
            changing = tuple(str(field.column) for field in FIELDS[1:] if field.name not in untold)
            cursor.execute(_update(changing, self.differs))
            return {issue_id for (issue_id,) in cursor.fetchall()}

    def free_keys(self, ids: list[int]) -> None:
        """Take the keys off issues that are given others next."""
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {TABLE} SET key = '{FREED_KEY}' || id WHERE id {self.any_of}", [self.listed(ids)])


def engine() -> Engine:
    return ENGINES[connection.vendor]


def _in_utc(date: datetime.datetime) -> datetime.datetime:
    """SQLite keeps UTC without saying so."""
    return date.replace(tzinfo=datetime.UTC) if date.tzinfo is None else date.astimezone(datetime.UTC)


def analyse() -> None:
    """Tell PostgreSQL's planner what the table holds now; SQLite's does without."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {TABLE}")


def _quoted(names: Iterable[str], template: str = "{}") -> str:
    return ", ".join(template.format(f'"{name}"') for name in names)


def _update(changing: Sequence[str], differs: str) -> str:
    return (
        f"UPDATE {TABLE} SET {_quoted(changing, '{0} = s.{0}')} FROM {STAGED} s WHERE {TABLE}.id = s.id "
        f"AND ({_quoted(changing, TABLE + '.{}')}) {differs} ({_quoted(changing, 's.{}')}) RETURNING {TABLE}.id"
    )


@functools.lru_cache(maxsize=20_000)
def _to_json(values: tuple[str, ...]) -> str:
    """As Django's JSONField writes it, so that a row compares equal whoever wrote it."""
    return json.dumps(values)


# -- PostgreSQL --------------------------------------------------------------------------------------
def _copy(table: str, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({_quoted(NAMES)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _check_now() -> None:
    """Checks of foreign keys wait for the commit, and the server remembers each: let it check a batch now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# -- SQLite ------------------------------------------------------------------------------------------
def _insert(table: str, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({_quoted(NAMES)}) VALUES ({', '.join(['%s'] * len(NAMES))})", list(rows)
        )


def _to_sqlite_time(instant: datetime.datetime) -> str:
    """As Django's SQLite backend writes it: UTC without offset."""
    if instant.tzinfo is not datetime.UTC:
        instant = instant.astimezone(datetime.UTC)
    return str(instant)[: -len("+00:00")]


ENGINES = {
    "postgresql": Engine(
        begin=f"LOCK TABLE {TABLE} IN SHARE ROW EXCLUSIVE MODE",
        copy=_copy,
        checked=_check_now,
        differs="IS DISTINCT FROM",
        staging=f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGED} ON COMMIT DROP AS TABLE {TABLE} WITH NO DATA",
        clear=f"TRUNCATE {STAGED}",
        any_of="= ANY(%s)",
        listed=list,
        converters={models.JSONField: _to_json},
    ),
    "sqlite": Engine(
        begin=f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}",  # an immediate transaction is the only writer from its start
        copy=_insert,
        checked=lambda: None,
        differs="IS NOT",
        staging=f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGED} AS SELECT * FROM {TABLE} WHERE 0",
        clear=f"DELETE FROM {STAGED}",
        any_of="IN (SELECT value FROM json_each(%s))",
        listed=json.dumps,
        converters={models.JSONField: _to_json, models.DateTimeField: _to_sqlite_time, models.DateField: str},
    ),
}
