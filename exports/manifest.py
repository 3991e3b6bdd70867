"""The proof that goes with a file: what was asked, what was counted, what was written, and by what.

Whoever has the CSV and this can show that nothing is missing and nothing was changed.
"""

import datetime
from typing import Any

from archive.filters import IssueFilter
from exports.errors import FileNotReady
from exports.models import ExportJob
from jobs.leased import JobStatus


def manifest(job: ExportJob) -> dict[str, Any]:
    """What `<file>.manifest.json` says; rows are CSV records without the header, times are RFC 3339 in UTC.

    Raises:
        FileNotReady: the job is not COMPLETE, so there is nothing to prove.
    """
    if job.status != JobStatus.COMPLETE:
        raise FileNotReady(job.pk, job.status)
    return {
        "export": str(job.pk),
        "file": job.download_name,
        "rowsExpected": job.rows_expected,
        "rowsWritten": job.rows_written,
        "bytes": job.bytes,
        "sha256": job.sha256,
        "asOf": _moment(job.snapshot_at),
        "filter": job.filter,
        "payload": IssueFilter.from_json(job.filter).payload(),
        "timeZone": job.time_zone,
        "formulaGuard": job.formula_guard,
        "version": job.version,
        "submitted": _moment(job.submitted_at),
        "finished": _moment(job.finished_at),
        "expires": _moment(job.expires_at),
        "attempt": job.attempt,
    }


def _moment(moment: datetime.datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
