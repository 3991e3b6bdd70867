"""The faults, in lanes. Faults of different lanes are independent, and are injected at the same time."""

from tests.chaos import faults_database, faults_disk, faults_hosts, faults_jobs, faults_queue, faults_web
from tests.chaos.fault import Fault
from tests.chaos.world import World

FAULTS: tuple[Fault, ...] = (
    *faults_queue.FAULTS,
    *faults_jobs.FAULTS,
    *faults_database.FAULTS,
    *faults_disk.FAULTS,
    *faults_web.FAULTS,
    *faults_hosts.FAULTS,
)


def possible(world: World) -> list[Fault]:
    """The faults that this database and this machine allow."""
    return [fault for fault in FAULTS if fault.is_possible(world)]


def by_lane(faults: list[Fault]) -> dict[str, list[Fault]]:
    lanes: dict[str, list[Fault]] = {}
    for fault in faults:
        lanes.setdefault(fault.lane, []).append(fault)
    return lanes
