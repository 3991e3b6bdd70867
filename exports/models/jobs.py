"""One export: a leased job with a filter and a file. Only one export can be active on the whole site."""

import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Now, Replace
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.functional import cached_property

from accounts import audit
from archive.includes import SEPARATOR, Include
from exports.options import COMPLETE_FORMATS, ExportOptions, FileFormat
from jobs.leased import ACTIVE, JobEvent, JobStatus, LeasedJob, LeasedJobQuerySet, now_plus, outcome_of

if TYPE_CHECKING:
    from accounts.models import User


def percent(rows_written: int, rows_expected: int) -> int:
    """Whole percent, at most 99: only a published export is at 100."""
    return min(99, rows_written * 100 // max(rows_expected, 1))


def _rest_of(field: str) -> Any:
    """What remains of a field's text without the names of parts of the details and the separators."""
    rest: Any = F(field)
    for known in (*Include.values, SEPARATOR):
        rest = Replace(rest, Value(known), Value(""), output_field=CharField())
    return rest


class JobQuerySet(LeasedJobQuerySet["ExportJob"]):
    def visible_to(self, user: "User") -> Self:
        """All exports for admins, a user's own for others."""
        if user.is_admin:
            return self.all()
        return self.filter(submitted_by=user)

    def with_expiry(self) -> Self:
        """With `is_expired`, which would otherwise cost a query for each export."""
        return self.annotate(is_expired=Q(expires_at__isnull=False, expires_at__lte=Now()))

    def holding_expired_file(self) -> Self:
        return self.filter(status=JobStatus.COMPLETE, expires_at__lte=Now(), file_removed_at=None)


class ExportJob(LeasedJob):
    """One export. `bytes` is the length of its file, rows are CSV records without the header."""

    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports", verbose_name="requested by"
    )
    filter = models.JSONField(default=dict, help_text="The filter as a REST body.")
    include = models.CharField(
        "also included", max_length=100, blank=True, help_text="Parts of the details, separated by commas."
    )
    file_format = models.CharField("format", max_length=10, choices=FileFormat, default=FileFormat.CSV)
    rows_expected = models.PositiveIntegerField("issues expected", null=True, blank=True)
    rows_written = models.PositiveIntegerField("issues written", default=0)
    snapshot_at = models.DateTimeField("snapshot taken", null=True, blank=True)
    formula_guard = models.BooleanField(default=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="The time zone of the filter's days.")
    version = models.CharField(max_length=32, blank=True, help_text="The version of the portal that built the file.")
    file_name = models.CharField(max_length=128, blank=True)
    bytes = models.PositiveBigIntegerField(null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    file_removed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["ExportJob"]] = JobQuerySet.as_manager()

    class Meta(LeasedJob.Meta):
        verbose_name = "export"
        permissions = [("resend_mail", "Can send an export's email again")]
        indexes = [
            *LeasedJob.Meta.indexes,
            models.Index(fields=["submitted_by", "-id"], name="job_by_person"),
        ]
        constraints = [
            *LeasedJob.Meta.constraints,
            # The site-wide slot: all active rows have the same value. Ended rows have NULL, and NULLs are distinct.
            models.UniqueConstraint(
                Case(When(status__in=ACTIVE, then=Value(1)), output_field=models.SmallIntegerField()),
                name="one_active_export",
            ),
            models.CheckConstraint(condition=Exact(_rest_of("include"), Value("")), name="export_include_is_known"),
            models.CheckConstraint(condition=Q(file_format__in=FileFormat.values), name="export_format_is_known"),
            models.CheckConstraint(
                condition=~Q(file_format__in=COMPLETE_FORMATS) | Q(include=""),
                name="export_includes_what_its_format_lacks",
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

    @cached_property
    def is_expired(self) -> bool:
        """Derived from the database's time, so that links expire even if no worker is running and clocks differ."""
        return ExportJob.objects.filter(pk=self.pk, expires_at__lte=Now()).exists()

    @property
    def has_file(self) -> bool:
        return self.status == JobStatus.COMPLETE and not self.is_expired

    @property
    def options(self) -> ExportOptions:
        return ExportOptions.from_columns(self.include, self.file_format)

    @property
    def include_names(self) -> str:
        """The included parts in words, such as "Comments, watchers"; "" if there are none."""
        return ", ".join([include.label for include in self.options.includes]).capitalize()

    @property
    def download_name(self) -> str:
        """The name of the downloaded file."""
        return f"archived-issues-{self.pk}-{self.submitted_at:%Y%m%d-%H%M%S}Z.{self.file_format}"

    def deadline_message(self) -> str:
        return f"{super().deadline_message()} Narrow the filter and run it again."

    def facts_at_start(self) -> dict[str, Any]:
        return {"rows_written": 0, "rows_expected": None}

    @property
    def target(self) -> audit.Target:
        """The export as events of the audit trail name it."""
        return audit.Target("export", self.pk, str(self))

    def record_end(self) -> None:
        details: dict[str, Any] = {"status": self.status}
        if self.status == JobStatus.COMPLETE:
            details |= {"issue_count": self.rows_written, "bytes": self.bytes, "sha256": self.sha256}
        audit.record(
            "export.settled",
            on=self.target,
            user=self.submitted_by,
            outcome=outcome_of(self.status),
            details=details,
            is_automatic=True,
        )

    def publish(self, attempt: int, **facts: Any) -> bool:
        """RUNNING -> COMPLETE with the columns that describe the file; False: cancelled, or no longer this worker's."""
        lifetime = datetime.timedelta(days=settings.EXPORT_KEEP_DAYS)
        note = f"File published with {facts['rows_written']:,} issues"
        return self.complete(attempt, note, expires_at=now_plus(lifetime), **facts)


class ExportEvent(JobEvent):
    """A step of an export's activity. Events are never changed."""

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="events")


class Download(models.Model):
    """Who downloaded a file, when and from which IP address: the whole file at once, or parts of it one after another.

    `byte_count` is the sum of what the answers offered; a client that stops reading has received less.
    """

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField("began", default=timezone.now)
    last_at = models.DateTimeField("last part", null=True, help_text="When the last part was asked for.")
    address = models.GenericIPAddressField(null=True, blank=True)
    part_count = models.PositiveIntegerField("parts", default=0, help_text="0: the whole file at once.")
    byte_count = models.PositiveBigIntegerField("bytes", null=True, help_text="Empty if a compressed file was sent.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.job} by {self.user}"
