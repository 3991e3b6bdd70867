"""What the export page says of a job: how far, how fast, how long still, and what became of its mails."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from archive.filters import IssueFilter
from core.formats import duration
from exports.models import ExportJob
from exports.models.mails import MailStatus
from exports.web.words import filter_facts
from jobs.leased import JobStatus
from jobs.services import worker_seen_lately

# Before this many seconds a pace says nothing.
SHORTEST = 1.0


@dataclass(frozen=True)
class Pace:
    """Issues a second, and in words the time still needed or, of an ended job, the time it took."""

    rate: int = 0
    left: str = ""
    took: str = ""


def about_export(job: ExportJob) -> dict[str, Any]:
    """The context of the export page and of its live part; `is_watched` while anything may still change."""
    mails = list(job.mails.order_by("id"))
    is_mailing = any(mail.status in {MailStatus.QUEUED, MailStatus.SENDING} for mail in mails)
    return {
        "job": job,
        "pace": pace(job),
        "facts": filter_facts(job.filter),
        "archive_query": IssueFilter.from_json(job.filter).to_query(),
        "mails": mails,
        "is_worker_missing": job.status == JobStatus.ENQUEUED and not worker_seen_lately(),
        "is_watched": job.is_active or is_mailing,
    }


def pace(job: ExportJob) -> Pace:
    """The pace since the job was first taken up."""
    if not job.started_at:
        return Pace()
    seconds = ((job.finished_at or timezone.now()) - job.started_at).total_seconds()
    if job.finished_at:
        return Pace(took=duration(seconds))
    if job.status != JobStatus.RUNNING or seconds < SHORTEST or not job.rows_written:
        return Pace()
    rate = job.rows_written / seconds
    missing = max((job.rows_expected or 0) - job.rows_written, 0)
    return Pace(rate=round(rate), left=duration(missing / rate))
