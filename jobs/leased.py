"""A leased job: work in the background that one worker at a time does, and that no dead worker can keep.

    ENQUEUED -> RUNNING -> COMPLETE | FAILED          attempt lost: ENQUEUED again, or DEAD
    ENQUEUED -> CANCELLED | FAILED (no worker)        RUNNING -> CANCEL_REQUESTED -> CANCELLED

Every transition is one conditional UPDATE and its event in one transaction: if no row was updated, somebody else
moved the job first, and the caller stops. `attempt` is the fencing token: it grows at every claim, and a worker's
writes carry the number it was given. Times are the database's, the one clock that all hosts share.

The statuses are those of Jira's tasks. A subclass adds its own facts, its slot as a unique constraint, and an event
model whose `job` refers to it with the related name "events".
"""

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Greatest, Now

from accounts.audit_actions import Outcome
from jobs import long_write

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class JobStatus(models.TextChoices):
    ENQUEUED = "ENQUEUED", "Waiting"
    RUNNING = "RUNNING", "Running"
    CANCEL_REQUESTED = "CANCEL_REQUESTED", "Cancelling"
    COMPLETE = "COMPLETE", "Complete"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"
    DEAD = "DEAD", "Failed after retries"


LEASED = (JobStatus.RUNNING, JobStatus.CANCEL_REQUESTED)
ACTIVE = (JobStatus.ENQUEUED, *LEASED)
ENDED = (JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DEAD)

# A worker whose lease is over gets this time to answer, before it loses its job: after an outage of the database, and
# after a long write on SQLite, all leases are over though the workers are alive.
LAST_CALL = datetime.timedelta(seconds=3)
# No lease reaches so far ahead unless the database's own clock was set back: it would hold for as long.
CLOCK_STEP = datetime.timedelta(minutes=10)

JobT = TypeVar("JobT", bound="LeasedJob")


def now_plus(span: datetime.timedelta) -> models.expressions.CombinedExpression:
    """A moment on the database's clock."""
    return Now() + Value(span, models.DurationField())


LEASE_IS_OVER = Q(lease_expires_at__lt=Now()) | Q(lease_expires_at__gt=now_plus(CLOCK_STEP), is_exclusive=False)


class LeasedJobQuerySet(models.QuerySet[JobT]):
    def active(self) -> Self:
        """Jobs that have not ended. The condition is the index's: no other lets SQLite use it."""
        return self.filter(finished_at=None)

    def leased(self) -> Self:
        """Jobs that a worker has."""
        return self.active().filter(status__in=LEASED)

    def waiting(self) -> Self:
        return self.active().filter(status=JobStatus.ENQUEUED)

    def untaken(self) -> Self:
        """Waiting jobs whose message may be lost, because the queue was notified long ago."""
        return self.active().filter(_is_untaken())

    def questionable(self) -> Self:
        """Untaken jobs, those whose lease is over, and those whose worker can't send a heartbeat and may be gone."""
        has_lost_lease = LEASE_IS_OVER & Q(status__in=LEASED)
        return self.active().filter(_is_untaken() | has_lost_lease | Q(is_exclusive=True))


def _is_untaken() -> Q:
    limit = now_plus(-datetime.timedelta(seconds=settings.EXPORT_ASK_SECONDS))
    is_long_ago = Q(notified_at__lt=limit) | Q(notified_at__gt=now_plus(CLOCK_STEP))
    return is_long_ago & Q(status=JobStatus.ENQUEUED)


