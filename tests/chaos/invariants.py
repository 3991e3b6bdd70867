"""What must be true after any faults; each function yields a sentence for each violation."""

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


def violations(taken: Counter[str]) -> list[str]:
    """All of them; `taken` counts what the mail server took, by Message-ID."""
    jobs = list(ExportJob.objects.order_by("id"))
    whole = [job for job in jobs if job.file_removed_at is None]
    found = [sentence for job in jobs for sentence in (*_ending(job), *_story(job), *_mail(job, taken))]
    return [*found, *file_violations(whole), *_folder(whole), *_twice(taken)]


def file_violations(jobs: list[ExportJob]) -> list[str]:
    """What is wrong with the jobs' files."""
    return [sentence for job in jobs for sentence in _file(job)]


def _ending(job: ExportJob) -> Iterator[str]:
    if job.status not in ENDED or job.finished_at is None:
        yield f"{job} has not ended: {job.status}"
    if job.status in {JobStatus.FAILED, JobStatus.DEAD} and not job.message:
        yield f"{job} does not say why it ended"


def _story(job: ExportJob) -> Iterator[str]:
    """Events lead from the beginning to the status through doors that exist, each attempt in its turn."""
    moves = ["", *_moves(job)]
    for before, after in itertools.pairwise(moves):
        if after not in NEXT.get(before, set()):
            yield f"{job}: its events lead from {before} to {after}"
    if moves[-1] != job.status:
        yield f"{job}: its events end in {moves[-1]}, it is {job.status}"
    claims = list(job.events.filter(note="Export started").exclude(worker="").values_list("attempt", flat=True))
    if claims != list(range(1, job.attempt + 1)):
        yield f"{job}: attempts {claims} of {job.attempt} were written down with their worker"
    put_back = job.events.filter(note__contains="told to stop").count()
    back = [pair for pair in itertools.pairwise(moves) if pair in {("RUNNING", "ENQUEUED"), ("RUNNING", "DEAD")}]
    if len(back) - put_back != job.lost_attempt_count:
        yield f"{job}: {len(back) - put_back} lost attempts were written down of {job.lost_attempt_count}"


def _moves(job: ExportJob) -> list[str]:
    """The statuses it went through; a note on the way that moves nothing repeats one."""
    statuses = job.events.order_by("id").values_list("status", flat=True)
    return [status for status, _ in itertools.groupby(statuses)]


def _file(job: ExportJob) -> Iterator[str]:
    if job.status != JobStatus.COMPLETE:
        return
    proof = manifest(job)
    with storage.open_file(job.file_name) as file:
        content = file.read()
    if (hashlib.sha256(content).hexdigest(), len(content)) != (proof["sha256"], proof["bytes"]):
        yield f"{job}: the file is not what its manifest says"
    if (fresh := _fresh(job)) != (proof["sha256"], proof["rowsWritten"]):
        yield f"{job}: a fresh query gives {fresh}, the manifest {proof['sha256'], proof['rowsWritten']}"


_known: dict[str, tuple[str, int]] = {}


def _fresh(job: ExportJob) -> tuple[str, int]:
    """SHA-256 and rows of the same filter's CSV now; the archive does not change during a run."""
    key = str(job.filter)
    if key not in _known:
        with TemporaryDirectory() as folder:
            part = storage.PartFile(Path(folder) / "fresh")
            issues = IssueFilter.from_json(job.filter).issues()
            built = build(issues, part, guard=job.formula_guard, report=lambda *_: None)
            _known[key] = (part.sha256, built.rows)
            part.discard()
    return _known[key]


def _mail(job: ExportJob, taken: Counter[str]) -> Iterator[str]:
    kinds = {JobStatus.COMPLETE: ["ready"], JobStatus.FAILED: ["failed"], JobStatus.DEAD: ["failed"]}
    mails = list(job.mails.all())
    if sorted(mail.kind for mail in mails) != kinds.get(JobStatus(job.status), []):
        yield f"{job} is {job.status} and has these mails: {mails}"
    for mail in mails:
        allowed = {"sent": {1}, "unknown": {0, 1}, "failed": {0}}.get(mail.status, set[int]())
        if taken[mail.message_id] not in allowed:
            yield f"{job}: its mail is {mail.status}, the server took it {taken[mail.message_id]} times"


def _folder(jobs: list[ExportJob]) -> Iterator[str]:
    wanted = {job.file_name for job in jobs if job.status == JobStatus.COMPLETE}
    if there := set(storage.names()) ^ wanted:
        yield f"files without a job, or jobs without a file: {sorted(there)}"


def _twice(taken: Counter[str]) -> Iterator[str]:
    unknown = set(taken) - set(Mail.objects.values_list("message_id", flat=True))
    yield from (f"{name} was taken {times} times" for name, times in taken.items() if times > 1)
    yield from (f"{name} is no mail of ours" for name in unknown)


def seconds_until_free(limit: float) -> float | None:
    """How long the slot stays taken from now on; None: longer than the limit."""
    begun = time.monotonic()
    while time.monotonic() - begun < limit:
        if not ExportJob.objects.filter(status__in=ACTIVE).exists():
            return time.monotonic() - begun
        time.sleep(0.2)
    return None
