"""What happens to an export if the queue, the disk or the database fails."""

import datetime
import fcntl
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task

from accounts.models import User
from archive.filters import IssueFilter
from exports import retention, services, storage, tasks
from exports.models import ExportJob, Mail
from jobs import long_write, shutdown
from jobs import services as job_services
from jobs import tasks as job_tasks
from jobs.broker import DatabaseClockBroker
from jobs.leased import JobStatus
from jobs.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shutting_down() -> Iterator[None]:
    shutdown.request()
    yield
    shutdown.reset()


def status(job: ExportJob) -> str:
    job.refresh_from_db()
    return job.status


def let_wait(job: ExportJob, seconds: int) -> None:
    """Change the times of the job as if it had been waiting for so long."""
    span = datetime.timedelta(seconds=seconds)
    ExportJob.objects.filter(pk=job.pk).update(notified_at=F("notified_at") - span, enqueued_at=F("enqueued_at") - span)


def test_it_works(job: ExportJob, settings: Any) -> None:
    """If the queue loses a message, the next request sends it again, and the export is built."""
    OrmQ.objects.all().delete()
    services.running_export()
    assert OrmQ.objects.count() == 0, "not due yet"
    let_wait(job, settings.EXPORT_ASK_SECONDS + 1)
    services.running_export()
    services.running_export()
    assert [message.task["args"] for message in OrmQ.objects.all()] == [(job.pk,)]
    assert "The queue was notified again." in job.events.latest("id").note
    tasks.build_export(job.pk)
    assert status(job) == JobStatus.COMPLETE


def test_an_export_that_no_worker_claims_fails_and_releases_the_slot(
    job: ExportJob, alice: User, settings: Any
) -> None:
    let_wait(job, settings.EXPORT_WAIT_SECONDS + 1)
    assert services.running_export() is None
    assert status(job) == JobStatus.FAILED
    assert job.message.startswith("No worker took the job within 900 seconds.")
    assert Mail.objects.get().kind == "failed"
    assert services.request_export(alice, IssueFilter()).status == JobStatus.ENQUEUED


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has no single writer")
def test_time_in_which_an_import_kept_workers_from_claiming_does_not_count(job: ExportJob, settings: Any) -> None:
    with long_write.hold():
        services.running_export()
    let_wait(job, settings.EXPORT_WAIT_SECONDS + 1)
    services.running_export()
    assert status(job) == JobStatus.ENQUEUED
    assert "The queue was notified again." in job.events.latest("id").note

    long_ago = time.time() - settings.EXPORT_WAIT_SECONDS - 1
    lock = settings.DATA_DIR / "long-write.lock"
    os.utime(lock, (long_ago, long_ago))
    with lock.open("rb") as writer:  # a writer that will be killed
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert services.running_export() == job
    let_wait(job, settings.EXPORT_WAIT_SECONDS + 1)
    assert services.running_export() == job

    os.utime(lock, (long_ago, long_ago))
    let_wait(job, settings.EXPORT_WAIT_SECONDS + 1)
    assert services.running_export() is None
    assert status(job) == JobStatus.FAILED


def test_a_worker_that_is_shutting_down_claims_nothing(job: ExportJob, shutting_down: None) -> None:
    OrmQ.objects.all().delete()
    tasks.build_export(job.pk)
    assert (status(job), job.attempt) == (JobStatus.ENQUEUED, 0)
    assert OrmQ.objects.count() == 1


