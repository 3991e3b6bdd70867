"""Rows into the table of issues, in the fastest way each database offers.

New issues go straight into the table. Issues that the archive already has are staged in a temporary table, from which
one UPDATE takes what differs. The values of a row are in the order of NAMES, the columns of the model's fields.
"""

import datetime
import functools
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
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
# An issue touches pages of a dozen indexes. With a small cache, the same pages would be written again and again. A
# larger cache than this does not make importing 300,000 issues faster.
SQLITE_CACHE_KIB = 48 * 1024
# Lists of up to so many values are written as JSON once and remembered: most issues have the same ones.
MAX_REMEMBERED_VALUES = 8
FREED_KEY = "\x7f"  # begins the key that an issue has for a moment while issues swap keys

Row = Sequence[Any]
Pair = tuple[int, int]

Interrupt = Callable[[], None]
Wait = Callable[[Interrupt], AbstractContextManager[None]]
"""Surrounds a statement that may take long; the caller can end the statement with the function it is given."""


def wait_alone(_interrupt: Interrupt) -> AbstractContextManager[None]:
    """The Wait of an import that nobody has to stop."""
    return nullcontext()


class Stored(NamedTuple):
    """What an import must know of an issue in the archive."""

    key: str
    created: datetime.datetime | None
    archived_by: str
    archived_date: datetime.datetime


@dataclass(frozen=True, slots=True)
class Engine:
    """What differs between databases. All SQL is made of the model's own names; values are always parameters.

    - `is_single_writer`: whether nobody else can write to the database while an import does.
    - `begin`: starts the writing, in a transaction. Until it ends, a second import waits; readers don't.
    - `copy`: writes rows into some columns of a table.
    - `check_references`: has the foreign keys of written rows checked.
    - `differs`: the operator that compares two rows, in which NULL equals NULL.
    - `create_staging`, `clear_staging`: SQL for an empty temporary table without the real one's constraints.
    - `json_type`, `on_commit`: the type of a column for JSON, and how a temporary table ends.
    - `pairs`, `to_pair_parameters`: SQL for a table of pairs of numbers, and the parameters that hold them.
    - `any_of`, `to_parameter`: SQL that finds any of many values, and the one parameter that holds them.
    - `converters`: by type of field, what makes a value storable.
    """

    is_single_writer: bool
    begin: Callable[[Wait], None]
    copy: Callable[[str, Iterable[Row], Sequence[str]], None]
    check_references: Callable[[], None]
    differs: str
    create_staging: str
    clear_staging: str
    json_type: str
    on_commit: str
    pairs: str
    to_pair_parameters: Callable[[Sequence[Pair]], list[Any]]
    any_of: str
    to_parameter: Callable[[list[Any]], Any]
    converters: dict[type, Callable[[Any], Any]]

    def find(self, column: str, values: list[Any]) -> dict[int, Stored]:
        """The issues in the archive that have one of the values in the column, by ID."""
        found = {}
        with connection.cursor() as cursor:
            cursor.execute(f"{FIND} WHERE i.{column} {self.any_of}", [self.to_parameter(values)])
            for issue_id, key, created, archived_by, archived_date in cursor.fetchall():
                found[issue_id] = Stored(key, created and _in_utc(created), archived_by, _in_utc(archived_date))
        return found

    def find_holders(self, keys: list[str]) -> dict[str, int]:
        """The IDs of the issues in the archive that have one of the keys, by key."""
        holders = {}
        for issue_id, stored in self.find("key", keys).items():
            holders[stored.key] = issue_id
        return holders

    def insert(self, rows: Iterable[Row]) -> None:
        """Write issues that the archive lacks."""
        self.copy(TABLE, rows, NAMES)
        self.check_references()

    def update(self, rows: Iterable[Row], missing_fields: frozenset[str]) -> set[int]:
        """Write issues that the archive has; returns the IDs of those that differed. `missing_fields` stay."""
        changing = [str(field.column) for field in FIELDS[1:] if field.name not in missing_fields]
        with connection.cursor() as cursor:
            cursor.execute(self.create_staging)
            cursor.execute(self.clear_staging)
            self.copy(STAGED, rows, NAMES)
            cursor.execute(_update_sql(changing, self.differs))
            return {issue_id for (issue_id,) in cursor.fetchall()}

    def free_keys(self, ids: list[int]) -> None:
        """Take the keys from issues that get other ones next."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TABLE} SET key = '{FREED_KEY}' || id WHERE id {self.any_of}", [self.to_parameter(ids)]
            )


def engine() -> Engine:
    return ENGINES[connection.vendor]


def _in_utc(date: datetime.datetime) -> datetime.datetime:
    """SQLite returns UTC without an offset."""
    if date.tzinfo is None:
        return date.replace(tzinfo=datetime.UTC)
    return date.astimezone(datetime.UTC)


def _quoted(names: Iterable[str], template: str = "{}") -> str:
    return ", ".join(template.format(f'"{name}"') for name in names)


def _update_sql(changing: Sequence[str], differs: str) -> str:
    assignments = _quoted(changing, "{0} = s.{0}")
    old = _quoted(changing, TABLE + ".{}")
    new = _quoted(changing, "s.{}")
    return (
        f"UPDATE {TABLE} SET {assignments} FROM {STAGED} s WHERE {TABLE}.id = s.id "
        f"AND ({old}) {differs} ({new}) RETURNING {TABLE}.id"
    )


def _to_json(values: tuple[str, ...]) -> str:
    """As Django's JSONField writes it, so that a row that Django wrote compares as equal."""
    if len(values) > MAX_REMEMBERED_VALUES:
        return json.dumps(values)
    return _to_json_once(values)


