"""What came into the archive and what left it: imports, by page or command, and removals.

    WAITING -> RUNNING -> COMPLETE | FAILED          lease lost: WAITING again, or FAILED after the last attempt

An import's doors are conditional UPDATEs, `attempt` is the fencing token. The move to COMPLETE stands in the
transaction that writes the issues: an import is done, with all its numbers, or has left no trace.
"""

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

ATTEMPTS = 3


class ImportStatus(models.TextChoices):
    WAITING = "WAITING", "Waiting"
    RUNNING = "RUNNING", "Running"
    COMPLETE = "COMPLETE", "Complete"
    FAILED = "FAILED", "Failed"


ENDED = (ImportStatus.COMPLETE, ImportStatus.FAILED)


class ArchiveImport(models.Model):
    """One upload, or one file that a command imported. The counts are of issues."""

    status = models.CharField(max_length=20, choices=ImportStatus, default=ImportStatus.WAITING)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="imports"
    )
    operator = models.CharField(max_length=254, help_text="Who imported: an e-mail, or the command's account.")
    file_name = models.CharField(max_length=255)
    bytes = models.PositiveBigIntegerField(null=True, blank=True)
    choices = models.JSONField(default=dict, blank=True, help_text="What was chosen in the form.")
    message = models.TextField(blank=True, help_text="Why it failed.")
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list, blank=True, help_text="What was said, a text a line.")
    rejects = models.JSONField(default=list, blank=True, help_text="Names of the files of rejected issues.")
    submitted = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0, help_text="Claims so far; the fencing token.")
    leases_lost = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "import"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ImportStatus.values), name="import_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=ENDED, finished__isnull=False) | Q(~Q(status__in=ENDED), finished__isnull=True),
                name="import_ended_has_finish_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=ImportStatus.RUNNING) | Q(lease_until__isnull=False, attempt__gt=0),
                name="import_running_has_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.status not in ENDED

    def claim(self, worker: str, lease_seconds: int) -> int | None:
        """WAITING -> RUNNING for this worker; the attempt to fence with, or None: not to be had."""
        waiting = ArchiveImport.objects.filter(pk=self.pk, status=ImportStatus.WAITING)
        moved = waiting.update(
            status=ImportStatus.RUNNING,
            worker=worker,
            attempt=F("attempt") + 1,
            started=Coalesce("started", Now()),
            lease_until=lease_end(lease_seconds),
        )
        if not moved:
            return None
        self.refresh_from_db()
        return self.attempt

    def settle(self, attempt: int, status: ImportStatus, **facts: Any) -> bool:
        """RUNNING -> COMPLETE or FAILED; False: another worker has it."""
        mine = ArchiveImport.objects.filter(pk=self.pk, status=ImportStatus.RUNNING, attempt=attempt)
        return bool(mine.update(status=status, finished=Now(), lease_until=None, **facts))

    def put_back(self, attempt: int) -> bool:
        """RUNNING -> WAITING by a worker that must stop; not counted against the import."""
        mine = ArchiveImport.objects.filter(pk=self.pk, status=ImportStatus.RUNNING, attempt=attempt)
        return bool(mine.update(status=ImportStatus.WAITING, worker="", lease_until=None))

    def lose_lease(self) -> ImportStatus | None:
        """Take the import from a silent worker: WAITING again, or FAILED after the last attempt."""
        mine = ArchiveImport.objects.filter(pk=self.pk, status=ImportStatus.RUNNING, attempt=self.attempt)
        count = self.leases_lost + 1
        if count < ATTEMPTS:
            moved = mine.update(status=ImportStatus.WAITING, worker="", lease_until=None, leases_lost=count)
            return ImportStatus.WAITING if moved else None
        words = f"Given up after {count} attempts: each time the worker stopped without a word. Nothing was imported."
        moved = mine.update(status=ImportStatus.FAILED, finished=Now(), lease_until=None, message=words)
        return ImportStatus.FAILED if moved else None


class Removal(models.Model):
    """What was taken out of the archive, for whom it may concern; never what it said."""

    class Kind(models.TextChoices):
        DELETED = "deleted", "Issues deleted"
        UNARCHIVED = "unarchived", "Issues unarchived"
        ANONYMISED = "anonymised", "Account anonymised"

    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField(default=timezone.now)
    operator = models.CharField(max_length=254)
    filter = models.JSONField(default=dict, blank=True, help_text="What was asked for.")
    issues = models.PositiveIntegerField(help_text="Issues taken out, or changed.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["deleted", "unarchived", "anonymised"]), name="removal_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.issues:,}"


def lease_end(seconds: int) -> models.expressions.CombinedExpression:
    """By the database's clock, the one clock all hosts share."""
    return Now() + models.Value(datetime.timedelta(seconds=seconds), models.DurationField())
