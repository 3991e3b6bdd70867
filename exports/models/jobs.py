"""The job's life: Jira's seven task states, and the only doors between them.

    ENQUEUED -> RUNNING -> COMPLETE | FAILED          attempt lost: ENQUEUED again, or DEAD
    ENQUEUED -> CANCELLED | FAILED (no worker)        RUNNING -> CANCEL_REQUESTED -> CANCELLED

Every door is one conditional UPDATE and its event in one transaction: zero rows updated means that
somebody else moved the job first, and the caller walks away. `attempt` is the fencing token: it grows
at every claim, and a worker's writes carry the number it was given. Moments are the database's, the one
clock that all hosts share.
"""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone

if TYPE_CHECKING:
    from accounts.models import User


class JobStatus(models.TextChoices):
    ENQUEUED = "ENQUEUED", "Waiting"
    RUNNING = "RUNNING", "Running"
    CANCEL_REQUESTED = "CANCEL_REQUESTED", "Cancelling"
    COMPLETE = "COMPLETE", "Complete"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"
    DEAD = "DEAD", "Given up"


ACTIVE = (JobStatus.ENQUEUED, JobStatus.RUNNING, JobStatus.CANCEL_REQUESTED)
ENDED = (JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DEAD)


# No lease reaches so far ahead unless the database's own clock was set back: it would hold for as long.
CLOCK_STEP = datetime.timedelta(minutes=10)
LEASE_IS_OVER = Q(lease_until__lt=Now()) | Q(lease_until__gt=Now() + Value(CLOCK_STEP, models.DurationField()))


class JobQuerySet(models.QuerySet["ExportJob"]):
    def active(self) -> Self:
        return self.filter(status__in=ACTIVE)

    def visible_to(self, user: "User") -> Self:
        """Admins see every export of the site, others only what they themselves asked for."""
        return self.all() if user.is_admin else self.filter(submitted_by=user)

    def lease_lost(self) -> Self:
        """Jobs whose worker has been silent for longer than the lease, by the database's clock."""
        return self.filter(LEASE_IS_OVER, status__in=[JobStatus.RUNNING, JobStatus.CANCEL_REQUESTED])

    def untaken(self) -> Self:
        """Waiting jobs that the queue was told about so long ago that its message may be lost."""
        asked_before = _now_plus(-datetime.timedelta(seconds=settings.EXPORT_ASK_SECONDS))
        is_long_ago = Q(asked__lt=asked_before) | Q(asked__gt=_now_plus(CLOCK_STEP))
        return self.filter(is_long_ago, status=JobStatus.ENQUEUED)

    def neglected(self) -> Self:
        """What `lease_lost` and `untaken` find, in one query."""
        return self.lease_lost() | self.untaken()

    def holding_expired_file(self) -> Self:
        return self.filter(status=JobStatus.COMPLETE, expires__lte=Now(), file_removed=None)


