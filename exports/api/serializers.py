"""The bodies of Jira's task operations, property for property (contract)."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from core.serializers import (
    CountField,
    DigitsField,
    LongField,
    MillisecondsField,
    MomentField,
    PercentField,
    ResponseBody,
)
from exports.mail import absolute_url
from exports.manifest import ExportManifest, PayloadField
from exports.models import ExportJob
from jobs.leased import JobStatus

VERIFIED_BY = (
    "rowsExpected",
    "bytes",
    "sha256",
    "asOf",
    "filter",
    "timeZone",
    "formulaGuard",
    "version",
    "expires",
)
"""What a complete task repeats of the manifest."""


class FileLinkField(serializers.URLField):
    """The absolute URL of a job's file or manifest; left out while the job has no file."""

    def __init__(self, route: str, **options: Any) -> None:
        self.route = route
        super().__init__(source="*", **options)

    def to_representation(self, job: ExportJob) -> str | None:  # type: ignore[override]
        if not job.has_file:
            return None
        return absolute_url(self.route, job.pk)


class ExportArchivedIssuesTaskProgressResponse(ResponseBody):
    """A job that was just submitted. Strict clients accept these six properties and no others."""

    taskId = DigitsField(source="pk")
    status = serializers.ChoiceField(JobStatus.values)
    progress = PercentField()
    submittedTime = MomentField(source="submitted_at")
    payload = PayloadField(source="filter", help_text="The filter as the portal read it.")
    fileUrl = FileLinkField("download", required=False, help_text="Absent until the file exists.")


class ExportResult(ResponseBody):
    """The `result` of a job that has a file."""

    fileUrl = FileLinkField("download")
    rows = CountField(source="rows_written", help_text="CSV records without the header.")
    manifestUrl = FileLinkField("manifest", help_text="Address of the file's verification manifest.")

    def get_fields(self) -> dict[str, Any]:
        repeated = ExportManifest().get_fields()
        return super().get_fields() | {name: repeated[name] for name in VERIFIED_BY}

    def to_representation(self, job: ExportJob) -> dict[str, Any] | None:  # type: ignore[override]
        if not job.has_file:
            return None
        return super().to_representation(job)


@dataclass(frozen=True)
class Task:
    """A job as Jira's task operations show it. `version` is the version of the API that was asked."""

    job: ExportJob
    version: str
    description: str = "Export archived issues"

    @property
    def url(self) -> str:
        return absolute_url("task", self.version, self.job.pk)

    @property
    def message(self) -> str:
        job = self.job
        if job.message:
            return job.message
        if job.rows_expected is None:
            return job.get_status_display()
        return f"{job.rows_written:,} of {job.rows_expected:,} issues written"

    @property
    def elapsed_milliseconds(self) -> int:
        if self.job.started_at is None:
            return 0
        end = self.job.finished_at or timezone.now()
        elapsed = end - self.job.started_at
        return max(0, round(elapsed.total_seconds() * 1000))


class TaskProgressBeanObject(ResponseBody):
    """A Task. What has not happened yet is left out."""

    self = serializers.URLField(source="url")
    id = DigitsField(source="job.pk")
    description = serializers.CharField()
    status = serializers.ChoiceField(JobStatus.values, source="job.status")
    message = serializers.CharField()
    result = ExportResult(source="job", required=False)
    submittedBy = LongField(source="job.submitted_by_id", help_text="The portal user's number.")
    progress = PercentField(source="job.progress", help_text="Percent. It never decreases.")
    elapsedRuntime = CountField(source="elapsed_milliseconds", help_text="Milliseconds.")
    submitted = MillisecondsField(source="job.submitted_at")
    started = MillisecondsField(source="job.started_at", required=False)
    finished = MillisecondsField(source="job.finished_at", required=False)
    lastUpdate = MillisecondsField(source="job.updated_at")
