"""Faults of the process that does a job: a worker's, or a command's."""

import signal
import time
from functools import partial

from django.conf import settings

from exports.models import ExportJob
from imports.models import ImportJob
from jobs.leased import LeasedJob
from tests.chaos.fault import Chance, Fault, Undo, nothing
from tests.chaos.processes import send
from tests.chaos.world import World

LANE = "jobs"
COMMAND_WAIT_SECONDS = 12


def kill(model: type[LeasedJob], world: World, chance: Chance) -> Undo | None:
    """Send SIGKILL to the process that runs a job of this kind, at any moment of it."""
    pid = _busy_pid(model, world, chance)
    if pid and send(pid, signal.SIGKILL):
        return nothing
    return None


def freeze(model: type[LeasedJob], world: World, chance: Chance) -> Undo | None:
    """Stop that process with SIGSTOP for longer than the lease. When it continues, it has lost its job."""
    pid = _busy_pid(model, world, chance)
    if not pid or not send(pid, signal.SIGSTOP):
        return None
    time.sleep(settings.EXPORT_LEASE_SECONDS + 1.5)
    return partial(send, pid, signal.SIGCONT)


def kill_command(world: World, chance: Chance) -> Undo | None:
    """Send SIGKILL to the command import_issues."""
    end = time.monotonic() + COMMAND_WAIT_SECONDS
    with world.wanting("import_issues"):
        while time.monotonic() < end:
            command = world.processes_of_imports[-1:]
            if command and command[0].poll() is None:
                break
            time.sleep(0.1)
        else:
            return None
    time.sleep(chance.uniform(0.8, 3))  # the command needs almost a second to begin
    if command[0].poll() is None and send(command[0].pid, signal.SIGKILL):
        return nothing
    return None


def _busy_pid(model: type[LeasedJob], world: World, chance: Chance) -> int | None:
    job = world.running_job(model)
    if job is None:
        return None
    time.sleep(chance.uniform(0, 0.6))
    return int(job.worker.rpartition(":")[2])


FAULTS = (
    Fault("kill -9 exporting worker", LANE, partial(kill, ExportJob), can_lose_attempts=True),
    Fault("kill -9 importing worker", LANE, partial(kill, ImportJob), can_lose_attempts=True),
    Fault("kill -9 import_issues", LANE, kill_command),
    Fault("SIGSTOP of the exporting worker past its lease", LANE, partial(freeze, ExportJob), can_lose_attempts=True),
    Fault("SIGSTOP of the importing worker past its lease", LANE, partial(freeze, ImportJob), can_lose_attempts=True),
)
