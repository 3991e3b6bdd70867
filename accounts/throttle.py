"""Limits guessing: failed sign-ins are counted for each account and each address.

The counts are in the database, so that all processes share them. Counting is one UPDATE, without reading first, so
that no attempt is missed however many arrive at once. Only failures write: a request with a valid token costs nothing
here.
"""

import datetime
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Literal

from django.db.models import F
from django.utils import timezone

from accounts.models import FailedAttempts

Credential = Literal["password", "token"]

WINDOW = datetime.timedelta(minutes=5)
LIMITS: Mapping[str, int] = {"account": 10, "address": 50}  # failures allowed in a window


def count_failure(credential: Credential, *, account: str, address: str) -> int:
    """Count one failure. Return the seconds to wait before the next attempt, 0 while within the limits.

    `account` is the email that was sent, `address` the client's IP address. Empty values are not counted.
    """
    limits = dict(_limits(credential, account=account, address=address))
    for key in limits:
        _count(key)
    return _seconds_to_wait(limits)


def reset(credential: Credential, *, account: str, address: str) -> None:
    """Take back the failure counted for an attempt that then succeeded.

    The account starts again at zero. The address loses one failure only: otherwise an attacker could reset
    the count by signing in to their own account between guesses.
    """
    account_keys = dict(_limits(credential, account=account, address=""))
    FailedAttempts.objects.filter(pk__in=account_keys).delete()
    address_keys = dict(_limits(credential, account="", address=address))
    counters = FailedAttempts.objects.filter(pk__in=address_keys, failure_count__gt=0)
    counters.update(failure_count=F("failure_count") - 1)


def _limits(credential: Credential, *, account: str, address: str) -> Iterator[tuple[str, int]]:
    """The keys of the counters with their limits. Keys are hashes: people type passwords into the email field."""
    for kind, value in (("account", account), ("address", address)):
        if value:
            text = f"{credential} {kind} {value}"
            yield sha256(text.encode("utf-8", "surrogatepass")).hexdigest(), LIMITS[kind]


def _count(key: str) -> None:
    now = timezone.now()
    counter = FailedAttempts.objects.filter(pk=key)
    is_counted = counter.filter(started_at__gt=now - WINDOW).update(failure_count=F("failure_count") + 1)
    if is_counted:
        return
    FailedAttempts.objects.filter(started_at__lte=now - WINDOW).delete()
    FailedAttempts.objects.bulk_create([FailedAttempts(key=key, started_at=now)], ignore_conflicts=True)
    counter.update(failure_count=F("failure_count") + 1)


def _seconds_to_wait(limits: Mapping[str, int]) -> int:
    now = timezone.now()
    longest = 0
    for counter in FailedAttempts.objects.filter(pk__in=limits, started_at__gt=now - WINDOW):
        if counter.failure_count > limits[counter.key]:
            left = counter.started_at + WINDOW - now
            longest = max(longest, int(left.total_seconds()) + 1)
    return longest