class ExportJob(models.Model):
    """One export. Times are UTC, `bytes` is the file's length, rows are CSV records without the header."""

    status = models.CharField(max_length=20, choices=JobStatus, default=JobStatus.ENQUEUED)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    filter = models.JSONField(default=dict, help_text="The filter as a REST body.")
    message = models.TextField(blank=True, help_text="What happened, in words for the admin.")
    submitted = models.DateTimeField(db_default=Now())
    waiting_since = models.DateTimeField(db_default=Now(), help_text="When it became ENQUEUED, the last time.")
    asked = models.DateTimeField(db_default=Now(), help_text="When the queue was told, the last time.")
    started = models.DateTimeField(null=True, blank=True)
    finished = models.DateTimeField(null=True, blank=True)
    updated = models.DateTimeField(db_default=Now())
    attempt = models.PositiveIntegerField(default=0, help_text="Claims so far; the fencing token.")
    leases_lost = models.PositiveIntegerField(default=0, help_text="Attempts that came to nothing.")
    worker = models.CharField(max_length=128, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent; never goes back.")
    rows_expected = models.PositiveIntegerField(null=True, blank=True)
    rows_written = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField("as of", null=True, blank=True, help_text="The moment the file shows.")
    formula_guard = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="Where the days of the filter begin.")
    version = models.CharField(max_length=32, blank=True, help_text="The portal's, that built the file.")
    file_name = models.CharField(max_length=128, blank=True)
    bytes = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    expires = models.DateTimeField(null=True, blank=True)
    file_removed = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["ExportJob"]] = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "export"
        ordering = ["-id"]
        permissions = [("resend_mail", "Can send an export's mail again")]
        indexes = [models.Index(fields=["submitted_by", "-id"], name="job_by_person")]
        constraints = [
            # The site-wide slot: active rows all hold the same value, ended rows hold NULL, and NULLs never clash.
            models.UniqueConstraint(
                Case(When(status__in=ACTIVE, then=Value(1)), output_field=models.SmallIntegerField()),
                name="one_active_export",
            ),
            models.CheckConstraint(condition=Q(status__in=JobStatus.values), name="job_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=ENDED, finished__isnull=False) | Q(status__in=ACTIVE, finished__isnull=True),
                name="job_ended_has_finish_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[JobStatus.RUNNING, JobStatus.CANCEL_REQUESTED])
                | Q(lease_until__isnull=False, started__isnull=False, attempt__gt=0),
                name="job_running_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status=JobStatus.COMPLETE)
                | Q(rows_expected=F("rows_written"), rows_expected__isnull=False)
                & Q(bytes__isnull=False, as_of__isnull=False, expires__isnull=False, progress=100)
                & ~Q(sha256="")
                & ~Q(file_name=""),
                name="job_complete_has_whole_file",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="job_progress_is_percent"),
        ]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_expired(self) -> bool:
        """Derived from the date, so that no clock has to tick for a link to end."""
        return self.expires is not None and self.expires <= timezone.now()

    @property
    def has_file(self) -> bool:
        return self.status == JobStatus.COMPLETE and not self.is_expired

    @property
    def download_name(self) -> str:
        """What the file is called on the disk of whoever downloads it."""
        return f"archived-issues-{self.pk}-{self.submitted:%Y%m%d-%H%M%S}Z.csv"

    # -- The doors -------------------------------------------------------------------------------

    def claim(self, worker: str) -> int | None:
        """ENQUEUED -> RUNNING for this worker; the attempt number to fence with, or None: not to be had."""
        with transaction.atomic():
            moved = self._move(
                [JobStatus.ENQUEUED],
                JobStatus.RUNNING,
                note="claimed",
                worker=worker,
                attempt=F("attempt") + 1,
                started=Coalesce("started", Now()),
                lease_until=_lease_end(),
                rows_written=0,
                rows_expected=None,
            )
            return self._fresh().attempt if moved else None

    def beat(self, attempt: int, *, rows_written: int, rows_expected: int) -> bool:
        """Heartbeat, progress and fence in one UPDATE; False: cancelled, or no longer this worker's."""
        percent = min(99, rows_written * 100 // max(rows_expected, 1))
        return bool(
            self._mine(attempt).update(
                rows_written=rows_written,
                rows_expected=rows_expected,
                progress=Greatest(F("progress"), Value(percent, models.PositiveSmallIntegerField())),
                lease_until=_lease_end(),
                updated=Now(),
            )
        )

    def complete(self, attempt: int, **facts: Any) -> bool:
        """RUNNING -> COMPLETE with the file's facts; False: a cancel or another worker was first."""
        lifetime = datetime.timedelta(days=settings.EXPORT_KEEP_DAYS)
        return self._move(
            [JobStatus.RUNNING],
            JobStatus.COMPLETE,
            fence=attempt,
            note=f"{facts['rows_written']:,} rows published",
            progress=100,
            expires=_now_plus(lifetime),
            **_ending(),
            **facts,
        )

    def fail(self, attempt: int, message: str) -> bool:
        """RUNNING -> FAILED, with a sentence for the admin."""
        return self._move(
            [JobStatus.RUNNING], JobStatus.FAILED, fence=attempt, note=message, message=message, **_ending()
        )

    def settle_cancel(self, attempt: int) -> bool:
        """CANCEL_REQUESTED -> CANCELLED by the worker that stopped."""
        return self._move(
            [JobStatus.CANCEL_REQUESTED], JobStatus.CANCELLED, fence=attempt, note="worker stopped", **_ending()
        )

    def request_cancel(self, by: str) -> JobStatus | None:
        """ENQUEUED -> CANCELLED, RUNNING -> CANCEL_REQUESTED; None: it has ended or is being cancelled."""
        note = f"Cancelled by {by}."
        if self._move([JobStatus.ENQUEUED], JobStatus.CANCELLED, note=note, message=note, **_ending()):
            return JobStatus.CANCELLED
        if self._move([JobStatus.RUNNING], JobStatus.CANCEL_REQUESTED, note=note, message=note):
            return JobStatus.CANCEL_REQUESTED
        return None

    def put_back(self, attempt: int, reason: str) -> bool:
        """RUNNING -> ENQUEUED by a worker that must stop; not counted against the job."""
        return self._move([JobStatus.RUNNING], JobStatus.ENQUEUED, fence=attempt, note=reason, **_waiting())

    def break_off(self, attempt: int, reason: str) -> JobStatus | None:
        """End an attempt that came to nothing, by its own worker: as `lose_lease`, without the wait."""
        return self._lose(reason, fence=attempt)

    def lose_lease(self) -> JobStatus | None:
        """Take the job from a silent worker: CANCELLED, ENQUEUED again, or DEAD after the last attempt."""
        silent = f"worker {self.worker} fell silent in attempt {self.attempt}"
        return self._lose(silent, fence=self.attempt, only=LEASE_IS_OVER)

    def ask_again(self) -> bool:
        """Note that the queue is told once more about a job that nobody took; False: taken, or told just now."""
        now_waiting = ExportJob.objects.untaken().filter(pk=self.pk)
        with transaction.atomic():
            if not now_waiting.update(asked=Now(), updated=Now()):
                return False
            self.note(f"no worker took it within {settings.EXPORT_ASK_SECONDS} seconds: the queue is told again")
        self.refresh_from_db()
        return True

    def give_up_waiting(self) -> bool:
        """ENQUEUED -> FAILED when no worker took it for EXPORT_WAIT_SECONDS."""
        limit = datetime.timedelta(seconds=settings.EXPORT_WAIT_SECONDS)
        message = (
            f"No worker took the job within {settings.EXPORT_WAIT_SECONDS:,} seconds. "
            "Have the people who run the portal start `run_worker`, then run the export again."
        )
        return self._move(
            [JobStatus.ENQUEUED],
            JobStatus.FAILED,
            only=Q(waiting_since__lt=_now_plus(-limit)),
            note=message,
            message=message,
            **_ending(),
        )

    # -- How a door works ------------------------------------------------------------------------

    def note(self, words: str) -> None:
        """Write down what happened to the job without moving it."""
        fresh = self._fresh()
        ExportEvent.objects.create(
            job=fresh, status=fresh.status, attempt=fresh.attempt, worker=fresh.worker, note=words
        )

    def _lose(self, reason: str, **only: Any) -> JobStatus | None:
        lost: dict[str, Any] = {"note": reason, **only}
        if self._move([JobStatus.CANCEL_REQUESTED], JobStatus.CANCELLED, **lost, **_ending()):
            return JobStatus.CANCELLED
        count = self.leases_lost + 1
        if count < settings.EXPORT_ATTEMPTS:
            again = self._move([JobStatus.RUNNING], JobStatus.ENQUEUED, **lost, **_waiting(), leases_lost=count)
            return JobStatus.ENQUEUED if again else None
        message = f"Given up after {count} attempts. The last one: {reason}."
        dead = self._move([JobStatus.RUNNING], JobStatus.DEAD, **lost, **_ending(), leases_lost=count, message=message)
        return JobStatus.DEAD if dead else None

    def _move(
        self,
        sources: Iterable[JobStatus],
        to: JobStatus,
        *,
        note: str,
        fence: int | None = None,
        only: Q | None = None,
        **changes: Any,
    ) -> bool:
        rows = ExportJob.objects.filter(pk=self.pk, status__in=list(sources))
        rows = rows if fence is None else rows.filter(attempt=fence)
        rows = rows if only is None else rows.filter(only)
        with transaction.atomic():
            if not rows.update(status=to, updated=Now(), **changes):
                return False
            fresh = self._fresh()
            worker = fresh.worker or self.worker  # the one that had it, where the move takes it away
            ExportEvent.objects.create(job=fresh, status=to, attempt=fresh.attempt, worker=worker, note=note)
        self.refresh_from_db()
        return True

    def _mine(self, attempt: int) -> models.QuerySet["ExportJob"]:
        return ExportJob.objects.filter(pk=self.pk, attempt=attempt, status=JobStatus.RUNNING)

    def _fresh(self) -> "ExportJob":
        return ExportJob.objects.get(pk=self.pk)


class ExportEvent(models.Model):
    """What happened to a job, in order, never changed afterwards."""

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=20, choices=JobStatus, help_text="The status after the event.")
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=128, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.status}: {self.note}"


class Download(models.Model):
    """Who took a file, when and from where."""

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.job} by {self.user}"


def _now_plus(span: datetime.timedelta) -> models.expressions.CombinedExpression:
    """A moment on the database's clock, the one clock all hosts share."""
    return Now() + Value(span, models.DurationField())


def _lease_end() -> models.expressions.CombinedExpression:
    return _now_plus(datetime.timedelta(seconds=settings.EXPORT_LEASE_SECONDS))


def _waiting() -> dict[str, Any]:
    return {"lease_until": None, "worker": "", "waiting_since": Now(), "asked": Now()}


def _ending() -> dict[str, Any]:
    return {"finished": Now(), "lease_until": None}
