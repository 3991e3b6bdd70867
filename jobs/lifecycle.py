"""How every leased job runs, ends and is taken from workers that are gone. The kind of work is the caller's."""

import logging
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django_q.tasks import async_task

from core.errors import explain
from jobs import long_write, shutdown
from jobs.attempt import DATABASE_AWAY, Attempt, patiently, worker_name
from jobs.errors import CancelRequested, LostJob, WorkerStops
from jobs.leased import JobStatus, LeasedJob
from jobs.registry import job_kinds

logger = logging.getLogger(__name__)


def enqueue(job: LeasedJob) -> None:
    """Notify the queue in the caller's transaction: no row without a message, no message without a row."""
    task = job_kinds[type(job)].task
    name = f"{task.rpartition('.')[2]} {job.pk}"
    async_task(task, job.pk, task_name=name)  # type: ignore[no-untyped-call]


def run(job: LeasedJob, work: Callable[[Attempt], None]) -> None:
    """Claim the job, do its work and settle it. Safe to call twice, late, or on two workers at once.

    `work` completes the job itself, in the transaction that publishes what it did; whatever it raises instead ends
    the attempt.
    """
    if shutdown.is_requested():
        enqueue(job)  # this message is used up: leave one for the next worker
        return
    number = job.claim(worker_name())
    if number is None:
        logger.info("%s is not waiting, or another job of its kind is running", job)
        return
    attempt = Attempt(job, number)
    try:
        with attempt.heartbeats():
            work(attempt)
    except CancelRequested:
        patiently(lambda: job.settle_cancel(number))
    except WorkerStops:
        _requeue(job, number)
    except LostJob:
        logger.warning("%s went to another worker during attempt %s", job, number)
    except Exception as error:  # noqa: BLE001 - whatever it is, the slot must become free
        _settle_error(job, number, error)


def reap(model: type[LeasedJob]) -> None:
    """Free jobs of workers that are gone, and notify the queue again of lost messages. Cheap: call it anywhere."""
    if long_write.is_running():  # nobody can write now, neither the workers' heartbeats nor what follows
        return
    for job in model.objects.questionable():
        if job.status == JobStatus.ENQUEUED:
            _renotify(job)
        elif job.is_exclusive:  # its process held the lock on long writes as long as it lived
            _settle_loss(job, partial(job.expire_lease, is_worker_gone=True))
        elif job.is_suspect:
            _settle_loss(job, job.expire_lease)
        else:
            job.suspect()


def find_stuck(model: type[LeasedJob]) -> LeasedJob | None:
    """The oldest job that no worker takes, or whose worker is gone; None if there is none."""
    if long_write.is_running():
        return None
    stuck: LeasedJob | None = model.objects.questionable().order_by("pk").first()
    return stuck


def reap_all() -> None:
    for model in job_kinds:
        reap(model)


def failure_message(error: Exception) -> str:
    """The sentence for the person who asked; an unexpected error gets a number that leads to the log."""
    known = explain(error)
    if known is not None:
        if known is not error:
            logger.error("A job failed: %s", error)  # with the path, which only administrators should see
        return str(known)
    incident = uuid.uuid4().hex[:12]
    logger.error("Incident %s", incident, exc_info=error)
    return (
        f"An unexpected error ended the job. Your portal administrator can find it in the log as incident {incident}."
    )


def _requeue(job: LeasedJob, number: int) -> None:
    """The worker stops: the job waits for another one, and this attempt does not count."""
    with transaction.atomic():
        if job.requeue(number, "The worker is shutting down. The job waits for another worker."):
            enqueue(job)
            return
    job.settle_cancel(number)


def _settle_error(job: LeasedJob, number: int, error: Exception) -> None:
    """A lost database is a lost attempt; anything else fails the job, a full disk of the database included."""
    if isinstance(error, DATABASE_AWAY) and explain(error) is None:
        logger.error("%s lost the database in attempt %s", job, number, exc_info=error)
        reason = f"the database failed: {str(error).strip()}"
        patiently(lambda: _settle_loss(job, lambda: job.abandon(number, reason)))
    else:
        _settle_failure(job, number, failure_message(error))


def _settle_loss(job: LeasedJob, lose: Callable[[], JobStatus | None]) -> None:
    """Move a job whose attempt was lost, and do what its new status asks for."""
    with transaction.atomic():
        status = lose()
        if status == JobStatus.ENQUEUED:
            enqueue(job)
        elif status == JobStatus.DEAD:
            _kind(job).on_failure(job)


def _settle_failure(job: LeasedJob, number: int, message: str) -> None:
    def settle() -> None:
        with transaction.atomic():
            if job.fail(number, message):
                _kind(job).on_failure(job)
                return
        job.settle_cancel(number)

    patiently(settle)


def _renotify(job: LeasedJob) -> None:
    """Notify the queue again of a job that nobody took, or give it up."""
    with transaction.atomic():
        if job.give_up_waiting():
            _kind(job).on_failure(job)
        elif job.renotify_queue():
            enqueue(job)


def _kind(job: LeasedJob) -> Any:
    return job_kinds[type(job)]
