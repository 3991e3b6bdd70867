"""Failed sign-ins are counted per account and per address, in the database, so that all processes count together.

A count is an UPDATE and no read-then-write: of any number of guesses at once each is counted. Only failures
write; who comes with the right token costs nothing here.
"""

import datetime
from collections.abc import Mapping
from hashlib import sha256
from typing import Literal

from django.db.models import F
from django.utils import timezone

from accounts.models import FailedAttempts

Door = Literal["password", "token"]

WINDOW = datetime.timedelta(minutes=5)
LIMITS: Mapping[str, int] = {"account": 10, "address": 50}


def note_failure(door: Door, *, account: str, address: str) -> int:
    """Count one failure; the seconds to wait once there were more than the limit, else 0."""
    keys = _keys(door, account=account, address=address)
    for key in keys:
        _count(key)
    return _seconds_to_wait(keys)


def forgive(door: Door, *, account: str, address: str) -> None:
    """Take back an attempt that proved right: the account begins anew, the address has one less."""
    of_account, of_address = _keys(door, account=account, address=""), _keys(door, account="", address=address)
    FailedAttempts.objects.filter(pk__in=of_account).delete()
    FailedAttempts.objects.filter(pk__in=of_address, count__gt=0).update(count=F("count") - 1)


def _keys(door: Door, *, account: str, address: str) -> dict[str, int]:
    """The counters with their limits. Hashed: what is typed into the field of an e-mail may be a password."""
    named = {"account": account, "address": address}
    return {
        sha256(f"{door} {kind} {value}".encode("utf-8", "surrogatepass")).hexdigest(): LIMITS[kind]
        for kind, value in named.items()
        if value
    }


def _count(key: str) -> None:
    now = timezone.now()
    counter = FailedAttempts.objects.filter(pk=key)
    if counter.filter(since__gt=now - WINDOW).update(count=F("count") + 1):
        return
    FailedAttempts.objects.filter(since__lte=now - WINDOW).delete()
    FailedAttempts.objects.bulk_create([FailedAttempts(key=key, since=now)], ignore_conflicts=True)
    counter.update(count=F("count") + 1)


def _seconds_to_wait(keys: Mapping[str, int]) -> int:
    now = timezone.now()
    running = FailedAttempts.objects.filter(pk__in=keys, since__gt=now - WINDOW)
    waits = [(row.since + WINDOW - now).total_seconds() for row in running if row.count > keys[row.key]]
    return max((int(wait) + 1 for wait in waits), default=0)
