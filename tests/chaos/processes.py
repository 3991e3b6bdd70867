"""Finds the processes of a running worker and their roles, from /proc and the worker's log."""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

ROLES_BY_LOG = {"ready for work": "queue worker", "pushing tasks": "pusher", "monitoring": "monitor"}
ROLE_LINE = re.compile(rf"({'|'.join(ROLES_BY_LOG)}) at (\d+)")
RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


def children(pid: int) -> list[int]:
    """The running children of a process, oldest first."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for child in children(pid):
        found += family(child)
    return found


def resident_megabytes(pid: int) -> int:
    """The memory that the process has in RAM; 0 if it has ended."""
    with suppress(OSError):
        match = RESIDENT.search(Path(f"/proc/{pid}/status").read_text())
        if match:
            return int(match[1]) // 1024
    return 0


def is_running(pid: int) -> bool:
    """Whether the process exists and is not a zombie."""
    return resident_megabytes(pid) > 0


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
