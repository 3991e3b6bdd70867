"""What users can do with exports, on pages and over REST. Each function checks permissions and owns its transaction."""

from dataclasses import dataclass
from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.errors import NotAnAdmin
from accounts.models import User
from accounts.permissions import RESEND_MAIL
from archive.filters import MOST_ISSUES, IssueFilter
from archive.monthly_counts import count_issues
from core.paging import is_id
from exports import outbox, storage
from exports.errors import (
    AlreadyRunning,
    FileExpired,
    FileLost,
    FileNotReady,
    JobEnded,
    JobNotFound,
    MailNotFound,
    MailNotResendable,
    PlanTooSmall,
    TooManyIssues,
)
from exports.manifest import manifest
from exports.models import ExportEvent, ExportJob, Mail
from exports.options import ORDINARY, ExportOptions
from jobs import lifecycle
from jobs.leased import JobStatus

PLANS_WITH_EXPORT = {"premium", "enterprise"}
USUAL_SECONDS = 30


@dataclass(frozen=True)
class Part:
    """What an answer sends of a file: the whole, or `byte_count` bytes from `first_byte` on.

    `format` is the name of the download format, `byte_count` None if the length is not known before it is sent.
    """

    format: str
    is_whole: bool = True
    first_byte: int = 0
    byte_count: int | None = None


def request_export(
    user: User, issue_filter: IssueFilter, options: ExportOptions = ORDINARY, *, rerun_of: int | None = None
) -> ExportJob:
    """Queue an export of the issues that the filter selects, and return immediately.

    `rerun_of` is the number of the earlier export that has the same filter and options.

    Raises:
        NotAnAdmin: the user is not an admin.
        PlanTooSmall: the site's plan does not include exports.
        AlreadyRunning: another export is active.
        InvalidFilter: the archive does not have a value of the filter.
        TooManyIssues: more than MOST_ISSUES match.
    """
    if not user.is_admin:
        raise NotAnAdmin
    if settings.SITE_PLAN not in PLANS_WITH_EXPORT:
        raise PlanTooSmall(settings.SITE_PLAN)
    running = running_export()
    if running is not None:
        raise _already_running(running)
    if count_issues(issue_filter) > MOST_ISSUES:
        raise TooManyIssues(MOST_ISSUES)
    return _take_slot(user, issue_filter, options, rerun_of)


def running_export() -> ExportJob | None:
    """The site's active export, after taking jobs away from lost workers."""
    lifecycle.reap(ExportJob)
    return ExportJob.objects.active().select_related("submitted_by").first()


def find_job(user: User, job_id: str | int) -> ExportJob:
    """The export, if the user can see it.

    Raises:
        JobNotFound: the export does not exist, or `job_id` is not a number.
        NotAnAdmin: it is another user's, and this user is not an admin.
    """
    if not is_id(str(job_id)):
        raise JobNotFound(job_id)
    lifecycle.reap(ExportJob)
    jobs = ExportJob.objects.with_expiry().select_related("submitted_by").filter(pk=int(job_id))
    job = jobs.visible_to(user).first()
    if job is not None:
        return job
    if jobs.exists():
        raise NotAnAdmin
    raise JobNotFound(job_id)


def cancel_export(user: User, job_id: str | int) -> ExportJob:
    """Cancel a waiting export immediately, or ask the worker of a running one to stop.

    Raises:
        JobNotFound, NotAnAdmin: as in `find_job`.
        JobEnded: it has already ended.
    """
    job = find_job(user, job_id)
    with transaction.atomic():
        status = job.request_cancel(by=str(user))
        if status is not None:
            audit.record("export.cancelled", on=job.target, user=user)
    if status is None:
        job.refresh_from_db()
        if not job.is_active:
            raise JobEnded(job.pk, job.status)
    return job


def rerun_export(user: User, job_id: str | int) -> ExportJob:
    """Export the issues that an earlier export's filter selects now; raises as `request_export` and `find_job`."""
    earlier = find_job(user, job_id)
    return request_export(user, IssueFilter.from_json(earlier.filter), earlier.options, rerun_of=earlier.pk)


