"""The faults by name.

Each function injects one fault and returns a function that undoes it, or None if the fault was not possible now.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import connection

from tests.chaos.processes import send
from tests.chaos.world import World, restart_postgresql

Undo = Callable[[], object]
Fault = Callable[[World], Undo | None]


def nothing() -> None:
    """Faults that happen once need no undoing."""


def kill(role: str, world: World) -> Undo | None:
    """Send SIGKILL to one process with this role."""
    return _kill_one(world, world.processes(role))


def _kill_one(world: World, pids: list[int]) -> Undo | None:
    if pids and send(world.chance.choice(pids), signal.SIGKILL):
        return nothing
    return None


def busy_pids(world: World) -> list[int]:
    """The process that builds the running export; empty if none is running."""
    job = world.running_job()
    if job is None:
        return []
    return [int(job.worker.rpartition(":")[2])]


def kill_busy(world: World) -> Undo | None:
    pids = busy_pids(world)
    time.sleep(world.chance.uniform(0, 1))
    return _kill_one(world, pids)


def kill_idle(world: World) -> Undo | None:
    busy = busy_pids(world)
    idle = [pid for pid in world.processes("queue worker") if pid not in busy]
    return _kill_one(world, idle)


def terminate_group(world: World) -> Undo | None:
    """Send SIGTERM to a whole process group, like a terminal or systemd with KillMode=control-group."""
    mains = world.processes("main")
    if not mains:
        return None
    os.killpg(world.chance.choice(mains), signal.SIGTERM)
    return nothing


def freeze_busy(world: World) -> Undo | None:
    """Stop the busy process with SIGSTOP for longer than the lease. When it continues, it has lost its job."""
    pids = busy_pids(world)
    time.sleep(world.chance.uniform(0, 1))
    if not pids or not send(pids[0], signal.SIGSTOP):
        return None
    time.sleep(settings.EXPORT_LEASE_SECONDS + 1.5)
    return partial(send, pids[0], signal.SIGCONT)


def restart_database(world: World) -> Undo | None:
    if connection.vendor != "postgresql":
        return None
    world.running_job()
    time.sleep(world.chance.uniform(0, 1))
    restart_postgresql()
    return nothing


def mail_server(mode: str, world: World) -> Undo:
    world.mail_server.mode = mode
    time.sleep(world.chance.uniform(1, 2.5))
    return world.heal


def mail_server_away(world: World) -> Undo:
    world.mail_server.stop()
    time.sleep(world.chance.uniform(1, 2.5))
    return world.heal


def disk_full(world: World) -> Undo | None:
    if not world.has_disk or world.running_job() is None:
        return None
    world.fill_disk()
    time.sleep(2)
    return world.heal


def disk_read_only(world: World) -> Undo | None:
    if not world.has_disk:
        return None
    command = ["mount", "-o", "remount,ro", str(world.storage)]
    if subprocess.run(command, capture_output=True).returncode:
        return None  # a file is open for writing
    time.sleep(2)
    return world.heal


def clock_jump(world: World) -> Undo | None:
    """Set the clock of the workers' host one hour forward or back; the database's clock stays right."""
    if not world.has_clock:
        return None
    world.clock.write_text(world.chance.choice(["3600", "-3600"]))
    time.sleep(world.chance.uniform(1, 2.5))
    return world.heal


FAULTS: dict[str, Fault] = {
    "kill -9 main process": partial(kill, "main"),
    "kill -9 cluster process": partial(kill, "cluster"),
    "kill -9 sentinel": partial(kill, "sentinel"),
    "kill -9 pusher": partial(kill, "pusher"),
    "kill -9 monitor": partial(kill, "monitor"),
    "kill -9 idle worker": kill_idle,
    "kill -9 busy worker": kill_busy,
    "SIGTERM to the group": terminate_group,
    "SIGSTOP of the busy worker past its lease": freeze_busy,
    "PostgreSQL restarted (immediate)": restart_database,
    "mail server away": mail_server_away,
    "mail server slow": partial(mail_server, "slow"),
    "mail server refusing (451)": partial(mail_server, "refusing"),
    "mail server dropping after DATA": partial(mail_server, "dropping"),
    "disk full": disk_full,
    "disk read-only": disk_read_only,
    "worker's clock an hour off": clock_jump,
}