class LeasedJob(models.Model):
    """What every kind of job has. `progress` is percent and never goes back."""

    status = models.CharField(max_length=20, choices=JobStatus, default=JobStatus.ENQUEUED)
    message = models.TextField(blank=True, help_text="What happened, in a sentence for the person who asked.")
    submitted_at = models.DateTimeField(db_default=Now())
    enqueued_at = models.DateTimeField(db_default=Now(), help_text="When it last became ENQUEUED.")
    notified_at = models.DateTimeField(db_default=Now(), help_text="When the queue was last notified.")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(db_default=Now())
    attempt = models.PositiveIntegerField(default=0, help_text="Number of claims; the fencing token.")
    lost_attempt_count = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=128, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    is_exclusive = models.BooleanField(
        default=False, help_text="The worker holds SQLite's only write lock, so it can send no heartbeat."
    )
    is_suspect = models.BooleanField(
        default=False, help_text="The lease was over, and the worker has a last moment to answer."
    )
    progress = models.PositiveSmallIntegerField(default=0, help_text="Percent; never goes back.")

    objects: ClassVar[Any]
    if TYPE_CHECKING:
        events: RelatedManager[Any]

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JobStatus.values), name="%(class)s_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=ENDED, finished_at__isnull=False)
                | Q(status__in=ACTIVE, finished_at__isnull=True),
                name="%(class)s_ended_has_finish_time",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=LEASED)
                | Q(lease_expires_at__isnull=False, started_at__isnull=False, attempt__gt=0),
                name="%(class)s_running_has_lease",
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="%(class)s_progress_is_percent"),
        ]
        indexes = [
            # Jobs are never deleted, and most requests ask for the few that have not ended.
            models.Index(fields=["status"], condition=Q(finished_at=None), name="%(class)s_not_ended"),
        ]

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    # -- Transitions -----------------------------------------------------------------------------

    def claim(self, worker: str) -> int | None:
        """ENQUEUED -> RUNNING for this worker.

        Returns the attempt number to fence with. None: another worker has it, or another job holds the slot;
        then the job goes on waiting.
        """
        try:
            with transaction.atomic():
                is_mine = self._transition(
                    [JobStatus.ENQUEUED],
                    JobStatus.RUNNING,
                    note=f"{self._meta.verbose_name} started".capitalize(),
                    worker=worker,
                    attempt=F("attempt") + 1,
                    started_at=Coalesce("started_at", Now()),
                    lease_expires_at=_lease_end(),
                    **self.facts_at_start(),
                )
                if not is_mine:
                    return None
                return self._fresh().attempt
        except IntegrityError:
            self._rows().filter(status=JobStatus.ENQUEUED).update(**_waiting())
            return None

    def deadline_message(self) -> str:
        """The sentence of a job that was stopped because it ran for too long."""
        return f"{self} was stopped after {settings.EXPORT_DEADLINE_SECONDS:,} seconds, the longest a job may run."

    def facts_at_start(self) -> dict[str, Any]:
        """The subclass's columns that each attempt begins with."""
        return {}

    def record_end(self) -> None:
        """Add the job's end to the audit trail, in the transaction of the transition that ended it."""
        raise NotImplementedError

    def heartbeat(self, attempt: int, *, progress: int, **facts: Any) -> bool:
        """Lease, progress and fence in one UPDATE; False: cancelled, or no longer this worker's."""
        mine = self._rows().filter(attempt=attempt, status=JobStatus.RUNNING)
        percent = Value(progress, models.PositiveSmallIntegerField())
        updated = mine.update(
            progress=Greatest(F("progress"), percent),
            lease_expires_at=_lease_end(),
            is_suspect=False,
            updated_at=Now(),
            **facts,
        )
        return bool(updated)

    def begin_exclusive(self, attempt: int) -> bool:
        """Extend the lease to the deadline, before the worker takes SQLite's only write lock; False: not its job."""
        mine = self._rows().filter(attempt=attempt, status=JobStatus.RUNNING)
        end = now_plus(datetime.timedelta(seconds=settings.EXPORT_DEADLINE_SECONDS))
        return bool(mine.update(is_exclusive=True, lease_expires_at=end, updated_at=Now()))

    def end_exclusive(self, attempt: int) -> bool:
        """Send heartbeats again, because the worker gave the write lock back without completing the job."""
        mine = self._rows().filter(attempt=attempt, status=JobStatus.RUNNING)
        return bool(mine.update(is_exclusive=False, lease_expires_at=_lease_end(), updated_at=Now()))

    def complete(self, attempt: int, note: str, **facts: Any) -> bool:
        """RUNNING -> COMPLETE with the job's facts; False: a cancel or another worker was first."""
        return self._transition(
            [JobStatus.RUNNING],
            JobStatus.COMPLETE,
            fence=attempt,
            note=note,
            progress=100,
            **_ending(),
            **facts,
        )

    def fail(self, attempt: int, message: str) -> bool:
        """RUNNING -> FAILED, with a sentence for the person who asked."""
        return self._transition(
            [JobStatus.RUNNING], JobStatus.FAILED, fence=attempt, note=message, message=message, **_ending()
        )

    def settle_cancel(self, attempt: int) -> bool:
        """CANCEL_REQUESTED -> CANCELLED by the worker that stopped."""
        return self._transition(
            [JobStatus.CANCEL_REQUESTED], JobStatus.CANCELLED, fence=attempt, note="The worker stopped", **_ending()
        )

    def request_cancel(self, by: str) -> JobStatus | None:
        """ENQUEUED -> CANCELLED, RUNNING -> CANCEL_REQUESTED; None: it has ended or is being cancelled."""
        note = f"Cancelled by {by}."
        if self._transition([JobStatus.ENQUEUED], JobStatus.CANCELLED, note=note, message=note, **_ending()):
            return JobStatus.CANCELLED
        if self._transition([JobStatus.RUNNING], JobStatus.CANCEL_REQUESTED, note=note, message=note):
            return JobStatus.CANCEL_REQUESTED
        return None

    def requeue(self, attempt: int, reason: str) -> bool:
        """RUNNING -> ENQUEUED by a worker that must stop; not counted as a lost attempt."""
        return self._transition([JobStatus.RUNNING], JobStatus.ENQUEUED, fence=attempt, note=reason, **_waiting())

    def abandon(self, attempt: int, reason: str) -> JobStatus | None:
        """End this worker's own attempt as lost; returns the new status as `expire_lease` does."""
        return self._lose_attempt(reason, fence=attempt)

    def suspect(self) -> bool:
        """Give a worker whose lease is over a last moment to answer; False: it has answered, or has had its moment."""
        silent = self._rows().filter(LEASE_IS_OVER, attempt=self.attempt, status__in=LEASED, is_suspect=False)
        return bool(silent.update(is_suspect=True, lease_expires_at=now_plus(LAST_CALL)))

    def expire_lease(self, *, is_worker_gone: bool = False) -> JobStatus | None:
        """Take the job from a worker that did not answer in its last moment, or whose process is known to be gone.

        Returns CANCELLED, ENQUEUED or, after the last attempt, DEAD; None: somebody else was first.
        """
        reason = f"worker {self.worker} stopped responding in attempt {self.attempt}"
        condition = LEASE_IS_OVER & Q(is_suspect=True)
        if is_worker_gone:
            condition = Q(is_exclusive=True)
        return self._lose_attempt(reason, fence=self.attempt, only=condition)

    def renotify_queue(self) -> bool:
        """Record that the queue is notified again of a job that nobody took; False: taken, or notified just now."""
        untaken = type(self).objects.untaken().filter(pk=self.pk)
        with transaction.atomic():
            if not untaken.update(notified_at=Now(), updated_at=Now()):
                return False
            self.note(f"No worker took it within {settings.EXPORT_ASK_SECONDS} seconds. The queue was notified again.")
        self.refresh_from_db()
        return True

    def give_up_waiting(self) -> bool:
        """ENQUEUED -> FAILED if no worker took it for EXPORT_WAIT_SECONDS.

        Time in which it could not be taken doesn't count: another job held the slot, or a long write kept workers from
        writing to SQLite.
        """
        limit = datetime.timedelta(seconds=settings.EXPORT_WAIT_SECONDS)
        if type(self).objects.leased().exists() or self._had_to_wait(limit):
            return False
        message = (
            f"No worker took the job within {settings.EXPORT_WAIT_SECONDS:,} seconds. "
            "Ask your portal administrator to start `run_worker`, then try again."
        )
        return self._transition(
            [JobStatus.ENQUEUED],
            JobStatus.FAILED,
            only=Q(enqueued_at__lt=now_plus(-limit)),
            note=message,
            message=message,
            **_ending(),
        )

    # -- How a transition works ------------------------------------------------------------------

    def note(self, words: str) -> None:
        """Record what happened to the job without a transition."""
        fresh = self._fresh()
        self.events.create(status=fresh.status, attempt=fresh.attempt, worker=fresh.worker, note=words)

    def _had_to_wait(self, limit: datetime.timedelta) -> bool:
        """Whether a worker had another job of the kind, or somebody wrote for long, within the time."""
        if long_write.was_running_within(limit.total_seconds()):
            return True
        start = now_plus(-limit)
        has_left = Q(finished_at__gte=start) | Q(finished_at=None, enqueued_at__gte=start)
        others = type(self).objects.exclude(pk=self.pk)
        return bool(others.filter(has_left, attempt__gt=0).exists())

    def _lose_attempt(self, reason: str, *, fence: int, only: Q | None = None) -> JobStatus | None:
        lost: dict[str, Any] = {"note": reason, "fence": fence, "only": only}
        if self._transition([JobStatus.CANCEL_REQUESTED], JobStatus.CANCELLED, **lost, **_ending()):
            return JobStatus.CANCELLED
        count = self.lost_attempt_count + 1
        if count < settings.EXPORT_ATTEMPTS:
            changes = _waiting() | {"lost_attempt_count": count}
            if self._transition([JobStatus.RUNNING], JobStatus.ENQUEUED, **lost, **changes):
                return JobStatus.ENQUEUED
            return None
        message = f"Failed after {count} attempts. The last attempt: {reason}."
        changes = _ending() | {"lost_attempt_count": count, "message": message}
        if self._transition([JobStatus.RUNNING], JobStatus.DEAD, **lost, **changes):
            return JobStatus.DEAD
        return None

    def _transition(
        self,
        sources: Iterable[JobStatus],
        to: JobStatus,
        *,
        note: str,
        fence: int | None = None,
        only: Q | None = None,
        **changes: Any,
    ) -> bool:
        rows = self._rows().filter(status__in=list(sources))
        if fence is not None:
            rows = rows.filter(attempt=fence)
        if only is not None:
            rows = rows.filter(only)
        with transaction.atomic():
            if not rows.update(status=to, updated_at=Now(), is_exclusive=False, is_suspect=False, **changes):
                return False
            fresh = self._fresh()
            worker = fresh.worker or self.worker  # its last worker, if the transition took the job away from it
            self.events.create(status=to, attempt=fresh.attempt, worker=worker, note=note)
            if to in ENDED:
                fresh.record_end()
        self.refresh_from_db()
        return True

    def _rows(self) -> "models.QuerySet[Any]":
        rows: models.QuerySet[Any] = type(self).objects.filter(pk=self.pk)
        return rows

    def _fresh(self) -> Self:
        fresh: Self = type(self).objects.get(pk=self.pk)
        return fresh


class JobEvent(models.Model):
    """What happened to a job, in order, never changed afterwards; a subclass adds `job`."""

    at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=20, choices=JobStatus, help_text="The status after the event.")
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=128, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.status}: {self.note}"


def outcome_of(status: str) -> Outcome:
    """How the audit trail calls this status of an ended job. A job that a person cancelled did what was asked."""
    if status in {JobStatus.FAILED, JobStatus.DEAD}:
        return Outcome.FAILED
    return Outcome.OK


def _lease_end() -> models.expressions.CombinedExpression:
    return now_plus(datetime.timedelta(seconds=settings.EXPORT_LEASE_SECONDS))


def _waiting() -> dict[str, Any]:
    return {"lease_expires_at": None, "worker": "", "enqueued_at": Now(), "notified_at": Now()}


def _ending() -> dict[str, Any]:
    return {"finished_at": Now(), "lease_expires_at": None}
