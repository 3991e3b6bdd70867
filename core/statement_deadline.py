"""A time limit for each SQL statement on SQLite, as `statement_timeout` is on PostgreSQL."""

import functools
import time
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# Steps of SQLite's virtual machine between two looks at the clock: a few milliseconds.
STEPS = 100_000


class StatementDeadline:
    """Surrounds every statement of a connection, and knows when the running one has taken too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = float("inf")

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Django's wrapper of statements. The limit also covers the fetching of rows, which SQLite finds one by one."""
        self._end = time.monotonic() + self._seconds
        return execute(*arguments)

    def is_over(self) -> bool:
        """SQLite's progress handler: a statement for which it returns True fails with an OperationalError."""
        return time.monotonic() > self._end


def limit_statements(seconds: float) -> None:
    """Limit every statement of this process to so many seconds, on connections that are opened from now on."""
    connection_created.connect(functools.partial(_limit, seconds), weak=False, dispatch_uid="statement deadline")


def _limit(seconds: float, *, connection: BaseDatabaseWrapper, **_: Any) -> None:
    deadline = _find_deadline(connection)
    if deadline is None:
        deadline = StatementDeadline(seconds)
        connection.execute_wrappers.append(deadline)
    connection.connection.set_progress_handler(deadline.is_over, STEPS)


def _find_deadline(connection: BaseDatabaseWrapper) -> StatementDeadline | None:
    """The deadline that the object already has from an earlier connection to the database."""
    for wrapper in connection.execute_wrappers:
        if isinstance(wrapper, StatementDeadline):
            return wrapper
    return None
