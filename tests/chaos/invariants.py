"""What must be true after any faults. Each function yields a sentence for each violation."""

import hashlib
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from archive.filters import IssueFilter
from exports import storage
from exports.builder import build
from exports.manifest import manifest
from exports.models import ExportJob, Mail
from jobs.leased import ACTIVE, ENDED, JobStatus

NEXT = {
    "": {"ENQUEUED"},
    "ENQUEUED": {"RUNNING", "CANCELLED", "FAILED"},
    "RUNNING": {"COMPLETE", "FAILED", "ENQUEUED", "DEAD", "CANCEL_REQUESTED"},
    "CANCEL_REQUESTED": {"CANCELLED"},
}


def violations(received: Counter[str]) -> list[str]:
    """All violations. `received` counts the messages that the mail server received, by Message-ID."""
    found: list[str] = []
    jobs = list(ExportJob.objects.order_by("id"))
    for job in jobs:
        found += _check_end(job)
        found += _check_events(job)
        found += _check_mail(job, received)
    with_file = [job for job in jobs if job.file_removed_at is None]
    found += file_violations(with_file)
    found += _check_folder(with_file)
    found += _check_messages(received)
    return found


def file_violations(jobs: list[ExportJob]) -> list[str]:
    """Violations in the files of these jobs."""
    found: list[str] = []
    for job in jobs:
        found += _check_file(job)
    return found


def _check_end(job: ExportJob) -> Iterator[str]:
    if job.status not in ENDED or job.finished_at is None:
        yield f"{job} has not ended: {job.status}"
    if job.status in {JobStatus.FAILED, JobStatus.DEAD} and not job.message:
        yield f"{job} does not say why it failed"


def _check_events(job: ExportJob) -> Iterator[str]:
    """The events lead to the job's status by allowed transitions, and record every attempt in order."""
    transitions = list(itertools.pairwise(["", *_statuses(job)]))
    for before, after in transitions:
        if after not in NEXT.get(before, set()):
            yield f"{job}: its events go from {before} to {after}"
    last = transitions[-1][1] if transitions else ""
    if last != job.status:
        yield f"{job}: its events end with {last}, but it is {job.status}"
    claims = list(job.events.filter(note="Export started").exclude(worker="").values_list("attempt", flat=True))
    if claims != list(range(1, job.attempt + 1)):
        yield f"{job}: attempts {claims} of {job.attempt} were recorded with their worker"
    requeued_count = job.events.filter(note__contains="shutting down").count()
    ended_count = transitions.count(("RUNNING", "ENQUEUED")) + transitions.count(("RUNNING", "DEAD"))
    lost_count = ended_count - requeued_count
    if lost_count != job.lost_attempt_count:
        yield f"{job}: {lost_count} lost attempts were recorded of {job.lost_attempt_count}"


def _statuses(job: ExportJob) -> list[str]:
    """The statuses the job went through. Events without a transition repeat the status before; they are left out."""
    statuses = job.events.order_by("id").values_list("status", flat=True)
    return [status for status, _ in itertools.groupby(statuses)]


def _check_file(job: ExportJob) -> Iterator[str]:
    if job.status != JobStatus.COMPLETE:
        return
    recorded = manifest(job)
    with storage.open_file(job.file_name) as file:
        content = file.read()
    if (hashlib.sha256(content).hexdigest(), len(content)) != (recorded["sha256"], recorded["bytes"]):
        yield f"{job}: the file does not match its manifest"
    expected = (recorded["sha256"], recorded["rowsWritten"])
    rebuilt = _rebuild(job)
    if rebuilt != expected:
        yield f"{job}: building it again gives {rebuilt}, the manifest says {expected}"


_rebuilt: dict[str, tuple[str, int]] = {}


def _rebuild(job: ExportJob) -> tuple[str, int]:
    """SHA-256 and number of rows of the same filter's CSV built now. The archive does not change during a run."""
    key = str(job.filter)
    if key not in _rebuilt:
        with TemporaryDirectory() as folder:
            part = storage.PartFile(Path(folder) / "rebuilt")
            issues = IssueFilter.from_json(job.filter).issues()
            built = build(issues, part, guard=job.formula_guard, report=lambda *_: None)
            _rebuilt[key] = (part.sha256, built.row_count)
            part.discard()
    return _rebuilt[key]


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


def _check_folder(jobs: list[ExportJob]) -> Iterator[str]:
    expected = {job.file_name for job in jobs if job.status == JobStatus.COMPLETE}
    mismatched = set(storage.names()) ^ expected
    if mismatched:
        yield f"files without a job, or jobs without a file: {sorted(mismatched)}"


def _check_messages(received: Counter[str]) -> Iterator[str]:
    """Every message was received once, and is one of the portal's."""
    known = set(Mail.objects.values_list("message_id", flat=True))
    for message_id, times in received.items():
        if times > 1:
            yield f"message {message_id} was received {times} times"
        if message_id not in known:
            yield f"message {message_id} is not one of the portal's"


def seconds_until_free(limit: float) -> float | None:
    """Wait until the slot is free and return the seconds it took; None if that is longer than `limit`."""
    start = time.monotonic()
    while time.monotonic() - start < limit:
        if not ExportJob.objects.filter(status__in=ACTIVE).exists():
            return time.monotonic() - start
        time.sleep(0.2)
    return None
