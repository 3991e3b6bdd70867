"""Records every change of the archive, so that its state at any moment can be built again.

Triggers copy each changed row into `chaos_history`, in the transaction that changes it: what is rolled back leaves no
trace. The last thing that every such transaction writes is a row that says what was done: a removal, or an import
that is complete. The triggers copy that too. It ends the transaction's rows on SQLite, which has one writer at a time;
PostgreSQL has the transaction's number, and says when it was committed (`track_commit_timestamp`).
"""

import datetime
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import connection, models, transaction

from archive.models import Account, ArchivedIssue, IssueType, Project, Removal
from imports.models import ImportJob

ARCHIVE: tuple[type[models.Model], ...] = (Account, IssueType, Project, ArchivedIssue)
ISSUES = ArchivedIssue._meta.db_table
REMOVALS = Removal._meta.db_table
IMPORTS = ImportJob._meta.db_table

POSTGRESQL = """
    CREATE TABLE chaos_history (
        seq bigserial PRIMARY KEY, txid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
        source text NOT NULL, pk bigint NOT NULL, row jsonb);
    CREATE INDEX chaos_history_by_transaction ON chaos_history (txid);
    CREATE FUNCTION chaos_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO chaos_history (source, pk, row) VALUES (TG_TABLE_NAME, OLD.id, NULL);
        ELSE
            INSERT INTO chaos_history (source, pk, row) VALUES (TG_TABLE_NAME, NEW.id, to_jsonb(NEW));
        END IF;
        RETURN NULL;
    END $$
"""
SQLITE = """
    CREATE TABLE chaos_history (
        seq integer PRIMARY KEY AUTOINCREMENT, txid integer NOT NULL DEFAULT 0,
        at text NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
        source text NOT NULL, pk integer NOT NULL, row text)
"""
COMMITS = """
    SELECT seq, txid, source, pk, pg_xact_commit_timestamp((txid %% 4294967296)::text::xid) AS at
    FROM chaos_history WHERE source IN (%s, %s) ORDER BY at, seq
"""
SQLITE_COMMITS = "SELECT seq, txid, source, pk, at FROM chaos_history WHERE source IN (%s, %s) ORDER BY seq"


@dataclass(frozen=True)
class Change:
    """One committed transaction that changed the archive: what it was, and the SQL condition that finds its rows.

    `at` is when it was committed; on SQLite, when it wrote its last row.
    """

    source: str
    pk: int
    at: datetime.datetime
    rows: str


def record() -> int:
    """Create the triggers and copy the archive as it is; returns the last row of that copy."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(POSTGRESQL if connection.vendor == "postgresql" else SQLITE)
        for model in ARCHIVE:
            table = model._meta.db_table
            rows = f"SELECT '{table}', r.id, {_as_json(model, 'r')} FROM {table} r"
            cursor.execute(f"INSERT INTO chaos_history (source, pk, row) {rows}")
        cursor.execute("SELECT max(seq) FROM chaos_history")
        row = cursor.fetchone()
        for model in ARCHIVE:
            _create_triggers(model, ("INSERT", "UPDATE", "DELETE"))
        _create_triggers(Removal, ("INSERT",))
        _create_triggers(ImportJob, ("INSERT", "UPDATE OF status"), "NEW.status = 'COMPLETE'")
    return int(row[0])


def find_changes(start: int) -> list[Change]:
    """All committed changes after the history's row `start`, in the order in which they were committed."""
    sql = COMMITS if connection.vendor == "postgresql" else SQLITE_COMMITS
    with connection.cursor() as cursor:
        cursor.execute(sql, [REMOVALS, IMPORTS])
        commits = _last_of_each(cursor.fetchall())
    bounds = [start, *(commit[0] for commit in commits)]
    changes: list[Change] = []
    for (before, last), (_, txid, source, pk, at) in zip(pairwise(bounds), commits, strict=True):
        rows = f"seq > {before} AND seq <= {last}"
        if connection.vendor == "postgresql":
            rows = f"txid = {txid} AND seq > {start}"
        changes.append(Change(source, pk, _in_utc(at), rows))
    return changes


