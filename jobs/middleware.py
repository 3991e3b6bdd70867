"""Answers soon, and in words, what can't be saved while a long write holds SQLite's only write lock."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import MiddlewareNotUsed
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse

from core.errors import ReadOnlyNow
from jobs import long_write

PATIENCE_MILLISECONDS = 300

Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class LongWriteMiddleware:
    """While a long write runs, a request waits a moment for the lock, not DATABASE_PATIENCE_SECONDS."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if connection.vendor != "sqlite":
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with connection.execute_wrapper(explain_lock):
            if not long_write.is_running():
                return self.get_response(request)
            usual = _set_patience(PATIENCE_MILLISECONDS)
            try:
                return self.get_response(request)
            finally:
                _set_patience(usual)


def explain_lock(execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run a statement. Raises ReadOnlyNow in place of SQLite's "database is locked"."""
    try:
        return execute(sql, params, many, context)
    except OperationalError as error:
        if "locked" in str(error) and long_write.is_running():
            raise ReadOnlyNow from error
        raise


def _set_patience(milliseconds: int) -> int:
    """Set how long this connection waits for a lock; returns how long it waited before."""
    connection.ensure_connection()
    session: Any = connection.connection
    (before,) = session.execute("PRAGMA busy_timeout").fetchone()
    session.execute(f"PRAGMA busy_timeout = {milliseconds:d}")
    return int(before)
