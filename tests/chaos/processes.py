"""Finds the processes of a running worker and their roles, from /proc and the worker's log."""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

ROLES_BY_LOG = {"ready for work": "queue worker", "pushing tasks": "pusher", "monitoring": "monitor"}
ROLE_LINE = re.compile(rf"({'|'.join(ROLES_BY_LOG)}) at (\d+)")


def children(pid: int) -> list[int]:
    """The running children of a process, oldest first."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def roles(supervisor: int, log: Path) -> dict[int, str]:
    """The role of each process by its ID, including the supervisor. Processes that have logged no role are left out."""
    found = {supervisor: "main"}
    for cluster in children(supervisor):
        found[cluster] = "cluster"
        for sentinel in children(cluster):
            found[sentinel] = "sentinel"
            logged = _logged_roles(log)
            for pid in children(sentinel):
                if pid in logged:
                    found[pid] = logged[pid]
    return found


def _logged_roles(log: Path) -> dict[int, str]:
    found: dict[int, str] = {}
    for words, pid in ROLE_LINE.findall(log.read_text(errors="replace")):
        found[int(pid)] = ROLES_BY_LOG[words]
    return found


def send(pid: int, number: signal.Signals) -> bool:
    """Send a signal; False if the process no longer exists."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
