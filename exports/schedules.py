"""What the queue runs by itself, declared after each migration so that it is there exactly once."""

from typing import Any

from django.db import connection, transaction
from django_q.models import Schedule

SWEEP = "exports.tasks.sweep"
SWEEPS = {"sweep": SWEEP, "sweep imports": "exports.tasks_imports.sweep"}
_LOCK = 7_310_217


def declare_schedules(**_: Any) -> None:
    """Have every sweep run each minute. django-q2 keeps no two schedules of a name apart: hence the lock."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for name, function in SWEEPS.items():
            _declare(name, function)


def _declare(name: str, function: str) -> None:
    schedules = Schedule.objects.filter(func=function).order_by("pk")
    if kept := schedules.first():
        schedules.exclude(pk=kept.pk).delete()
    else:
        Schedule.objects.create(name=name, func=function, schedule_type=Schedule.MINUTES, minutes=1, repeats=-1)
