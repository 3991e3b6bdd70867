"""Runs django-q2's cluster and adds what it does not promise about its own processes (docs/decisions/0002).

The cluster runs in a session of its own: a terminal's Ctrl-C, or a signal to the whole process group, would kill
the queue's child processes, and its main process would wait for them without end. Every process dies with its
parent, and all processes of the cluster have a lower priority than the web server's. A thread here reports that the
worker lives, takes jobs from workers that are gone, and sends messages through the whole queue; if one is not
answered, the worker ends so that it can be started again.
"""

import ctypes
import logging
import os
import signal
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now
from django_q.cluster import Cluster
from django_q.models import Task
from django_q.tasks import async_task

from accounts.audit_context import start_worker
from accounts.audit_settings import record_in_background
from jobs import lifecycle, long_write, shutdown
from jobs.broker import DatabaseClockBroker
from jobs.models import Worker

enqueue: Any = async_task  # untyped
logger = logging.getLogger(__name__)

STOP_SECONDS = 25
WEDGED_STOP_SECONDS = 5
EXIT_WEDGED = 70
EXIT_CLUSTER_DIED = 71
EXIT_KILLED = 72
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Supervisor:
    """The process that an operator starts and stops."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.exit_code: int | None = None
        self.kill_at = float("inf")

    def run(self) -> int:
        """Work until asked to stop, or until something is wrong; returns the exit code."""
        DatabaseClockBroker.own_key = self.name
        start_worker(self.name)
        _bind_children_to_parents()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self.cluster = _fork_cluster()
        watch = Watch(self.name)
        watch.start()
        record_in_background("worker")
        ended = _exit_code(self.cluster)
        while ended is None:
            self._look(watch)
            ended = _exit_code(self.cluster)
        watch.end()
        _delete_worker(self.name)
        if self.exit_code is not None:
            return self.exit_code
        return ended or EXIT_CLUSTER_DIED

    def _look(self, watch: "Watch") -> None:
        received = signal.sigtimedwait(SIGNALS, 0.5)
        if received and received.si_signo != signal.SIGCHLD:
            self._stop(0, STOP_SECONDS)
        elif watch.is_wedged() and self.exit_code is None:
            logger.critical(
                "The queue left a message unanswered, or the database never answered: this worker ends so that it can "
                "be started again."
            )
            self._stop(EXIT_WEDGED, WEDGED_STOP_SECONDS)
        if time.monotonic() > self.kill_at:
            self.exit_code = self.exit_code or EXIT_KILLED
            os.killpg(self.cluster, signal.SIGKILL)

    def _stop(self, exit_code: int, seconds: float) -> None:
        """Let the cluster finish what is short and requeue what is long; kill it after that time."""
        shutdown.request()
        if self.exit_code is None:
            self.exit_code = exit_code
            self.kill_at = time.monotonic() + seconds
        os.kill(self.cluster, signal.SIGTERM)


class Watch(threading.Thread):
    """Every few seconds: report that the worker lives, reap, and test the queue.

    If the database is away, or lets nobody write, an unanswered message says nothing about the queue.
    """

    def __init__(self, name: str) -> None:
        super().__init__(daemon=True)
        self.worker = name
        self._end = threading.Event()
        self._message = ""
        self._sent = 0.0
        self._is_unanswered = False
        self._looked_at = time.monotonic()

    def is_wedged(self) -> bool:
        """Whether the queue left a message unanswered, or a query of the last look still waits for an answer."""
        is_look_late = time.monotonic() - self._looked_at > settings.WORKER_ANSWER_SECONDS
        return self._is_unanswered or is_look_late

    def run(self) -> None:
        pause = min(5.0, settings.EXPORT_LEASE_SECONDS / 3)
        while True:
            try:
                self._look()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("The watch thread could not use the database: %s", str(error).strip())
                self._message = ""
                connection.close()
            self._looked_at = time.monotonic()
            if self._end.wait(pause):
                connection.close()
                return

    def end(self) -> None:
        self._end.set()
        self.join(timeout=2)

    def _look(self) -> None:
        if long_write.is_running():
            self._message = ""
            return
        host, _, pid = self.worker.rpartition(":")
        about = {"host": host, "pid": int(pid), "version": settings.VERSION}
        _, is_new = Worker.objects.update_or_create(name=self.worker, defaults=about | {"last_seen_at": Now()})
        if is_new:
            enqueue("jobs.tasks.sweep", task_name="sweep at start")
        lifecycle.reap_all()
        self._test_queue()

    def _test_queue(self) -> None:
        """Send one message at a time to our own cluster; its record shows that pusher, worker and monitor work."""
        if not self._message:
            broker = DatabaseClockBroker(self.worker)
            self._message = enqueue("jobs.tasks.answer", broker=broker, task_name=self.worker)
            self._sent = time.monotonic()
        elif Task.objects.filter(pk=self._message).delete()[0]:
            Worker.objects.filter(name=self.worker).update(queue_tested_at=Now())
            self._message = ""
        else:
            self._is_unanswered = time.monotonic() - self._sent > settings.WORKER_ANSWER_SECONDS


def _fork_cluster() -> int:
    child = os.fork()
    if child:
        return child
    os.setsid()
    lower_priority()
    try:
        os._exit(_run_cluster())
    except BaseException:
        logger.exception("The queue's cluster could not start")
        os._exit(EXIT_CLUSTER_DIED)


def lower_priority() -> None:
    """Let pages go first if worker and web server share processors; an idle machine still gives all it has.

    A slow reader also slows the database's processes that copy for it. Linux shares processors between sessions
    (sched(7), "The autogroup feature"), other systems between processes: hence both.
    """
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(settings.WORKER_NICE))
    os.nice(settings.WORKER_NICE)


def _run_cluster() -> int:
    cluster: Any = Cluster()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    cluster.start()
    cluster.sentinel.join()
    if cluster.sentinel.exitcode == 0:
        return 0
    return EXIT_CLUSTER_DIED


def _exit_code(child: int) -> int | None:
    ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        return None
    code = os.waitstatus_to_exitcode(status)
    if code < 0:  # a signal ended it
        return EXIT_CLUSTER_DIED
    return code


def _delete_worker(name: str) -> None:
    """A worker that ended in order is not reported as missing."""
    with suppress(DatabaseError, InterfaceError):
        Worker.objects.filter(name=name).delete()
    connection.close()


def _bind_children_to_parents() -> None:
    """Linux kills each child when its parent dies, so that no cluster without a supervisor goes on."""
    parent = [0]

    def remember() -> None:
        parent[0] = os.getpid()

    def die_with_parent() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent[0]:  # it died before the line above
            os._exit(EXIT_CLUSTER_DIED)

    os.register_at_fork(before=remember, after_in_child=die_with_parent)
