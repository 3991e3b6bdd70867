"""What the queue runs by itself, declared after each migration so that it exists exactly once."""

from typing import Any

from django.db import connection, transaction
from django_q.models import Schedule

SWEEP = "jobs.tasks.sweep"
_LOCK = 7_310_217


def declare_schedules(**_: Any) -> None:
    """Have the sweep run every minute. django-q2 does not keep a schedule's name unique, hence the lock."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        _declare("sweep", SWEEP)


def _declare(name: str, function: str) -> None:
    schedules = Schedule.objects.filter(func=function).order_by("pk")
    existing = schedules.first()
    if existing is None:
        Schedule.objects.create(name=name, func=function, schedule_type=Schedule.MINUTES, minutes=1, repeats=-1)
    else:
        schedules.exclude(pk=existing.pk).delete()
