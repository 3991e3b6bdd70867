"""The faults, by name. Each strikes once and returns what undoes it, or None when there was nothing to strike."""

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
    """What has struck once needs no undoing."""


def kill(role: str, world: World) -> Undo | None:
    """SIGKILL to one process of the role."""
    found = world.processes(role)
    return nothing if found and send(world.chance.choice(found), signal.SIGKILL) else None


def busy(world: World) -> int | None:
    """The process that builds the running export, a moment into it."""
    job = world.running_job()
    time.sleep(world.chance.uniform(0, 1))
    return int(job.worker.rpartition(":")[2]) if job else None


def kill_busy(world: World) -> Undo | None:
    pid = busy(world)
    return nothing if pid and send(pid, signal.SIGKILL) else None


def kill_idle(world: World) -> Undo | None:
    job = world.running_job()
    working = int(job.worker.rpartition(":")[2]) if job else 0
    idle = [pid for pid in world.processes("queue worker") if pid != working]
    return nothing if idle and send(world.chance.choice(idle), signal.SIGKILL) else None


def terminate_group(world: World) -> Undo | None:
    """What a supervisor with KillMode=control-group, or a terminal, does; then, as it does, wait for the end."""
    mains = world.processes("main")
    if not mains:
        return None
    os.killpg(world.chance.choice(mains), signal.SIGTERM)
    return nothing


def freeze_busy(world: World) -> Undo | None:
    """SIGSTOP beyond the lease; it wakes up to find its job gone."""
    pid = busy(world)
    if not (pid and send(pid, signal.SIGSTOP)):
        return None
    time.sleep(settings.EXPORT_LEASE_SECONDS + 1.5)
    return partial(send, pid, signal.SIGCONT)


def restart_database(world: World) -> Undo | None:
    if connection.vendor != "postgresql":
        return None
    world.running_job()
    time.sleep(world.chance.uniform(0, 1))
    restart_postgresql()
    return nothing


def mail_server(mode: str, world: World) -> Undo:
    world.postman.mode = mode
    time.sleep(world.chance.uniform(1, 2.5))
    return world.heal


def mail_server_away(world: World) -> Undo:
    world.postman.leave()
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
        return None  # busy: a file is open for writing just now
    time.sleep(2)
    return world.heal


def clock_jump(world: World) -> Undo | None:
    """The worker's host is an hour off; the database is not."""
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
