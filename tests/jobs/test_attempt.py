"""An attempt keeps its job while it waits, loses it when it hangs, and ends a wait that must end."""

import datetime
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from exports.models import ExportJob
from jobs import lifecycle, long_write, shutdown
from jobs.attempt import Attempt
from jobs.errors import JobFailed, LostJob
from jobs.leased import JobStatus
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(alice: User) -> ExportJob:
    return ExportJob.objects.create(submitted_by=alice)


def fresh(job: ExportJob) -> ExportJob:
    return ExportJob.objects.get(pk=job.pk)


def in_background(work: Callable[[], None]) -> threading.Thread:
    """Run it as another process would, on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_it_works(job: ExportJob, settings: Any) -> None:
    """A wait longer than the lease: the job stays with its worker, and nobody else gets it."""
    settings.EXPORT_LEASE_SECONDS = 2
    seen: list[str] = []

    def wait(attempt: Attempt) -> None:
        with attempt.waiting():
            time.sleep(3.5)
        lifecycle.reap(ExportJob)
        seen.append(fresh(job).status)
        assert job.fail(attempt.number, "enough")

    lifecycle.run(job, wait)
    assert seen == ["RUNNING"]
    assert (fresh(job).status, fresh(job).attempt, fresh(job).lost_attempt_count) == ("FAILED", 1, 0)


def test_a_worker_that_hangs_loses_its_job(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_LEASE_SECONDS = 1

    def hang(attempt: Attempt) -> None:
        time.sleep(9.5)
        lifecycle.reap(ExportJob)
        assert fresh(job).is_suspect
        time.sleep(3.5)
        lifecycle.reap(ExportJob)
        attempt.report(progress=50)

    lifecycle.run(job, hang)
    assert (fresh(job).status, fresh(job).lost_attempt_count) == ("ENQUEUED", 1)
    assert "stopped responding" in job.events.latest("id").note


def test_a_cancel_interrupts_a_wait(job: ExportJob) -> None:
    released = threading.Event()

    def wait(attempt: Attempt) -> None:
        with attempt.waiting(interrupt=released.set):
            assert released.wait(timeout=20)

    worker = in_background(lambda: lifecycle.run(ExportJob.objects.get(pk=job.pk), wait))
    wait_for(lambda: fresh(job).status == JobStatus.RUNNING, "the job runs")
    job.request_cancel("alice")
    worker.join(timeout=10)
    assert fresh(job).status == "CANCELLED"


def test_the_error_of_an_interrupted_wait_does_not_hide_the_reason(job: ExportJob) -> None:
    """A query that is cancelled raises the database's error; the job was cancelled, it did not fail."""
    released = threading.Event()

    def wait(attempt: Attempt) -> None:
        with attempt.waiting(interrupt=released.set):
            assert released.wait(timeout=20)
            raise ValueError("canceling statement due to user request")

    worker = in_background(lambda: lifecycle.run(ExportJob.objects.get(pk=job.pk), wait))
    wait_for(lambda: fresh(job).status == JobStatus.RUNNING, "the job runs")
    job.request_cancel("alice")
    worker.join(timeout=10)
    assert fresh(job).status == "CANCELLED"


