"""The settings of the two database systems: SQLite and PostgreSQL."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def complete(database: dict[str, Any], data_folder: Path, patience_seconds: int) -> dict[str, Any]:
    """Add what the portal needs to Django's settings of a database.

    Returns the options that the web server sets beside them: its requests wait for `patience_seconds` at most. Raises
    ImproperlyConfigured if the database system is neither SQLite nor PostgreSQL.
    """
    database |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    if database["ENGINE"].endswith("sqlite3"):
        return _complete_sqlite(database, data_folder, patience_seconds)
    if database["ENGINE"].endswith("postgresql"):
        return _complete_postgresql(database, patience_seconds)
    raise ImproperlyConfigured("DATABASE_URL names neither SQLite nor PostgreSQL. Only these two are supported.")


def _complete_sqlite(database: dict[str, Any], data_folder: Path, patience_seconds: int) -> dict[str, Any]:
    data_folder.mkdir(parents=True, exist_ok=True)
    # IMMEDIATE avoids "database is locked": a deferred transaction that reads first and then writes fails at once
    # if another one is writing. WAL lets an export read while web requests write.
    database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # Tests need a file, because an export opens its own connection.
    database["TEST"] = {"NAME": str(data_folder / "test.sqlite3")}
    return {"timeout": patience_seconds}


def _complete_postgresql(database: dict[str, Any], patience_seconds: int) -> dict[str, Any]:
    options = database.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", patience_seconds)
    # A connection that falls silent, such as after a failover, ends in this time for web and workers alike.
    options.setdefault("tcp_user_timeout", patience_seconds * 1000)
    options.setdefault("keepalives_idle", patience_seconds)
    options.setdefault("keepalives_interval", 3)
    options.setdefault("keepalives_count", 3)
    limits = f"-c statement_timeout={patience_seconds}s -c lock_timeout={patience_seconds}s"
    return {"options": f"{options.get('options', '')} {limits}".strip()}
