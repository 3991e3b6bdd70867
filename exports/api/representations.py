"""The bodies of Jira's task operations, property for property (contract)."""

import datetime
from typing import Any

from django.utils import timezone

from archive.filters import IssueFilter
from exports.mail import absolute_url
from exports.manifest import manifest
from exports.models import ExportJob

PROOF = ("rowsExpected", "bytes", "sha256", "asOf", "filter", "timeZone", "formulaGuard", "version", "expires")


def file_url(job: ExportJob) -> str:
    return absolute_url("download", job.pk)


def task_url(job: ExportJob) -> str:
    return absolute_url("task", job.pk)


def submitted(job: ExportJob) -> dict[str, Any]:
    """`ExportArchivedIssuesTaskProgressResponse`."""
    body = {
        "taskId": str(job.pk),
        "status": job.status,
        "progress": job.progress,
        "submittedTime": job.submitted_at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z"),
        "payload": IssueFilter.from_json(job.filter).payload(),
    }
    return body | ({"fileUrl": file_url(job)} if job.has_file else {})


def progress(job: ExportJob) -> dict[str, Any]:
    """`TaskProgressBeanObject`: times are epoch milliseconds, what has not happened is left out."""
    body = {
        "self": task_url(job),
        "id": str(job.pk),
        "description": "Export archived issues",
        "status": job.status,
        "message": job.message or _message(job),
        "result": _result(job),
        "submittedBy": job.submitted_by_id,
        "progress": job.progress,
        "elapsedRuntime": _elapsed(job),
        "submitted": _milliseconds(job.submitted_at),
        "started": _milliseconds(job.started_at),
        "finished": _milliseconds(job.finished_at),
        "lastUpdate": _milliseconds(job.updated_at),
    }
    return {name: value for name, value in body.items() if value is not None}


def _message(job: ExportJob) -> str:
    if job.rows_expected is None:
        return job.get_status_display()
    return f"{job.rows_written:,} of {job.rows_expected:,} issues written"


def _result(job: ExportJob) -> dict[str, Any] | None:
    if not job.has_file:
        return None
    proof = manifest(job)
    return {
        "fileUrl": file_url(job),
        "rows": job.rows_written,
        "manifestUrl": absolute_url("manifest", job.pk),
        **{name: proof[name] for name in PROOF},
    }


def _elapsed(job: ExportJob) -> int:
    if job.started_at is None:
        return 0
    return max(0, round(((job.finished_at or timezone.now()) - job.started_at).total_seconds() * 1000))


def _milliseconds(moment: datetime.datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)
