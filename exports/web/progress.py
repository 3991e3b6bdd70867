"""What the export page shows: progress, speed, remaining time, filter and emails."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from archive.filters import IssueFilter
from core.formats import duration
from exports.models import ExportJob
from exports.models.mails import MailStatus
from exports.web.filter_words import filter_facts
from jobs.leased import JobStatus
from jobs.services import worker_seen_lately

SHORTEST_SECONDS = 1.0  # a speed measured over a shorter time means nothing


@dataclass(frozen=True)
class Pace:
    """Issues per second, and in words the remaining time or, of an ended export, the time it took."""

    rate: int = 0
    left: str = ""
    took: str = ""


def about_export(job: ExportJob) -> dict[str, Any]:
    """The context of the export page and of its live part. `is_watched`: the page can still change."""
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
    """The speed since the export first started. It is empty if nothing is known yet."""
    if job.started_at is None:
        return Pace()
    if job.finished_at is not None:
        seconds = (job.finished_at - job.started_at).total_seconds()
        return Pace(took=duration(seconds))
    seconds = (timezone.now() - job.started_at).total_seconds()
    if job.status != JobStatus.RUNNING or seconds < SHORTEST_SECONDS or job.rows_written == 0:
        return Pace()
    rate = job.rows_written / seconds
    rows_left = max((job.rows_expected or 0) - job.rows_written, 0)
    return Pace(rate=round(rate), left=duration(rows_left / rate))
