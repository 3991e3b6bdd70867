"""Faults of the web server."""

import signal
import time
from functools import partial

from tests.chaos.fault import Chance, Fault, Undo
from tests.chaos.processes import is_running, send
from tests.chaos.world import WEB, World

LANE = "web"
WAIT_SECONDS = 30


def kill_master(world: World, chance: Chance) -> Undo | None:
    master = world.processes.get(WEB)
    if master is None:
        return None
    orphans = world.web_workers()
    undo = _kill([master.pid], world)
    end = time.monotonic() + WAIT_SECONDS
    while any(is_running(pid) for pid in orphans):
        if time.monotonic() > end:
            world.report(f"web workers live {WAIT_SECONDS} s after their master: {orphans}")
            break
        time.sleep(0.2)
    return undo


def kill_worker(world: World, chance: Chance) -> Undo | None:
    workers = world.web_workers()
    if not workers:
        return None
    return _kill([chance.choice(workers)], world)


def kill_during(activity: str, world: World, chance: Chance) -> Undo | None:
    """Kill every web worker while a client downloads or uploads."""
    with world.wanting(activity):
        if not world.web_activity[activity].wait(WAIT_SECONDS):
            return None
    time.sleep(chance.uniform(0, 0.1))
    if not world.web_activity[activity].is_set():
        return None
    return _kill(world.web_workers(), world)


def _kill(pids: list[int], world: World) -> Undo | None:
    world.note_web_outage()
    killed_count = sum(send(pid, signal.SIGKILL) for pid in pids)
    if not killed_count:
        world.web_is_ready.set()
        return None
    time.sleep(1)  # until the process is gone, and nothing answers
    return world.wait_for_web


FAULTS = (
    Fault("kill -9 web master", LANE, kill_master),
    Fault("kill -9 web worker", LANE, kill_worker),
    Fault("kill -9 web workers during a download", LANE, partial(kill_during, "download")),
    Fault("kill -9 web workers during an upload", LANE, partial(kill_during, "upload")),
)
