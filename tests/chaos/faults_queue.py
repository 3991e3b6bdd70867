"""Faults of the processes that make up a worker."""

import os
import signal
from functools import partial

from exports.models import ExportJob
from imports.models import ImportJob
from tests.chaos.fault import Chance, Fault, Undo, nothing
from tests.chaos.processes import send
from tests.chaos.world import World, ask

LANE = "queue"


def kill(role: str, world: World, chance: Chance) -> Undo | None:
    """Send SIGKILL to one process with this role."""
    return _kill_one(world.with_role(role), chance)


def kill_idle(world: World, chance: Chance) -> Undo | None:
    busy = ask(_busy_pids)
    idle = [pid for pid in world.with_role("queue worker") if pid not in busy]
    return _kill_one(idle, chance)


def terminate_group(world: World, chance: Chance) -> Undo | None:
    """Send SIGTERM to a whole process group, like a terminal or systemd with KillMode=control-group."""
    mains = world.with_role("main")
    if not mains:
        return None
    try:
        os.killpg(chance.choice(mains), signal.SIGTERM)
    except ProcessLookupError:
        return None
    return nothing


def _kill_one(pids: list[int], chance: Chance) -> Undo | None:
    if pids and send(chance.choice(pids), signal.SIGKILL):
        return nothing
    return None


def _busy_pids() -> set[int]:
    names: list[str] = []
    for model in (ExportJob, ImportJob):
        names += model.objects.filter(status="RUNNING").values_list("worker", flat=True)
    return {int(name.rpartition(":")[2]) for name in names}


FAULTS = (
    Fault("kill -9 main process", LANE, partial(kill, "main"), can_lose_attempts=True),
    Fault("kill -9 cluster process", LANE, partial(kill, "cluster"), can_lose_attempts=True),
    Fault("kill -9 sentinel", LANE, partial(kill, "sentinel"), can_lose_attempts=True),
    Fault("kill -9 pusher", LANE, partial(kill, "pusher"), can_lose_attempts=True),
    Fault("kill -9 monitor", LANE, partial(kill, "monitor"), can_lose_attempts=True),
    Fault("kill -9 idle worker", LANE, kill_idle, can_lose_attempts=True),
    Fault("SIGTERM to the group", LANE, terminate_group, can_lose_attempts=True),
)
