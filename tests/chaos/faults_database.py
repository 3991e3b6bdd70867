"""Faults of the database, and of the network between it and the portal."""

import os
import signal
import time
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from archive.models import ArchivedIssue
from exports.models import ExportJob
from imports.models import ImportJob
from tests.chaos import postgres
from tests.chaos.fault import Chance, Fault, Inject, Undo, nothing
from tests.chaos.processes import send
from tests.chaos.world import World, ask

LOCK_SECONDS = 5.0
SQLITE_LOCK_SECONDS = 15.0
COPYING = "application_name LIKE 'worker%%' AND state = 'active' AND query LIKE 'COPY%%'"
OTHERS = "application_name LIKE 'worker%%' AND query NOT LIKE 'COPY%%'"
OF_WEB = "application_name = 'web'"


def restart(world: World, chance: Chance) -> Undo:
    world.running_job(ExportJob, seconds=3)
    postgres.restart(Path(os.environ["CHAOS_PGDATA"]))
    return nothing


def terminate(condition: str, world: World, chance: Chance) -> Undo | None:
    """End one of the portal's connections from the server's side."""
    pid = _find_backend(condition)
    if pid is None:
        return None
    ask(lambda: _query("SELECT pg_terminate_backend(%s)", [pid]))
    return nothing


def freeze_backend(world: World, chance: Chance) -> Undo | None:
    """Stop the server's process of one connection for longer than the lease."""
    world.running_job(ExportJob, seconds=3)
    pid = _find_backend("application_name LIKE 'worker%%' AND state = 'active'")
    if pid is None or not _may_signal(pid) or not send(pid, signal.SIGSTOP):
        return None
    time.sleep(settings.EXPORT_LEASE_SECONDS + 1.5)
    return partial(send, pid, signal.SIGCONT)


def pause_network(world: World, chance: Chance) -> Undo | None:
    if world.relay is None:
        return None
    world.relay.pause()
    time.sleep(chance.uniform(2, settings.EXPORT_LEASE_SECONDS + 2))
    return world.relay.resume


def silence_connections(world: World, chance: Chance) -> Undo | None:
    if world.relay is None or not world.relay.silence():
        return None
    time.sleep(settings.EXPORT_LEASE_SECONDS)
    return nothing


def cut_connections(world: World, chance: Chance) -> Undo | None:
    if world.relay is None or not world.relay.cut():
        return None
    return nothing


def lock_table(table: str, world: World, chance: Chance) -> Undo:
    """Hold the strongest lock on the table for some seconds."""

    def hold() -> None:
        with transaction.atomic():
            _execute("SET LOCAL lock_timeout = '20s'")
            _execute(f'LOCK TABLE "{table}" IN ACCESS EXCLUSIVE MODE')
            time.sleep(LOCK_SECONDS)

    ask(hold)
    return nothing


def lock_sqlite(world: World, chance: Chance) -> Undo:
    """Hold the only write lock, as another program could."""

    def hold() -> None:
        with transaction.atomic():
            time.sleep(SQLITE_LOCK_SECONDS)

    ask(hold)
    return nothing


def _find_backend(condition: str) -> int | None:
    """The process of one of the server's connections. Waits a moment until there is one."""
    for _ in range(60):
        row = ask(lambda: _query(f"SELECT pid FROM pg_stat_activity WHERE {condition} ORDER BY random() LIMIT 1", []))
        if row:
            return int(str(row[0]))
        time.sleep(0.05)
    return None


def _query(sql: str, parameters: list[int]) -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[object, ...] | None = cursor.fetchone()
        return row


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _may_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _postgresql(name: str, inject: Inject, lane: str = "database") -> Fault:
    return Fault(name, lane, inject, vendor="postgresql", can_lose_attempts=True)


ISSUES_TABLE = ArchivedIssue._meta.db_table
EXPORTS_TABLE = ExportJob._meta.db_table
IMPORTS_TABLE = ImportJob._meta.db_table

FAULTS = (
    _postgresql("PostgreSQL restarted (immediate)", restart),
    _postgresql("COPY of an export terminated", partial(terminate, COPYING)),
    _postgresql("other connection of a worker terminated", partial(terminate, OTHERS)),
    _postgresql("connection of the web server terminated", partial(terminate, OF_WEB)),
    _postgresql("SIGSTOP of a backend past the lease", freeze_backend),
    _postgresql("network paused", pause_network, lane="network"),
    _postgresql("connections silent", silence_connections, lane="network"),
    _postgresql("connections cut (RST)", cut_connections, lane="network"),
    _postgresql("table of issues locked", partial(lock_table, ISSUES_TABLE)),
    _postgresql("table of exports locked", partial(lock_table, EXPORTS_TABLE)),
    _postgresql("table of imports locked", partial(lock_table, IMPORTS_TABLE)),
    Fault("SQLite's write lock held", "database", lock_sqlite, vendor="sqlite", can_lose_attempts=True),
)
