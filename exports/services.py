"""What a person may do with exports. Every interface calls these; each owns its transaction and checks who asks."""

from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import NotAnAdmin
from accounts.models import User
from archive.filters import MOST_ISSUES, IssueFilter, count_up_to_limit
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
from exports.models import Download, ExportEvent, ExportJob, Mail
from jobs import lifecycle
from jobs.leased import JobStatus

PLANS_WITH_EXPORT = {"premium", "enterprise"}
USUAL_SECONDS = 30


def request_export(user: User, issue_filter: IssueFilter) -> ExportJob:
    """Queue an export of what the filter selects and return at once.

    Raises:
        NotAnAdmin, PlanTooSmall: this person, or this site, may not export.
        AlreadyRunning: another export is active.
        InvalidFilter: a value names nothing the archive knows.
        TooManyIssues: more than a million match.
    """
    if not user.is_admin:
        raise NotAnAdmin
    if settings.SITE_PLAN not in PLANS_WITH_EXPORT:
        raise PlanTooSmall(settings.SITE_PLAN)
    running = running_export()
    if running is not None:
        raise _already_running(running)
    if count_up_to_limit(issue_filter.issues()) > MOST_ISSUES:
        raise TooManyIssues(MOST_ISSUES)
    return _take_slot(user, issue_filter)


def running_export() -> ExportJob | None:
    """The site's active export, after jobs of workers that are gone were taken from them."""
    lifecycle.reap(ExportJob)
    return ExportJob.objects.active().select_related("submitted_by").first()


def find_job(user: User, job_id: str | int) -> ExportJob:
    """The job, if this person may see it.

    Raises:
        JobNotFound: there is no such job, or `job_id` is no number.
        NotAnAdmin: it is another person's and the asker is no admin.
    """
    if not is_id(str(job_id)):
        raise JobNotFound(job_id)
    lifecycle.reap(ExportJob)
    jobs = ExportJob.objects.select_related("submitted_by").filter(pk=int(job_id))
    job = jobs.visible_to(user).first()
    if job is not None:
        return job
    if jobs.exists():
        raise NotAnAdmin
    raise JobNotFound(job_id)


def cancel_export(user: User, job_id: str | int) -> ExportJob:
    """Cancel a waiting job at once, or ask the running one's worker to stop.

    Raises:
        JobNotFound, NotAnAdmin: as `find_job`.
        JobEnded: it has ended already.
    """
    job = find_job(user, job_id)
    if job.request_cancel(by=str(user)) is None:
        job.refresh_from_db()
        if not job.is_active:
            raise JobEnded(job.pk, job.status)
    return job


def rerun_export(user: User, job_id: str | int) -> ExportJob:
    """Export again what an earlier job's filter selects now; raises as `request_export` and `find_job`."""
    return request_export(user, IssueFilter.from_json(find_job(user, job_id).filter))


def open_download(user: User, job_id: str | int) -> tuple[ExportJob, BinaryIO]:
    """The job and its file, open for reading at its beginning.

    Raises:
        NotAnAdmin: files open to admins only, even one's own of former days.
        JobNotFound: there is no such job, or it is none of this person's business.
        FileNotReady: it is active, or it ended without a file.
        FileExpired, FileLost: the file was kept as long as promised, or is not where it was put.
    """
    job = _find_download(user, job_id)
    if job.status != JobStatus.COMPLETE:
        raise FileNotReady(job.pk, job.status)
    if job.is_expired:
        raise FileExpired(job.pk)
    try:
        return job, storage.open_file(job.file_name)
    except FileNotFoundError as error:
        raise FileLost(job.pk) from error


def note_download(user: User, job: ExportJob, address: str | None) -> None:
    """Keep who began to take the file, and from where."""
    Download.objects.create(job=job, user=user, address=address)


def resend_mail(user: User, mail_id: int) -> Mail:
    """Send again, at once, a mail that was not sent, or may not have been.

    Raises:
        NotAnAdmin: the person is no admin and has no right to resend.
        MailNotFound: there is no such mail.
        MailNotResendable: it was sent, or is being sent now.
    """
    if not (user.is_admin or user.has_perm("exports.resend_mail")):
        raise NotAnAdmin
    mail = Mail.objects.select_related("job").filter(pk=mail_id).first()
    if mail is None:
        raise MailNotFound(mail_id)
    with transaction.atomic():
        if not mail.resend(by=str(user)):
            raise MailNotResendable(mail.recipient, mail.get_status_display())
        outbox.enqueue(mail.pk)
    return mail


def read_manifest(user: User, job_id: str | int) -> dict[str, Any]:
    """What proves the job's file whole, for who may download it; raises as `open_download`, but never FileExpired."""
    return manifest(_find_download(user, job_id))


def _find_download(user: User, job_id: str | int) -> ExportJob:
    try:
        job = find_job(user, job_id)
    except NotAnAdmin as error:
        raise JobNotFound(job_id) from error
    if not user.is_admin:
        raise NotAnAdmin
    return job


def _take_slot(user: User, issue_filter: IssueFilter) -> ExportJob:
    """Job and queue message in one transaction; the database lets one of any number of askers win."""
    try:
        with transaction.atomic():
            job = ExportJob.objects.create(submitted_by=user, filter=issue_filter.to_json())
            ExportEvent.objects.create(job=job, status=job.status, note=f"Requested by {user}")
            lifecycle.enqueue(job)
    except IntegrityError:
        running = running_export()
        if running is None:
            raise
        raise _already_running(running) from None
    return job


def _already_running(job: ExportJob) -> AlreadyRunning:
    return AlreadyRunning(job.pk, _seconds_left(job))


def _seconds_left(job: ExportJob) -> int:
    """How long the running job will take at its own pace so far; one that is being cancelled stops at once."""
    if job.status == JobStatus.CANCEL_REQUESTED:
        return 2
    if not (job.started_at and job.progress):
        return USUAL_SECONDS
    elapsed = (timezone.now() - job.started_at).total_seconds()
    return max(1, round(elapsed * (100 - job.progress) / job.progress))
