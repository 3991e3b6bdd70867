"""Faults of other hosts: a mail server that fails, and clocks that are wrong."""

import time
from functools import partial

from tests.chaos.fault import Chance, Fault, Undo
from tests.chaos.world import WEB, World

HOUR = 3600


def spoil_mail(mode: str, world: World, chance: Chance) -> Undo:
    world.mail_server.mode = mode
    time.sleep(chance.uniform(1, 2.5))
    return world.mail_server.restore


def stop_mail(world: World, chance: Chance) -> Undo:
    world.mail_server.stop()
    time.sleep(chance.uniform(1, 2.5))
    return world.mail_server.restore


def move_clock(whose: str, world: World, chance: Chance) -> Undo:
    """Set the clock of a host one hour forward or back; the database's clock stays right."""
    world.set_clock(whose, chance.choice([HOUR, -HOUR]))
    time.sleep(chance.uniform(1, 2.5))
    return partial(world.set_clock, whose, 0)


def _clock(whose: str) -> Fault:
    name = f"clock of the {whose} host an hour off"
    return Fault(name, "clocks", partial(move_clock, whose), vendor="postgresql", needs=("has_preload",))


FAULTS = (
    Fault("mail server away", "mail", stop_mail),
    Fault("mail server slow", "mail", partial(spoil_mail, "slow")),
    Fault("mail server refusing (451)", "mail", partial(spoil_mail, "refusing")),
    Fault("mail server dropping after DATA", "mail", partial(spoil_mail, "dropping")),
    _clock("worker"),
    _clock(WEB),
)
