"""One export: a leased job whose slot is the whole site, with the filter it was asked for and the file it made."""

import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from jobs.leased import ACTIVE, JobEvent, JobStatus, LeasedJob, LeasedJobQuerySet, now_plus

if TYPE_CHECKING:
    from accounts.models import User


def percent(rows_written: int, rows_expected: int) -> int:
    """Whole percent; 100 is kept for an export that is published."""
    return min(99, rows_written * 100 // max(rows_expected, 1))


class JobQuerySet(LeasedJobQuerySet["ExportJob"]):
    def visible_to(self, user: "User") -> Self:
        """Admins see every export of the site, others only their own."""
        if user.is_admin:
            return self.all()
        return self.filter(submitted_by=user)

    def holding_expired_file(self) -> Self:
        return self.filter(status=JobStatus.COMPLETE, expires_at__lte=Now(), file_removed_at=None)


class ExportJob(LeasedJob):
    """One export. Times are UTC, `bytes` is the file's length, rows are CSV records without the header."""

    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    filter = models.JSONField(default=dict, help_text="The filter as a REST body.")
    rows_expected = models.PositiveIntegerField(null=True, blank=True)
    rows_written = models.PositiveIntegerField(default=0)
    snapshot_at = models.DateTimeField("snapshot taken", null=True, blank=True)
    formula_guard = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="The zone in which the filter's days begin.")
    version = models.CharField(max_length=32, blank=True, help_text="The portal's version that built the file.")
    file_name = models.CharField(max_length=128, blank=True)
    bytes = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    file_removed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["ExportJob"]] = JobQuerySet.as_manager()

    class Meta(LeasedJob.Meta):
        verbose_name = "export"
        permissions = [("resend_mail", "Can send an export's mail again")]
        indexes = [models.Index(fields=["submitted_by", "-id"], name="job_by_person")]
        constraints = [
            *LeasedJob.Meta.constraints,
            # The site-wide slot: active rows all hold the same value, ended rows hold NULL, and NULLs never clash.
            models.UniqueConstraint(
                Case(When(status__in=ACTIVE, then=Value(1)), output_field=models.SmallIntegerField()),
                name="one_active_export",
            ),
            models.CheckConstraint(
                condition=~Q(status=JobStatus.COMPLETE)
                | Q(rows_expected=F("rows_written"), rows_expected__isnull=False)
                & Q(bytes__isnull=False, snapshot_at__isnull=False, expires_at__isnull=False, progress=100)
                & ~Q(sha256="")
                & ~Q(file_name=""),
                name="job_complete_has_whole_file",
            ),
        ]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    @property
    def is_expired(self) -> bool:
        """Derived from the time, so that nothing has to run for a link to expire."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def has_file(self) -> bool:
        return self.status == JobStatus.COMPLETE and not self.is_expired

    @property
    def download_name(self) -> str:
        """The name of the downloaded file."""
        return f"archived-issues-{self.pk}-{self.submitted_at:%Y%m%d-%H%M%S}Z.csv"

    def deadline_message(self) -> str:
        return f"{super().deadline_message()} Narrow the filter and run it again."

    def facts_at_start(self) -> dict[str, Any]:
        return {"rows_written": 0, "rows_expected": None}

    def publish(self, attempt: int, **facts: Any) -> bool:
        """RUNNING -> COMPLETE with the file's facts; False: a cancel or another worker was first."""
        lifetime = datetime.timedelta(days=settings.EXPORT_KEEP_DAYS)
        note = f"{facts['rows_written']:,} rows published"
        return self.complete(attempt, note, expires_at=now_plus(lifetime), **facts)


class ExportEvent(JobEvent):
    """What happened to an export, in order, never changed afterwards."""

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="events")


class Download(models.Model):
    """Who downloaded a file, when and from where."""

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.job} by {self.user}"