def test_the_deadline_ends_a_wait(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_DEADLINE_SECONDS = 1
    released = threading.Event()

    def wait(attempt: Attempt) -> None:
        with attempt.waiting(interrupt=released.set):
            assert released.wait(timeout=20)

    lifecycle.run(job, wait)
    assert fresh(job).status == "FAILED"
    assert "was stopped after 1 seconds" in fresh(job).message


def test_a_worker_that_lost_its_job_changes_nothing_of_it(job: ExportJob) -> None:
    def lose(attempt: Attempt) -> None:
        ExportJob.objects.filter(pk=job.pk).update(attempt=2, worker="there:2")
        with pytest.raises(LostJob):
            attempt.send_heartbeat()
        raise LostJob

    lifecycle.run(job, lose)
    assert (fresh(job).status, fresh(job).worker, fresh(job).attempt) == ("RUNNING", "there:2", 2)


def test_a_worker_that_is_to_stop_requeues_what_waits(job: ExportJob, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def wait(attempt: Attempt) -> None:
        monkeypatch.setattr(shutdown, "is_requested", lambda: True)
        with attempt.waiting(interrupt=released.set):
            assert released.wait(timeout=20)

    lifecycle.run(job, wait)
    assert (fresh(job).status, fresh(job).lost_attempt_count) == ("ENQUEUED", 0)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no single writer")
def test_an_exclusive_phase_needs_no_heartbeat(job: ExportJob, settings: Any) -> None:
    """SQLite lets nobody write while an import does: its worker is known to live by the lock on long writes."""
    settings.EXPORT_LEASE_SECONDS = 1

    def write(attempt: Attempt) -> None:
        with attempt.exclusive():
            assert long_write.is_running()
            # Whoever looks may be in another container and see no process of this name.
            ExportJob.objects.filter(pk=job.pk).update(worker="another-container:7")
            time.sleep(2.5)
            lifecycle.reap(ExportJob)
            assert fresh(job).status == JobStatus.RUNNING
        assert not long_write.is_running()
        assert job.fail(attempt.number, "enough")

    lifecycle.run(job, write)
    assert (fresh(job).status, fresh(job).is_exclusive) == ("FAILED", False)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no single writer")
def test_an_exclusive_phase_that_fails_is_settled_by_its_own_worker(job: ExportJob) -> None:
    """The lock on long writes is free before the job is settled: nobody may take the worker for dead in between."""

    def fail(attempt: Attempt) -> None:
        with attempt.exclusive():
            raise JobFailed("The file is damaged.")

    lifecycle.run(job, fail)
    notes = list(job.events.values_list("status", "note"))
    assert notes[-1] == ("FAILED", "The file is damaged.")
    assert fresh(job).lost_attempt_count == 0


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no single writer")
def test_a_process_that_is_gone_loses_its_exclusive_phase_at_once(job: ExportJob) -> None:
    attempt = job.claim("another-container:7")
    assert attempt
    assert job.begin_exclusive(attempt)
    lifecycle.reap(ExportJob)
    assert (fresh(job).status, fresh(job).lost_attempt_count) == ("ENQUEUED", 1)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no single writer")
def test_a_job_survives_a_long_write_of_others(job: ExportJob, settings: Any) -> None:
    """An export that runs while an import writes can send no heartbeat, and keeps its job nevertheless."""
    settings.EXPORT_LEASE_SECONDS = 1
    settings.DATABASES["default"]["OPTIONS"]["timeout"] = 0.5
    has_lock = threading.Event()

    def write_long() -> None:
        with long_write.hold(), transaction.atomic():
            has_lock.set()
            time.sleep(4)

    def work(attempt: Attempt) -> None:
        writer = in_background(write_long)
        assert has_lock.wait(timeout=5)
        for _ in range(45):
            attempt.report(progress=10)
            time.sleep(0.1)
        writer.join()
        lifecycle.reap(ExportJob)  # the lease is over: the first to see it only asks the worker
        assert wait_for(lambda: not fresh(job).is_suspect, "the worker answers")
        lifecycle.reap(ExportJob)
        assert job.fail(attempt.number, "enough")

    lifecycle.run(job, work)
    assert (fresh(job).status, fresh(job).lost_attempt_count) == ("FAILED", 0)


def test_a_lease_far_ahead_is_over(job: ExportJob) -> None:
    """Only a database's clock that was set back makes one: the job must not be kept until then."""
    assert job.claim("here:1")
    far = timezone.now() + datetime.timedelta(hours=1)
    ExportJob.objects.filter(pk=job.pk).update(lease_expires_at=far)
    lifecycle.reap(ExportJob)

    def is_free() -> bool:
        lifecycle.reap(ExportJob)
        return fresh(job).status == "ENQUEUED"

    wait_for(is_free, "the last call is over")
