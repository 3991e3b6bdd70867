"""An import is a leased job. Only one runs at a time on the whole site; any number can wait."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, Value, When

from accounts import audit
from jobs.leased import LEASED, JobEvent, JobStatus, LeasedJob, LeasedJobQuerySet, outcome_of

COUNTED = ("created", "updated", "unchanged", "skipped", "rejected")


class ImportJobQuerySet(LeasedJobQuerySet["ImportJob"]):
    pass


class ImportJob(LeasedJob):
    """One upload, or one file that a command imported. The counts are numbers of issues.

    The transition to COMPLETE is in the transaction that writes the issues: an import is complete, with all its counts,
    or it has changed nothing.
    """

    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="imports"
    )
    operator = models.CharField(max_length=254, help_text="Who imported: an email address, or the command's account.")
    file_name = models.CharField(max_length=255)
    bytes = models.PositiveBigIntegerField(null=True, blank=True)
    options = models.JSONField(default=dict, blank=True, help_text="The import options chosen in the form.")
    record_count = models.PositiveIntegerField(default=0, help_text="How many records have been read so far.")
    created_count = models.PositiveIntegerField(default=0)
    updated_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    skipped_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=list, blank=True, help_text="The lines of the report.")
    rejects = models.JSONField(default=list, blank=True, help_text="Names of the files of rejected issues.")
    overwritten_sha256 = models.CharField(
        "overwritten issues",
        max_length=64,
        blank=True,
        default="",
        help_text="SHA-256 of the list of issues that were overwritten. Empty if there were none.",
    )

    objects: ClassVar[models.Manager["ImportJob"]] = ImportJobQuerySet.as_manager()

    class Meta(LeasedJob.Meta):
        verbose_name = "import"
        constraints = [
            *LeasedJob.Meta.constraints,
            # The slot: jobs that a worker holds all have the same value. All others have NULL, which never conflicts.
            models.UniqueConstraint(
                Case(When(status__in=LEASED, then=Value(1)), output_field=models.SmallIntegerField()),
                name="one_running_import",
            ),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def target(self) -> audit.Target:
        """The import as events of the audit trail name it."""
        return audit.Target("import", self.pk, self.file_name)

    def record_end(self) -> None:
        details: dict[str, Any] = {"status": self.status, "is_dry_run": bool(self.options.get("is_dry_run"))}
        if self.status == JobStatus.COMPLETE:
            for name in COUNTED:
                details[name] = getattr(self, f"{name}_count")
            details["overwritten_sha256"] = self.overwritten_sha256
        audit.record(
            "import.settled",
            on=self.target,
            user=self.submitted_by,
            outcome=outcome_of(self.status),
            details=details,
            is_automatic=True,
        )

    def facts_at_start(self) -> dict[str, Any]:
        return {"record_count": 0}


class ImportEvent(JobEvent):
    """What happened to an import, in order, never changed afterwards."""

    job = models.ForeignKey(ImportJob, on_delete=models.PROTECT, related_name="events")


class OverwrittenIssue(models.Model):
    """An issue that an import overwrote, under the key that it has since. No foreign keys: a million rows are written
    at once, and issues may be deleted later.
    """

    job = models.ForeignKey(ImportJob, on_delete=models.PROTECT, db_constraint=False, related_name="overwritten")
    issue_id = models.BigIntegerField()
    key = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.key
