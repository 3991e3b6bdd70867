"""Limits guessing: failed sign-ins are counted for each account, each address and each known device.

The counts are in the database, so that all processes share them. Counting is one UPDATE, without reading first, so
that no attempt is missed however many arrive at once. Only failures write: a request with a valid token costs nothing
here.

Guesses of strangers must not keep an account's owner out. A browser in which someone signed in before sends a cookie
(`known_devices`); its failures have a counter of their own, and the other counters do not stop it.
"""

import datetime
import ipaddress
import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from typing import Literal

from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import audit
from accounts.models import FailedAttempts

Credential = Literal["client", "password", "token", "mail", "code", "passkey", "provider"]

WINDOW = datetime.timedelta(minutes=5)
LIMITS: Mapping[str, int] = {"account": 10, "address": 50, "device": 10}  # failures allowed in a window
# Accounts and addresses share this many counters of each kind, so that invented ones cannot fill the table. Nobody can
# tell which ones share a counter without SECRET_KEY.
COUNTERS = 1 << 18
MOST_AT_ONCE = 100  # attempts that may be counted before the first of them is recorded


def count_failure(credential: Credential, *, account: str, address: str, device: str = "") -> int:
    """Count one failure. Return the seconds to wait before the next attempt, 0 while within the limits.

    `account` is the email that was sent, `address` the client's IP address, `device` the ID of a browser in which the
    account's owner signed in before. Empty values are not counted.
    """
    for key, limit in _limits(credential, account=account, address=address, device=device):
        _count(key)
        seconds = _seconds_to_wait(key, limit)
        if seconds:  # an address that is refused adds to no account
            return seconds
    return 0


def find_event_key(credential: Credential, *, account: str, address: str, device: str = "") -> uuid.UUID | None:
    """The key under which the audit trail gets one event for the refused attempts of a window, however many there are.

    None if it is known to have that event: then nothing needs to be written.
    """
    for key, limit in _limits(credential, account=account, address=address, device=device):
        first_refused = Q(failure_count__gt=limit, failure_count__lte=limit + MOST_AT_ONCE)
        counter = FailedAttempts.objects.filter(first_refused, pk=key).first()
        if counter is not None:
            return audit.new_key("throttled", key, counter.started_at.isoformat())
    return None


def reset(credential: Credential, *, account: str, address: str, device: str = "") -> None:
    """Take back the failure counted for an attempt that then succeeded.

    The account, or the known device, starts again at zero. The address loses one failure only: otherwise an attacker
    could reset the count by signing in to their own account between guesses.
    """
    if device:
        account = ""
    for key, _limit in _limits(credential, account=account, address="", device=device):
        FailedAttempts.objects.filter(pk=key).delete()
    if device:
        return
    for key, _limit in _limits(credential, account="", address=address, device=""):
        counter = FailedAttempts.objects.filter(pk=key, failure_count__gt=0)
        counter.update(failure_count=F("failure_count") - 1)


def delete_expired() -> None:
    """Delete the counters whose window is over."""
    FailedAttempts.objects.filter(started_at__lte=timezone.now() - WINDOW).delete()


def normalize_account(email: str) -> str:
    """The one form of all spellings of an email that sign-in could take as the same."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def normalize_address(address: str) -> str:
    """The client's network: an IPv4 address, or the /64 of an IPv6 address, which one client has to itself."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((parsed, 64), strict=False))


def _limits(credential: Credential, *, account: str, address: str, device: str) -> Iterator[tuple[str, int]]:
    """The keys of the counters with their limits."""
    if device:
        yield _key(credential, "device", device), LIMITS["device"]
        return
    if address:
        yield _key(credential, "address", normalize_address(address)), LIMITS["address"]
    if account:
        yield _key(credential, "account", normalize_account(account)), LIMITS["account"]


def _key(credential: Credential, kind: str, value: str) -> str:
    digest = salted_hmac("accounts.throttle", value.encode("utf-8", "surrogatepass"), algorithm="sha256").digest()
    number = int.from_bytes(digest[:8], "big") % COUNTERS
    return f"{credential} {kind} {number}"


def _count(key: str) -> None:
    now = timezone.now()
    counter = FailedAttempts.objects.filter(pk=key)
    is_counted = counter.filter(started_at__gt=now - WINDOW).update(failure_count=F("failure_count") + 1)
    if is_counted:
        return
    counter.filter(started_at__lte=now - WINDOW).update(started_at=now, failure_count=0)
    FailedAttempts.objects.bulk_create([FailedAttempts(key=key, started_at=now)], ignore_conflicts=True)
    counter.update(failure_count=F("failure_count") + 1)


def _seconds_to_wait(key: str, limit: int) -> int:
    now = timezone.now()
    counter = FailedAttempts.objects.filter(pk=key, started_at__gt=now - WINDOW, failure_count__gt=limit).first()
    if counter is None:
        return 0
    left = counter.started_at + WINDOW - now
    return int(left.total_seconds()) + 1