_to_json_once = functools.lru_cache(maxsize=5_000)(json.dumps)


# -- PostgreSQL ------------------------------------------------------------------------------------------


def _lock_table(wait: Wait) -> None:
    """Wait for the end of another import, which may take minutes."""
    with connection.cursor() as cursor, wait(_find_cancel()):
        cursor.execute(f"LOCK TABLE {TABLE} IN SHARE ROW EXCLUSIVE MODE")


def _find_cancel() -> Interrupt:
    connection.ensure_connection()
    session: Any = connection.connection
    return session.cancel_safe  # type: ignore[no-any-return]


def _copy(table: str, rows: Iterable[Row], names: Sequence[str]) -> None:
    # Django translates the errors of execute(), but not those of copy().
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({_quoted(names)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _check_references_now() -> None:
    """Foreign keys are checked at commit, and the server remembers each check: have a batch's done now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _to_two_lists(pairs: Sequence[Pair]) -> list[Any]:
    return [[first for first, _ in pairs], [second for _, second in pairs]]


# -- SQLite ----------------------------------------------------------------------------------------------


def _enlarge_cache(_wait: Wait) -> None:
    """Nothing to lock: an immediate transaction is the only writer from its start."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}")


def _insert(table: str, rows: Iterable[Row], names: Sequence[str]) -> None:
    placeholders = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({_quoted(names)}) VALUES ({placeholders})", list(rows))


def _check_nothing() -> None:
    """SQLite checks foreign keys by itself."""


def _to_sqlite_time(instant: datetime.datetime) -> str:
    """As Django's SQLite backend writes it: UTC without an offset."""
    if instant.tzinfo is not datetime.UTC:
        instant = instant.astimezone(datetime.UTC)
    return str(instant)[: -len("+00:00")]


def _to_json_list(pairs: Sequence[Pair]) -> list[Any]:
    return [json.dumps(pairs)]


ENGINES = {
    "postgresql": Engine(
        is_single_writer=False,
        begin=_lock_table,
        copy=_copy,
        check_references=_check_references_now,
        differs="IS DISTINCT FROM",
        create_staging=f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGED} ON COMMIT DROP AS TABLE {TABLE} WITH NO DATA",
        clear_staging=f"TRUNCATE {STAGED}",
        json_type="jsonb",
        on_commit="ON COMMIT DROP",
        pairs="SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
        to_pair_parameters=_to_two_lists,
        any_of="= ANY(%s)",
        to_parameter=list,
        converters={models.JSONField: _to_json},
    ),
    "sqlite": Engine(
        is_single_writer=True,
        begin=_enlarge_cache,
        copy=_insert,
        check_references=_check_nothing,
        differs="IS NOT",
        create_staging=f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGED} AS SELECT * FROM {TABLE} WHERE 0",
        clear_staging=f"DELETE FROM {STAGED}",
        json_type="text",
        on_commit="",
        pairs="SELECT value ->> 0, value ->> 1 FROM json_each(%s)",
        to_pair_parameters=_to_json_list,
        any_of="IN (SELECT value FROM json_each(%s))",
        to_parameter=json.dumps,
        converters={models.JSONField: _to_json, models.DateTimeField: _to_sqlite_time, models.DateField: str},
    ),
}