def test_a_shutdown_requeues_the_export_without_counting_the_attempt(
    job: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    OrmQ.objects.all().delete()
    answers = iter([False, True])  # not yet at the claim, then at the first heartbeat
    monkeypatch.setattr(shutdown, "is_requested", lambda: next(answers))
    tasks.build_export(job.pk)
    assert (status(job), job.attempt, job.lost_attempt_count) == (JobStatus.ENQUEUED, 1, 0)
    assert "The worker is shutting down." in job.events.latest("id").note
    assert OrmQ.objects.count() == 1
    assert storage.names() == []


def test_an_export_that_is_cancelled_during_a_shutdown_is_cancelled(
    job: ExportJob, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_just_after_a_cancel() -> bool:
        if ExportJob.objects.get(pk=job.pk).status == JobStatus.RUNNING:
            services.cancel_export(alice, job.pk)
            return True
        return False

    monkeypatch.setattr(shutdown, "is_requested", stop_just_after_a_cancel)
    tasks.build_export(job.pk)
    assert status(job) == JobStatus.CANCELLED


def test_if_the_database_fails_the_attempt_is_lost(job: ExportJob, settings: Any, broken_database: None) -> None:
    settings.EXPORT_ATTEMPTS = 2
    tasks.build_export(job.pk)
    assert (status(job), job.lost_attempt_count) == (JobStatus.ENQUEUED, 1)
    tasks.build_export(job.pk)
    assert status(job) == JobStatus.DEAD
    assert (
        job.message == "Failed after 2 attempts. The last attempt: the database failed: server closed the connection."
    )
    assert Mail.objects.get().kind == "failed"
    assert storage.names() == []


@pytest.fixture
def broken_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks during the build, as when the server restarts."""

    def broken(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(tasks, "build", broken)


def test_a_publication_whose_confirmation_was_lost_stays_published(
    job: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction was committed, but the connection broke before the worker received the confirmation."""
    real = tasks._publish
    calls: list[bool] = []

    def complete_and_break(*arguments: Any) -> bool:
        calls.append(real(*arguments))
        if len(calls) == 1:
            raise OperationalError("terminating connection")
        return calls[-1]

    monkeypatch.setattr(tasks, "_publish", complete_and_break)
    tasks.build_export(job.pk)
    assert calls == [True, True]
    assert status(job) == JobStatus.COMPLETE
    assert storage.names() == [job.file_name]
    assert Mail.objects.count() == 1


def test_a_heartbeat_waits_for_the_database_as_long_as_its_lease(
    job: ExportJob, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EXPORT_LEASE_SECONDS = 5
    real = ExportJob.heartbeat
    failures = iter([True, True])

    def heartbeat(*arguments: Any, **facts: Any) -> bool:
        if next(failures, False):
            raise OperationalError("the database system is starting up")
        return real(*arguments, **facts)

    monkeypatch.setattr(ExportJob, "heartbeat", heartbeat)
    tasks.build_export(job.pk)
    assert (status(job), job.attempt) == (JobStatus.COMPLETE, 1)


def test_if_the_disk_is_too_small_the_message_has_the_numbers(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_RESERVE_MB = 10**9
    tasks.build_export(job.pk)
    assert status(job) == JobStatus.FAILED
    assert "The file needs about 0.0 MB more, but only 0.0 MB is available." in job.message
    assert storage.names() == []


def test_more_than_a_million_issues_at_build_time_fail_with_the_contracts_message(
    job: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    from exports import builder

    monkeypatch.setattr(builder, "MOST_ISSUES", 0)
    tasks.build_export(job.pk)
    assert status(job) == JobStatus.FAILED
    assert job.message.startswith("Your filter contains invalid values")


def test_a_worker_gets_its_own_messages_first_then_the_oldest(job: ExportJob, monkeypatch: pytest.MonkeyPatch) -> None:
    OrmQ.objects.all().delete()
    shared, own = DatabaseClockBroker("exports"), DatabaseClockBroker("here:1")
    first = shared.enqueue("first")
    second = shared.enqueue("second")
    mine = own.enqueue("mine")
    other = DatabaseClockBroker("there:2").enqueue("other")
    monkeypatch.setattr(DatabaseClockBroker, "own_key", "here:1")
    assert [shared.dequeue() for _ in range(4)] == [[(mine, "mine")], [(first, "first")], [(second, "second")], None]
    assert OrmQ.objects.filter(pk=other, payload="other").exists()


def test_a_wrong_clock_of_a_host_deletes_no_file(job: ExportJob, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.build_export(job.pk)
    next_year = timezone.now() + datetime.timedelta(days=365)
    monkeypatch.setattr(timezone, "now", lambda: next_year)
    job_tasks.sweep()
    assert storage.names() == [f"{job.pk}.1.csv"]


def test_exports_are_kept_forever_and_the_queues_records_are_not(job: ExportJob) -> None:
    tasks.build_export(job.pk)
    long_ago = timezone.now() - datetime.timedelta(days=400)
    ExportJob.objects.update(submitted_at=long_ago, finished_at=long_ago, updated_at=long_ago, expires_at=long_ago)
    for name, days in (("old", 15), ("new", 13)):
        moment = timezone.now() - datetime.timedelta(days=days)
        Task.objects.create(id=name, name=name, func="x", started=moment, stopped=moment, success=False)
    Worker.objects.create(name="gone:1", host="gone", pid=1, version="0", last_seen_at=long_ago)
    job_tasks.sweep()
    assert [record.name for record in Task.objects.all()] == ["new"]
    assert not Worker.objects.exists()
    assert services.find_job(job.submitted_by, job.pk).sha256
    assert list(job.events.values_list("status", flat=True))[:3] == ["ENQUEUED", "RUNNING", "COMPLETE"]


def test_the_size_of_a_row_is_estimated_from_the_last_export(job: ExportJob) -> None:
    assert retention.usual_row_bytes() == retention.USUAL_ROW_BYTES
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert retention.usual_row_bytes() == job.bytes


def test_a_worker_is_seen_as_long_as_it_reports(alice: User) -> None:
    assert not job_services.worker_seen_lately()
    Worker.objects.create(name="here:1", host="here", pid=1, version="0.1.0")
    assert job_services.worker_seen_lately()
    assert [worker.name for worker in job_services.workers_seen()] == ["here:1"]
    Worker.objects.update(last_seen_at=F("last_seen_at") - datetime.timedelta(seconds=41))
    assert not job_services.worker_seen_lately()


def test_the_doctor_reports_problems(job: ExportJob, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    with pytest.raises(CommandError, match="need attention"):
        call_command("doctor")
    said = capsys.readouterr().out
    assert f"ok    Database: {connection.vendor}, all migrations applied." in said
    assert "WRONG Worker: none has been seen for 40 s" in said
    assert f"ok    Export: {job.pk} is ENQUEUED" in said
    let_wait(job, 60)
    Mail.objects.create(job=job, kind="ready", recipient="a@example.com", message_id="<1>", status="unknown")
    Worker.objects.create(name="here:1", host="here", pid=1, version=settings.VERSION)
    with pytest.raises(CommandError):
        call_command("doctor")
    said = capsys.readouterr().out
    assert f"ok    Worker: here:1, version {settings.VERSION}" in said
    assert f"WRONG Export: {job.pk} is ENQUEUED" in said
    assert "WRONG Email: 1 delivery unknown." in said


def test_the_doctor_reports_a_stuck_import(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    from imports.models import ImportJob

    first = ImportJob.objects.create(submitted_by=alice)
    second = ImportJob.objects.create(submitted_by=alice)
    assert first.claim("gone:1")
    with pytest.raises(CommandError):
        call_command("doctor")
    said = capsys.readouterr().out
    assert f"ok    Import: {first.pk} is RUNNING, attempt 1, 0%, worker gone:1; 1 more waiting." in said
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    ImportJob.objects.filter(pk=first.pk).update(lease_expires_at=long_ago)
    ImportJob.objects.filter(pk=second.pk).update(notified_at=long_ago)
    Schedule.objects.all().delete()
    with pytest.raises(CommandError):
        call_command("doctor")
    said = capsys.readouterr().out
    assert "WRONG Import:" in said
    assert f"{first} is stuck: no worker is running it." in said
    assert "the sweep is not scheduled: run migrate." in said


def test_messages_that_only_a_dead_worker_can_take_are_deleted(alice: User) -> None:
    Worker.objects.create(name="here:1", host="here", pid=1, version="0")
    dead = Worker.objects.create(name="gone:2", host="gone", pid=2, version="0")
    Worker.objects.filter(pk=dead.pk).update(last_seen_at=F("last_seen_at") - datetime.timedelta(minutes=6))
    for key in ("here:1", "gone:2", "long-gone:3", "exports"):
        DatabaseClockBroker(key).enqueue(f"for {key}")
    job_tasks.sweep()
    assert sorted(OrmQ.objects.values_list("key", flat=True)) == ["exports", "here:1"]
