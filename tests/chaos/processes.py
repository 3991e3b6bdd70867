"""The processes of a running worker, told apart as the kernel and its own log know them."""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path

ROLE_WORDS = {"ready for work": "queue worker", "pushing tasks": "pusher", "monitoring": "monitor"}
ROLE_LINE = re.compile(rf"({'|'.join(ROLE_WORDS)}) at (\d+)")


def children(pid: int) -> list[int]:
    """Living children of a process, oldest first."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def roles(supervisor: int, log: Path) -> dict[int, str]:
    """Role by process ID, from the supervisor down; a process that has not said its role yet is left out."""
    found = {supervisor: "main"}
    for cluster in children(supervisor):
        found[cluster] = "cluster"
        for sentinel in children(cluster):
            found[sentinel] = "sentinel"
            said = {int(pid): ROLE_WORDS[words] for words, pid in ROLE_LINE.findall(log.read_text(errors="replace"))}
            found |= {pid: said[pid] for pid in children(sentinel) if pid in said}
    return found


def send(pid: int, number: signal.Signals) -> bool:
    """False: it is gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
