"""One attempt at a leased job: it sends heartbeats from a thread and knows every reason to stop.

The thread sends a heartbeat every second, on a connection of its own, so that a worker keeps its job while the work
itself is blocked by a lock, a count or a slow disk. It stops sending when the work has reported nothing for as long
as several leases and has not said that it is waiting: a worker that hangs loses its job. A heartbeat that can't be
sent is tried again; whether the job went to another worker in the meantime is known from the first that can.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, connections

from jobs import long_write, shutdown
from jobs.errors import CancelRequested, JobFailed, LostJob, WorkerStops
from jobs.leased import LAST_CALL, JobStatus, LeasedJob

logger = logging.getLogger(__name__)
T = TypeVar("T")

HEARTBEAT_SECONDS = 1.0
SILENT_LEASES = 7  # a disk may block a write for a minute, and the worker is not to blame
RETRY_SECONDS = 0.5
DATABASE_AWAY = (OperationalError, InterfaceError)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def patiently(transition: Callable[[], T]) -> T:
    """The transition's result; while the database is away it is tried again until the job would be lost.

    A transition may run twice: it is conditional, and its second try finds what the first one left. The time of a
    long write on SQLite does not count: nobody can take the job in it.
    """
    end = _next_loss()
    while True:
        try:
            return transition()
        except DATABASE_AWAY:
            if long_write.is_running():
                end = _next_loss()
            if time.monotonic() > end:
                raise
            connection.close()
            time.sleep(RETRY_SECONDS)


def _next_loss() -> float:
    """When a worker that can't be heard from now on has lost its job."""
    return time.monotonic() + settings.EXPORT_LEASE_SECONDS + LAST_CALL.total_seconds()


class Attempt:
    """One attempt; `number` is the fencing token that all its writes carry."""

    def __init__(self, job: LeasedJob, number: int) -> None:
        self.job = job
        self.number = number
        self._deadline = time.monotonic() + settings.EXPORT_DEADLINE_SECONDS
        self._reported_at = time.monotonic()
        self._progress: dict[str, Any] = {"progress": 0}
        self._stop_reason: Exception | None = None
        self._is_waiting = False
        self._is_exclusive = False
        self._interrupt: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._has_ended = threading.Event()

    # -- For the work ----------------------------------------------------------------------------

    def report(self, *, progress: int, **facts: Any) -> None:
        """Say how far the work is; `progress` is percent, `facts` are columns of the job. Cheap: call it often.

        Raises:
            JobFailed, CancelRequested, LostJob, WorkerStops, or the database's error: why to stop.
        """
        self._reported_at = time.monotonic()
        self._progress = {"progress": progress, **facts}
        self.check()

    def send_heartbeat(self) -> None:
        """Send what was reported last at once, from the caller's thread.

        Raises:
            CancelRequested, LostJob: the job is no longer this attempt's.
        """
        if not patiently(lambda: self.job.heartbeat(self.number, **self._progress)):
            raise self.find_stop_reason()

    def check(self) -> None:
        """Raises what `report` raises."""
        if self._stop_reason is not None:
            raise self._stop_reason
        if time.monotonic() > self._deadline:
            raise JobFailed(self.job.deadline_message())
        if shutdown.is_requested():
            raise WorkerStops

    @contextmanager
    def waiting(self, interrupt: Callable[[], None] | None = None) -> Iterator[None]:
        """Keep the job while the body waits for something that may take long.

        When the attempt must stop, `interrupt` is called from the thread, once, to end the wait. On leaving, raises
        the reason to stop, whatever the interrupted body raised.
        """
        with self._lock:
            self._is_waiting = True
            self._interrupt = interrupt
        try:
            yield
        except Exception as error:
            self._end_waiting()
            if self._stop_reason is not None:
                raise self._stop_reason from error
            raise
        self._end_waiting()
        self.check()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the job without heartbeats, while the body holds SQLite's only write lock. On PostgreSQL, do nothing.

        Raises:
            JobFailed, CancelRequested, LostJob, WorkerStops: why to stop.
        """
        if connection.vendor != "sqlite":
            yield
            return
        with ExitStack() as stack:
            with self.waiting():
                stack.enter_context(long_write.hold(self.check))
            if not patiently(lambda: self.job.begin_exclusive(self.number)):
                raise self.find_stop_reason()
            self._is_exclusive = True
            stack.callback(self._end_exclusive)
            yield

    def _end_exclusive(self) -> None:
        self._reported_at = time.monotonic()
        self._is_exclusive = False
        patiently(lambda: self.job.end_exclusive(self.number))

    def find_stop_reason(self) -> Exception:
        """Why this worker's conditional write matched nothing."""
        self.job.refresh_from_db()
        if self.job.attempt == self.number and self.job.status == JobStatus.CANCEL_REQUESTED:
            return CancelRequested()
        return LostJob()

    # -- The thread ------------------------------------------------------------------------------

    @contextmanager
    def heartbeats(self) -> Iterator[None]:
        """Send heartbeats until the body ends."""
        thread = threading.Thread(target=self._send_until_end, name=f"heartbeats of {self.job}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._has_ended.set()
            thread.join(timeout=2)

    def _send_until_end(self) -> None:
        try:
            while not self._has_ended.wait(HEARTBEAT_SECONDS):
                self._look()
        finally:
            connections.close_all()

    def _look(self) -> None:
        """Send a heartbeat if one is due, and interrupt the work if it must stop."""
        try:
            self.check()
            if not self._is_exclusive and not self._is_silent():
                self._try_heartbeat()
        except Exception as error:  # noqa: BLE001 - it is raised again in the thread that does the work
            self._stop(error)

    def _is_silent(self) -> bool:
        silent_seconds = time.monotonic() - self._reported_at
        return not self._is_waiting and silent_seconds > SILENT_LEASES * settings.EXPORT_LEASE_SECONDS

    def _try_heartbeat(self) -> None:
        try:
            if not self._own_copy().heartbeat(self.number, **self._progress):
                raise self._reason_seen_from_here()
        except DATABASE_AWAY as error:
            connection.close()
            logger.warning("%s could not send a heartbeat: %s", self.job, str(error).strip())

    def _reason_seen_from_here(self) -> Exception:
        copy = self._own_copy()
        copy.refresh_from_db()
        return Attempt(copy, self.number).find_stop_reason()

    def _own_copy(self) -> LeasedJob:
        """A model instance of the thread's own: the job's belongs to the work."""
        return type(self.job).objects.model(pk=self.job.pk)  # type: ignore[no-any-return]

    def _stop(self, reason: Exception) -> None:
        with self._lock:
            is_first = self._stop_reason is None
            if is_first:
                self._stop_reason = reason
            if is_first and self._is_waiting and self._interrupt:
                self._interrupt()

    def _end_waiting(self) -> None:
        with self._lock:
            self._is_waiting = False
            self._interrupt = None
            self._reported_at = time.monotonic()
