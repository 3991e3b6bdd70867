"""What must be true of exports and imports, of their events and their emails, after any faults."""

import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from django.conf import settings

from exports.models import ExportJob, Mail
from imports.models import ImportJob
from jobs.leased import ACTIVE, ENDED, JobEvent, JobStatus, LeasedJob
from tests.chaos.faults import FAULTS
from tests.chaos.world import Hit

NEXT = {
    "": {"ENQUEUED"},
    "ENQUEUED": {"RUNNING", "CANCELLED", "FAILED"},
    "RUNNING": {"COMPLETE", "FAILED", "ENQUEUED", "DEAD", "CANCEL_REQUESTED"},
    "CANCEL_REQUESTED": {"CANCELLED"},
}
LOSING = {fault.name for fault in FAULTS if fault.can_lose_attempts}
FAILING = {fault.name for fault in FAULTS if fault.can_fail_jobs}
FREEZING = {fault.name for fault in FAULTS if fault.name.startswith("SIGSTOP")}
REACHING_DATABASE = {"database", "network"}
# A lost attempt may show this much later: until then the lease has expired and somebody has looked.
SETTLE_SECONDS = 2.0  # from the error to the status
AFTER_SECONDS = 2.0 * settings.EXPORT_LEASE_SECONDS


def job_violations(hits: Sequence[Hit]) -> Iterator[str]:
    for model in (ExportJob, ImportJob):
        for job in model.objects.order_by("id"):
            yield from _check_end(job)
            if job.events.count() > 1:
                yield from _check_events(job)
            yield from _check_faults(job, hits)


def start_violations(failed_starts: Sequence[tuple[str, float, float]], hits: Sequence[Hit]) -> Iterator[str]:
    """A worker that could not start did so while the database, the way to it, or the disk was broken."""
    for name, start, end in failed_starts:
        during = [hit for hit in hits if hit.start < end and hit.end > start]
        if not any(hit.lane in REACHING_DATABASE or hit.name in FAILING for hit in during):
            yield f"{name} could not start, although neither the database nor a disk failed"


def mail_violations(received: Counter[str]) -> Iterator[str]:
    """Each export that ended otherwise than by a cancel has one email, which the mail server accepted at most once."""
    for job in ExportJob.objects.order_by("id"):
        yield from _check_mail(job, received)
    known = set(Mail.objects.values_list("message_id", flat=True))
    for message_id, times in received.items():
        if times > 1:
            yield f"message {message_id} was received {times} times"
        if message_id not in known:
            yield f"message {message_id} is not one of the portal's"


def _check_end(job: LeasedJob) -> Iterator[str]:
    if job.status not in ENDED or job.finished_at is None:
        yield f"{job} has not ended: {job.status}"
    if job.status in {JobStatus.FAILED, JobStatus.DEAD} and not job.message:
        yield f"{job} does not say why it failed"


def _check_events(job: LeasedJob) -> Iterator[str]:
    """The events lead to the job's status by allowed transitions, and record every attempt in order."""
    events = list(job.events.order_by("id"))
    transitions = list(itertools.pairwise(["", *_without_repeats([event.status for event in events])]))
    for before, after in transitions:
        if after not in NEXT.get(before, set()):
            yield f"{job}: its events go from {before} to {after}"
    last = transitions[-1][1]
    if last != job.status:
        yield f"{job}: its events end with {last}, but it is {job.status}"
    yield from _check_attempts(job, events)
    ended_count = transitions.count(("RUNNING", "ENQUEUED")) + transitions.count(("RUNNING", "DEAD"))
    if ended_count < job.lost_attempt_count:
        yield f"{job}: {ended_count} ends of attempts were recorded, but {job.lost_attempt_count} attempts were lost"


def _check_attempts(job: LeasedJob, events: list[JobEvent]) -> Iterator[str]:
    """Each attempt begins with an event that says RUNNING and names the worker."""
    claims: list[int] = []
    for event in events:
        if event.attempt > len(claims):
            claims.append(event.attempt)
            if event.status != JobStatus.RUNNING or not event.worker:
                yield f"{job}: attempt {event.attempt} does not begin with RUNNING and its worker"
    if claims != list(range(1, job.attempt + 1)):
        yield f"{job}: attempts {claims} of {job.attempt} were recorded"


def _without_repeats(statuses: list[str]) -> list[str]:
    """Events without a transition repeat the status before; they are left out."""
    return [status for status, _ in itertools.groupby(statuses)]


def _check_faults(job: LeasedJob, hits: Sequence[Hit]) -> Iterator[str]:
    """A job loses no more attempts than faults hit it, and fails only if its disk did."""
    start = job.submitted_at.timestamp()
    end = time.time()
    if job.finished_at:
        end = job.finished_at.timestamp()
    during = [hit for hit in hits if hit.start < end and hit.end + AFTER_SECONDS > start]
    most = 0
    for hit in during:
        if hit.name in LOSING:
            most += 1 + int((hit.end - hit.start) / settings.EXPORT_LEASE_SECONDS)
    if job.lost_attempt_count > most:
        yield f"{job} lost {job.lost_attempt_count} attempts, but faults explain only {most}"
    if job.status == JobStatus.DEAD and job.lost_attempt_count < settings.EXPORT_ATTEMPTS:
        yield f"{job} is DEAD after {job.lost_attempt_count} lost attempts"
    if job.status == JobStatus.FAILED:
        at_the_end = _find_causes(hits, end)
        if not any(hit.name in FAILING for hit in at_the_end):
            names = ", ".join(hit.name for hit in at_the_end)
            yield f"{job} is FAILED ({job.message}) although no disk failed just then; faults: {names}"


def _find_causes(hits: Sequence[Hit], end: float) -> list[Hit]:
    """The faults that may have ended a job at that moment. A worker that was frozen reports what it met before."""
    start = end - SETTLE_SECONDS
    for hit in hits:
        if hit.name in FREEZING and hit.start <= end <= hit.end + SETTLE_SECONDS:
            start = min(start, hit.start - SETTLE_SECONDS)
    return [hit for hit in hits if hit.start <= end and hit.end >= start]


def _check_mail(job: ExportJob, received: Counter[str]) -> Iterator[str]:
    kinds = {JobStatus.COMPLETE: ["ready"], JobStatus.FAILED: ["failed"], JobStatus.DEAD: ["failed"]}
    mails = list(job.mails.all())
    if sorted(mail.kind for mail in mails) != kinds.get(JobStatus(job.status), []):
        yield f"{job} is {job.status}, but its emails are {mails}"
    for mail in mails:
        allowed = {"sent": {1}, "unknown": {0, 1}, "failed": {0}}.get(mail.status, set[int]())
        times = received[mail.message_id]
        if times not in allowed:
            yield f"{job}: its email is {mail.status}, but the mail server received it {times} times"


def seconds_until_ended(model: type[LeasedJob], limit: float) -> float | None:
    """Wait until no job of this kind is active and return the seconds it took; None if it takes longer than `limit`."""
    start = time.monotonic()
    while time.monotonic() - start < limit:
        if not model.objects.filter(status__in=ACTIVE).exists():
            return time.monotonic() - start
        time.sleep(0.2)
    return None
