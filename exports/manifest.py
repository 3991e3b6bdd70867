"""The verification manifest of a file: the filter, the counts, the SHA-256 and the version that wrote it.

With the CSV and its manifest, anyone can check that no issue is missing and nothing was changed.
"""

from typing import Any

from rest_framework import serializers

from archive.filters import IssueFilter
from archive.includes import Include, read_includes
from core.serializers import CountField, DigitsField, MomentField, ObjectField, ResponseBody
from exports.errors import FileNotReady
from exports.models import ExportJob
from exports.options import FileFormat
from jobs.leased import JobStatus


class PayloadField(serializers.CharField):
    """A stored filter in the form of Jira's example."""

    def to_representation(self, body: dict[str, Any]) -> str:  # type: ignore[override]
        return IssueFilter.from_json(body).payload()


class IncludeField(serializers.ListField):
    """The stored parts as a list."""

    child = serializers.ChoiceField(Include.values)

    def to_representation(self, text: str) -> list[str]:  # type: ignore[override]
        return list(read_includes([text]))


class ExportManifest(ResponseBody):
    """The contents of `<file>.manifest.json`, from a job. Rows are CSV records without the header."""

    export = DigitsField(source="pk")
    file = serializers.CharField(source="download_name", help_text="The file's name when it is downloaded.")
    rowsExpected = CountField(source="rows_expected")
    rowsWritten = CountField(source="rows_written")
    bytes = CountField()
    sha256 = serializers.RegexField("^[0-9a-f]{64}$")
    asOf = MomentField(source="snapshot_at", help_text="When the snapshot of the archive was taken.")
    filter = ObjectField(
        help_text="The filter, as a request body of exportArchivedIssues, with the query parameter `text` beside it."
    )
    payload = PayloadField(source="filter")
    include = IncludeField(help_text="The parts of the details that the file includes.")
    format = serializers.ChoiceField(FileFormat.values, source="file_format")
    timeZone = serializers.CharField(source="time_zone")
    formulaGuard = serializers.BooleanField(source="formula_guard")
    version = serializers.CharField(help_text="The portal's version.")
    submitted = MomentField(source="submitted_at")
    finished = MomentField(source="finished_at")
    expires = MomentField(source="expires_at")
    attempt = CountField()


def manifest(job: ExportJob) -> dict[str, Any]:
    """The job's manifest as a JSON object.

    Raises:
        FileNotReady: the job is not COMPLETE.
    """
    if job.status != JobStatus.COMPLETE:
        raise FileNotReady(job.pk, job.status)
    return ExportManifest.of(job)