def open_download(user: User, job_id: str | int) -> tuple[ExportJob, BinaryIO]:
    """The export and its file, open for reading.

    Raises:
        NotAnAdmin: it is the user's own export, but the user is no longer an admin.
        JobNotFound: the export does not exist, or it is another user's and this user is not an admin.
        FileNotReady: the export is active, or it ended without a file.
        FileExpired: the file has expired.
        FileLost: the file is missing from storage.
    """
    job = _find_download(user, job_id)
    if job.status != JobStatus.COMPLETE:
        raise FileNotReady(job.pk, job.status)
    if job.is_expired:
        raise FileExpired(job.pk)
    try:
        file = storage.open_file(job.file_name)
    except FileNotFoundError as error:
        raise FileLost(job.pk) from error
    return job, file


def record_download(user: User, job: ExportJob, part: Part) -> None:
    """Record that an answer with these bytes of the file is about to be sent."""
    details = {
        "format": part.format,
        "first_byte": part.first_byte,
        "byte_count": part.byte_count,
        "is_whole": part.is_whole,
    }
    audit.record("export.downloaded", on=job.target, user=user, details=details)


def resend_mail(user: User, mail_id: int) -> Mail:
    """Queue an email again that was not sent or may not have been delivered.

    Raises:
        NotAnAdmin: the user is not an admin.
        MailNotFound: the email does not exist.
        MailNotResendable: it was sent, or it is being sent now.
    """
    if not user.has_perm(RESEND_MAIL):
        raise NotAnAdmin
    mail = Mail.objects.select_related("job").filter(pk=mail_id).first()
    if mail is None:
        raise MailNotFound(mail_id)
    with transaction.atomic():
        if not mail.resend(by=str(user)):
            raise MailNotResendable(mail.recipient, mail.get_status_display())
        outbox.enqueue(mail.pk)
        audit.record("email.resent", on=mail.target, user=user, details={"kind": mail.kind, "export": mail.job_id})
    return mail


def read_manifest(user: User, job_id: str | int) -> dict[str, Any]:
    """The verification manifest of a file; raises NotAnAdmin, JobNotFound and FileNotReady as `open_download`."""
    return manifest(_find_download(user, job_id))


def _find_download(user: User, job_id: str | int) -> ExportJob:
    """The export, if the user can download its file; raises NotAnAdmin and JobNotFound as `open_download`."""
    try:
        job = find_job(user, job_id)
    except NotAnAdmin as error:
        raise JobNotFound(job_id) from error
    if not user.is_admin:
        raise NotAnAdmin
    return job


def _take_slot(user: User, issue_filter: IssueFilter, options: ExportOptions, rerun_of: int | None) -> ExportJob:
    """Create the export and its queue message in one transaction. The database accepts one of several requests."""
    try:
        with transaction.atomic():
            columns = options.as_columns()
            job = ExportJob.objects.create(submitted_by=user, filter=issue_filter.to_json(), **columns)
            ExportEvent.objects.create(job=job, status=job.status, note=f"Requested by {user}")
            lifecycle.enqueue(job)
            details = {
                "filter": issue_filter.summary(),
                "include": job.include,
                "format": job.file_format,
                "rerun_of": rerun_of,
            }
            audit.record("export.requested", on=job.target, user=user, details=details)
    except IntegrityError:
        running = running_export()
        if running is None:
            raise
        raise _already_running(running) from None
    return job


def _already_running(job: ExportJob) -> AlreadyRunning:
    return AlreadyRunning(job.pk, _seconds_left(job))


def _seconds_left(job: ExportJob) -> int:
    """How long the active export will still take at its speed so far. One that is being cancelled stops quickly."""
    if job.status == JobStatus.CANCEL_REQUESTED:
        return 2
    if job.started_at is None or job.progress == 0:
        return USUAL_SECONDS
    elapsed = (timezone.now() - job.started_at).total_seconds()
    return max(1, round(elapsed * (100 - job.progress) / job.progress))
