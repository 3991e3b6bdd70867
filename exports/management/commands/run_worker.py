"""`manage.py run_worker`: the process that builds exports and sends mail, django-q2's cluster.

The cluster runs in a process group of its own behind this process: a terminal's Ctrl-C or a
supervisor's signal to the group would otherwise kill the queue's children under it, and its main
process would wait for them for ever.
"""

import ctypes
import os
import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections
from django_q.cluster import Cluster

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 25


class Command(BaseCommand):
    help = "Build exports and send mail until SIGTERM or Ctrl-C. Run one or more, on one or more hosts."

    def handle(self, *args: Any, **options: Any) -> None:
        connections.close_all()
        os.register_at_fork(after_in_child=_die_with_parent)
        if (child := os.fork()) == 0:
            os.setpgid(0, 0)
            os._exit(_run_cluster())
        self._relay_signals(child)
        _, status = os.waitpid(child, 0)
        raise SystemExit(os.waitstatus_to_exitcode(status))

    def _relay_signals(self, child: int) -> None:
        def stop(_signal: int, _frame: FrameType | None) -> None:
            os.kill(child, signal.SIGTERM)
            signal.alarm(STOP_SECONDS)

        def kill(_signal: int, _frame: FrameType | None) -> None:
            os.killpg(child, signal.SIGKILL)

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGALRM, kill)


def _run_cluster() -> int:
    cluster: Any = Cluster()
    cluster.start()
    cluster.sentinel.join()
    return int(cluster.sentinel.exitcode or 0)


def _die_with_parent() -> None:
    """Linux kills the child when its parent dies, so that no headless cluster goes on."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
