"""What a fault is, and how one is injected."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from tests.chaos.world import Hit, World

Undo = Callable[[], object]
Chance = random.Random
Inject = Callable[[World, Chance], Undo | None]
"""Injects a fault and returns what undoes it; None if the fault was not possible now."""

TRY_SECONDS = 45


def nothing() -> None:
    """Undoes faults that happen once."""


@dataclass(frozen=True)
class Fault:
    """A kind of fault.

    - `vendor`: the only database with which it is possible; "" for both.
    - `needs`: the attributes of World without which it is impossible.
    - `can_lose_attempts`, `can_fail_jobs`: what a job is allowed to suffer from it.
    """

    name: str
    lane: str
    inject: Inject
    vendor: str = ""
    needs: tuple[str, ...] = ()
    can_lose_attempts: bool = False
    can_fail_jobs: bool = False

    def is_possible(self, world: World) -> bool:
        if self.vendor not in {"", connection.vendor}:
            return False
        return all(getattr(world, name) for name in self.needs)


def inject(fault: Fault, world: World, chance: Chance) -> bool:
    """Inject the fault and undo it; False if it was not possible for a while."""
    end = time.monotonic() + TRY_SECONDS
    while time.monotonic() < end:
        start = time.time()
        undo = fault.inject(world, chance)
        if undo:
            undo()
            world.hits.append(Hit(fault.name, fault.lane, start, time.time()))
            world.say(f"{len(world.hits):4} {fault.name} ({time.time() - start:.1f} s)")
            return True
        time.sleep(0.5)
    world.say(f"   - {fault.name}: not possible")
    return False