def _last_of_each(rows: list[Any]) -> list[Any]:
    """Without the rows that a transaction wrote again: a command's import is in its table before it is complete."""
    last_seqs = {(source, pk): seq for seq, _, source, pk, _ in rows}
    return [row for row in rows if row[0] in last_seqs.values()]


class Replay:
    """Puts the archive's tables into the states that they had, from the first on. Nothing else may use them."""

    def __init__(self, start: int) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = replica")  # no triggers, and so no foreign keys
            else:
                cursor.execute("PRAGMA foreign_keys = OFF")
                for name in trigger_names():
                    cursor.execute(f"DROP TRIGGER {name}")
            for model in ARCHIVE:
                cursor.execute(f"DELETE FROM {model._meta.db_table}")
        self._apply(f"seq <= {start}")

    def advance(self, change: Change) -> None:
        """Make the change again."""
        self._apply(change.rows)

    def _apply(self, condition: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for model in ARCHIVE:
                table = model._meta.db_table
                changed = f"FROM chaos_history WHERE source = '{table}' AND {condition}"
                cursor.execute(f"DELETE FROM {table} WHERE id IN (SELECT pk {changed})")
                columns = _columns(model)
                names = ", ".join(f'"{name}"' for name in columns)
                last = f"SELECT max(seq) {changed} GROUP BY pk"
                cursor.execute(f"INSERT INTO {table} ({names}) {_from_json(table, columns, last)}")


def trigger_names() -> list[str]:
    """The triggers that record, on SQLite."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'chaos_%%'", [])
        return [name for (name,) in cursor.fetchall()]


def unrecorded_count(start: int) -> int:
    """How many rows were changed by transactions that did not say what they did. Always 0 on SQLite."""
    if connection.vendor == "sqlite":
        return 0
    recorded = "SELECT txid FROM chaos_history WHERE source IN (%s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM chaos_history WHERE seq > {start} AND txid NOT IN ({recorded})", [REMOVALS, IMPORTS]
        )
        count: int = cursor.fetchone()[0]
        return count


def _create_triggers(model: type[models.Model], events: tuple[str, ...], condition: str = "") -> None:
    table = model._meta.db_table
    when = f"WHEN ({condition})" if condition else ""
    for event in events:
        name = f"chaos_{table}_{event.split()[0].lower()}"
        action = "EXECUTE FUNCTION chaos_record()"
        if connection.vendor == "sqlite":
            values = "OLD.id, NULL" if event == "DELETE" else f"NEW.id, {_as_json(model, 'NEW')}"
            action = f"BEGIN INSERT INTO chaos_history (source, pk, row) VALUES ('{table}', {values}); END"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {when} {action}")


def _columns(model: type[models.Model]) -> list[str]:
    """The columns that are stored; the database computes the others."""
    return [str(field.column) for field in model._meta.concrete_fields if not field.generated]


def _as_json(model: type[models.Model], row: str) -> str:
    if connection.vendor == "postgresql":
        return f"to_jsonb({row})"
    pairs = ", ".join(f"'{name}', {row}.\"{name}\"" for name in _columns(model))
    return f"json_object({pairs})"


def _from_json(table: str, columns: list[str], last: str) -> str:
    """SQL that selects the rows of the history whose numbers `last` selects, as rows of the table."""
    if connection.vendor == "postgresql":
        names = ", ".join(f'r."{name}"' for name in columns)
        source = f"chaos_history h, jsonb_populate_record(NULL::{table}, h.row) r"
    else:
        names = ", ".join(f"json_extract(h.row, '$.{name}')" for name in columns)
        source = "chaos_history h"
    return f"SELECT {names} FROM {source} WHERE h.row IS NOT NULL AND h.seq IN ({last})"


def _in_utc(at: str | datetime.datetime) -> datetime.datetime:
    if isinstance(at, str):
        return datetime.datetime.fromisoformat(at).replace(tzinfo=datetime.UTC)
    return at
