"""What a person may do. Every face calls these; each owns its transaction and checks who asks."""

from typing import Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from exports import outbox, storage, tasks
from exports.errors import (
    AlreadyRunning,
    FileExpired,
    FileLost,
    FileNotReady,
    IssueNotFound,
    JobEnded,
    JobNotFound,
    MailNotFound,
    MailNotResendable,
    NotAnAdmin,
    PlanTooSmall,
    TooManyIssues,
)
from exports.filters import MOST_ISSUES, IssueFilter, count_up_to_limit
from exports.manifest import manifest
from exports.models import ArchivedIssue, Download, ExportEvent, ExportJob, Mail, Worker
from exports.models.jobs import JobStatus
from exports.models.workers import SEEN_SECONDS

PLANS_WITH_EXPORT = {"premium", "enterprise"}
USUAL_SECONDS = 30
LONGEST_ID = 18  # decimal digits that fit any database's bigint


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
    if running := running_export():
        raise _already_running(running)
    if count_up_to_limit(issue_filter.issues()) > MOST_ISSUES:
        raise TooManyIssues(MOST_ISSUES)
    return _take_slot(user, issue_filter)


def running_export() -> ExportJob | None:
    """The site's active export, after jobs of silent workers have been taken from them."""
    tasks.reap()
    return ExportJob.objects.active().select_related("submitted_by").first()


def find_issue(user: User, key: str) -> ArchivedIssue:
    """The archived issue with this key, whatever its case, and whom and what it names.

    Raises:
        NotAnAdmin: the archive opens to admins only.
        IssueNotFound: there is no such issue.
    """
    if not user.is_admin:
        raise NotAnAdmin
    named = ("project__lead", "issue_type", "assignee", "reporter", "creator", "archived_by")
    issues = ArchivedIssue.objects.select_related(*named)
    if issue := issues.filter(key=key.upper().replace("\0", "")).first():
        return issue
    raise IssueNotFound(key)


def find_job(user: User, job_id: str | int) -> ExportJob:
    """The job, if this person may see it.

    Raises:
        JobNotFound: there is no such job, or `job_id` is no number.
        NotAnAdmin: it is another person's and the asker is no admin.
    """
    text = str(job_id)
    if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID):
        raise JobNotFound(job_id)
    tasks.reap()
    jobs = ExportJob.objects.select_related("submitted_by").filter(pk=int(text))
    if job := jobs.visible_to(user).first():
        return job
    raise NotAnAdmin if jobs.exists() else JobNotFound(job_id)


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
        if not mail.ask_again(by=str(user)):
            raise MailNotResendable(mail.recipient, mail.get_status_display())
        outbox.enqueue(mail.pk)
    return mail


def workers_seen() -> list[Worker]:
    """The workers of the last day, those that gave a sign of life most recently first."""
    return list(Worker.objects.order_by("-last_seen"))


def worker_seen_lately() -> bool:
    """Whether any worker gave a sign of life in the last SEEN_SECONDS."""
    return Worker.objects.seen_within(SEEN_SECONDS).exists()


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
            ExportEvent.objects.create(job=job, status=job.status, note=f"asked for by {user}")
            tasks.enqueue_build(job)
    except IntegrityError:
        if running := running_export():
            raise _already_running(running) from None
        raise
    return job


def _already_running(job: ExportJob) -> AlreadyRunning:
    return AlreadyRunning(job.pk, _seconds_left(job))


def _seconds_left(job: ExportJob) -> int:
    """How long the running job will take at its own pace so far; one that is being cancelled stops at once."""
    if job.status == JobStatus.CANCEL_REQUESTED:
        return 2
    if not (job.started and job.progress):
        return USUAL_SECONDS
    elapsed = (timezone.now() - job.started).total_seconds()
    return max(1, round(elapsed * (100 - job.progress) / job.progress))
