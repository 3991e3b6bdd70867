"""Ends the waits of a web process for a PostgreSQL server that no longer answers.

`statement_timeout` ends a slow statement as long as the server works. If the server hangs, or a proxy before it does,
nothing comes back, and TCP sees a healthy connection. A thread looks at the process's connections twice a second and
hangs up those that have waited too long; the request then fails as if the server had closed the connection.
"""

import os
import socket
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

LOOK_SECONDS = 0.5
CHECK_SECONDS = 1.0
"""How long Django's check of a kept connection, before its first statement in a request, may take."""


class _Watched:
    """Counts the statements of one of Django's connections, and knows since when it has waited for the same one."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self._connection = weakref.ref(connection)
        self._statement_count = 0
        self._waiting_for = -1
        self._waiting_since = 0.0

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Django's wrapper of statements."""
        self._statement_count += 1
        return execute(*arguments)

    def look(self, seconds: float) -> None:
        """Hang up if the connection has waited for the same answer for longer than `seconds`."""
        connection: Any = self._connection()
        session: psycopg.Connection[Any] | None = None
        if connection is not None:
            session = connection.connection
        if session is None or session.pgconn.transaction_status != TransactionStatus.ACTIVE:
            self._waiting_for = -1
            return
        if self._waiting_for != self._statement_count:
            self._waiting_for = self._statement_count
            self._waiting_since = time.monotonic()
            return
        limit = seconds
        if not connection.health_check_done:
            limit = CHECK_SECONDS
        if time.monotonic() - self._waiting_since >= limit:
            _hang_up(session)


class _Watch(threading.Thread):
    def __init__(self, seconds: float) -> None:
        super().__init__(name="silent database", daemon=True)
        self.watched: weakref.WeakKeyDictionary[BaseDatabaseWrapper, _Watched] = weakref.WeakKeyDictionary()
        self._seconds = seconds

    def run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            for watched in list(self.watched.values()):
                watched.look(self._seconds)


class SilenceLimit:
    """Receives the signal of each new connection. Its thread starts with the first one, after the server has forked."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._watch: _Watch | None = None
        self._lock = threading.Lock()

    def __call__(self, *, connection: BaseDatabaseWrapper, **_: Any) -> None:
        with self._lock:
            if self._watch is None or not self._watch.is_alive():
                self._watch = _Watch(self._seconds)
                self._watch.start()
            if connection not in self._watch.watched:
                watched = _Watched(connection)
                connection.execute_wrappers.append(watched)
                self._watch.watched[connection] = watched


def limit_silence(seconds: float) -> None:
    """Hang up connections on which this process has waited for one answer for longer than `seconds`."""
    connection_created.connect(SilenceLimit(seconds), weak=False, dispatch_uid="silent database")


def _hang_up(session: "psycopg.Connection[Any]") -> None:
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(session.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
