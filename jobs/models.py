"""A row for each running `run_worker`, so that people see when there is none."""

import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

SEEN_SECONDS = 40


class WorkerQuerySet(models.QuerySet["Worker"]):
    def seen_within(self, seconds: float) -> Self:
        """Workers that reported in that time, by the database's clock."""
        span = Value(datetime.timedelta(seconds=seconds), models.DurationField())
        return self.filter(last_seen_at__gte=Now() - span)


class Worker(models.Model):
    """One `run_worker`: it reports `last_seen_at`; a message went through its whole queue at `queue_tested_at`."""

    name = models.CharField(max_length=128, unique=True, help_text="HOST:PID")
    host = models.CharField(max_length=128)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=32)
    started_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    queue_tested_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Worker"]] = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
