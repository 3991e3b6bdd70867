"""System checks: unsafe settings stop the start and say what to change.

Heartbeat, lease, deadline, timeout and redelivery only protect each other in this order.
"""

import datetime
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connections, router
from django.db.models import Model
from django_q.models import OrmQ

from jobs.registry import job_kinds

SHORTEST_LEASE = 3  # seconds: three heartbeats
LONGEST_LEASE = 300  # seconds: well below leased.CLOCK_STEP
MOST_CLOCK_SECONDS = 2.0

Messages = list[checks.CheckMessage]


def check_order(**_: Any) -> Messages:
    """E001: three heartbeats ≤ lease < deadline < the queue's timeout < its redelivery."""
    queue: dict[str, Any] = settings.Q_CLUSTER
    spans: list[tuple[str, int]] = [
        ("three heartbeats", SHORTEST_LEASE - 1),
        ("EXPORT_LEASE_SECONDS", settings.EXPORT_LEASE_SECONDS),
        ("EXPORT_DEADLINE_SECONDS", settings.EXPORT_DEADLINE_SECONDS),
        ("the queue's timeout", queue["timeout"]),
        ("the queue's retry", queue["retry"]),
    ]
    messages: Messages = []
    if settings.EXPORT_LEASE_SECONDS > LONGEST_LEASE:
        message = f"EXPORT_LEASE_SECONDS is {settings.EXPORT_LEASE_SECONDS} s."
        hint = f"Use {LONGEST_LEASE} s or less: a dead worker keeps its job for as long."
        messages.append(checks.Error(message, hint=hint, id="exports.E001"))
    for (shorter, less), (longer, more) in itertools.pairwise(spans):
        if more <= less:
            message = f"{longer} is {more} s: it must be longer than {shorter} ({less} s)."
            hint = "Heartbeat, lease, deadline, timeout and retry only protect each other in this order."
            messages.append(checks.Error(message, hint=hint, id="exports.E001"))
    return messages


def check_one_database(**_: Any) -> Messages:
    """E002: job and queue message commit together, so they live in one database, and no task runs in a request."""
    models: list[type[Model]] = [OrmQ, *job_kinds]
    databases = {router.db_for_write(model) for model in models}
    if databases == {settings.Q_CLUSTER.get("orm")} and not settings.Q_CLUSTER.get("sync"):
        return []
    hint = "Keep Q_CLUSTER's orm the alias of the jobs' database, without sync."
    return [checks.Error("Jobs and queue do not share one database.", hint=hint, id="exports.E002")]


def check_clock(databases: Sequence[str] | None = None, **_: Any) -> Messages:
    """E004: this host's clock and the database's agree, within two seconds."""
    if "default" not in (databases or []):
        return []
    apart = clock_distance()
    if abs(apart) <= MOST_CLOCK_SECONDS:
        return []
    message = f"This host's clock is {apart:+.1f} s off the database's."
    return [checks.Error(message, hint="Run NTP on every host.", id="exports.E004")]


def clock_distance() -> float:
    """Seconds this host's clock is ahead of the database's."""
    select = {
        "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
        "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400",
    }
    connection = connections["default"]
    with connection.cursor() as cursor:
        before = datetime.datetime.now(datetime.UTC).timestamp()
        cursor.execute(select[connection.vendor])
        return before - float(cursor.fetchone()[0])


CHECKS: tuple[Callable[..., Messages], ...] = (check_order, check_one_database)


def register() -> None:
    for check in CHECKS:
        checks.register(check, "jobs")
    checks.register(check_clock, checks.Tags.database)
