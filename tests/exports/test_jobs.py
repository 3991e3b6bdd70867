"""The transitions of an export: each one works from the right statuses only, once, and writes an event."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from exports.models import ExportJob
from jobs import lifecycle
from jobs.leased import ACTIVE, ENDED, JobStatus
from tests.factories import send_heartbeat

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {
    "rows_expected": 2,
    "rows_written": 2,
    "snapshot_at": datetime.datetime(2023, 1, 1, tzinfo=datetime.UTC),
    "file_name": "1.1.csv",
    "bytes": 10,
    "sha256": "0" * 64,
}


@pytest.fixture
def job(alice: User) -> ExportJob:
    return ExportJob.objects.create(submitted_by=alice)


def start(job: ExportJob) -> int:
    """Claim the job and return the attempt number."""
    attempt = job.claim("here:1")
    assert attempt is not None
    return attempt


def let_lease_expire(job: ExportJob) -> None:
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    ExportJob.objects.filter(pk=job.pk).update(lease_expires_at=long_ago, is_suspect=True)
    job.refresh_from_db()


def event_statuses(job: ExportJob) -> list[str]:
    return [event.status for event in job.events.all()]


def test_it_works(job: ExportJob) -> None:
    attempt = start(job)
    assert attempt == 1
    assert send_heartbeat(job, attempt, rows_written=1, rows_expected=2)
    assert job.publish(attempt, **FACTS)
    assert (job.status, job.progress) == ("COMPLETE", 100)
    assert job.started_at
    assert job.finished_at
    assert job.started_at <= job.finished_at
    assert job.has_file
    assert event_statuses(job) == ["RUNNING", "COMPLETE"]


def test_one_export_is_active_site_wide(job: ExportJob, bob: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.create(submitted_by=bob)
    job.request_cancel("alice")
    assert ExportJob.objects.create(submitted_by=bob).pk


@pytest.mark.parametrize("status", ENDED)
def test_there_can_be_several_ended_exports(alice: User, status: JobStatus) -> None:
    for _ in range(2):
        ExportJob.objects.create(
            submitted_by=alice,
            status=status,
            finished_at=timezone.now(),
            expires_at=timezone.now(),
            progress=100,
            **FACTS,
        )
    assert ExportJob.objects.count() == 2


def test_only_one_worker_claims_a_job(job: ExportJob) -> None:
    same = ExportJob.objects.get(pk=job.pk)
    assert job.claim("here:1") == 1
    assert same.claim("there:2") is None
    assert ExportJob.objects.get(pk=job.pk).worker == "here:1"


def test_progress_is_percent_and_never_goes_back(job: ExportJob) -> None:
    attempt = start(job)
    assert send_heartbeat(job, attempt, rows_written=600, rows_expected=1000)
    let_lease_expire(job)
    assert job.expire_lease() == JobStatus.ENQUEUED
    attempt = start(job)
    assert send_heartbeat(job, attempt, rows_written=10, rows_expected=1000)
    job.refresh_from_db()
    assert (job.progress, job.rows_written) == (60, 10)
    assert send_heartbeat(job, attempt, rows_written=1000, rows_expected=1000)
    job.refresh_from_db()
    assert job.progress == 99, "only a COMPLETE job is at 100"


def test_a_worker_that_lost_its_job_can_not_change_it(job: ExportJob) -> None:
    old = start(job)
    let_lease_expire(job)
    job.expire_lease()
    new = start(job)
    assert new == old + 1
    assert not send_heartbeat(job, old, rows_written=1, rows_expected=2)
    assert not job.publish(old, **FACTS)
    assert not job.fail(old, "no")
    assert not job.requeue(old, "no")
    assert job.publish(new, **FACTS)


def test_a_heartbeat_extends_the_lease(job: ExportJob) -> None:
    attempt = start(job)
    let_lease_expire(job)
    assert send_heartbeat(job, attempt, rows_written=0, rows_expected=1)
    assert job.expire_lease() is None
    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING


def test_a_lease_also_ends_if_the_databases_clock_is_set_back(job: ExportJob) -> None:
    start(job)
    in_an_hour = timezone.now() + datetime.timedelta(hours=1)
    ExportJob.objects.filter(pk=job.pk).update(lease_expires_at=in_an_hour)
    assert [found.pk for found in ExportJob.objects.questionable()] == [job.pk]
    assert job.suspect()
    let_lease_expire(job)
    assert job.expire_lease() == JobStatus.ENQUEUED


def test_a_worker_whose_lease_is_over_gets_a_last_call(job: ExportJob) -> None:
    """After an outage of the database all leases are over, though the workers are alive."""
    attempt = start(job)
    ExportJob.objects.filter(pk=job.pk).update(lease_expires_at=timezone.now() - datetime.timedelta(hours=1))
    lifecycle.reap(ExportJob)
    job.refresh_from_db()
    assert (job.status, job.is_suspect) == (JobStatus.RUNNING, True)
    assert job.expire_lease() is None
    assert send_heartbeat(job, attempt, rows_written=0, rows_expected=1)
    job.refresh_from_db()
    assert not job.is_suspect
    assert not job.suspect()


def test_a_waiting_job_is_cancelled_at_once(job: ExportJob) -> None:
    assert job.request_cancel("alice") == JobStatus.CANCELLED
    assert job.finished_at
    assert job.claim("here:1") is None
    assert event_statuses(job) == ["CANCELLED"]


def test_a_cancelled_job_can_not_be_published(job: ExportJob) -> None:
    attempt = start(job)
    assert job.request_cancel("alice") == JobStatus.CANCEL_REQUESTED
    assert not send_heartbeat(job, attempt, rows_written=1, rows_expected=2)
    assert not job.publish(attempt, **FACTS)
    assert job.settle_cancel(attempt)
    assert event_statuses(job) == ["RUNNING", "CANCEL_REQUESTED", "CANCELLED"]


def test_a_complete_job_can_not_be_cancelled(job: ExportJob) -> None:
    attempt = start(job)
    job.publish(attempt, **FACTS)
    assert job.request_cancel("alice") is None
    assert job.status == JobStatus.COMPLETE


def test_a_cancelled_job_ends_if_its_worker_is_lost(job: ExportJob) -> None:
    start(job)
    job.request_cancel("alice")
    let_lease_expire(job)
    assert job.expire_lease() == JobStatus.CANCELLED


def test_after_the_last_attempt_the_job_is_dead(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_ATTEMPTS = 2
    for expected in (JobStatus.ENQUEUED, JobStatus.DEAD):
        start(job)
        let_lease_expire(job)
        assert job.expire_lease() == expected
    assert "Failed after 2 attempts" in job.message
    assert event_statuses(job) == ["RUNNING", "ENQUEUED", "RUNNING", "DEAD"]


def test_a_requeued_job_does_not_count_a_lost_attempt(job: ExportJob) -> None:
    attempt = start(job)
    assert job.requeue(attempt, "the worker is stopping")
    assert (job.status, job.lost_attempt_count, job.lease_expires_at) == (JobStatus.ENQUEUED, 0, None)
    assert start(job) == attempt + 1


@pytest.mark.parametrize("status", ENDED)
def test_an_ended_job_never_changes_its_status(alice: User, status: JobStatus) -> None:
    job = ExportJob.objects.create(
        submitted_by=alice, status=status, finished_at=timezone.now(), expires_at=timezone.now(), progress=100, **FACTS
    )
    other = JobStatus.FAILED if status != JobStatus.FAILED else JobStatus.CANCELLED
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ExportJob.objects.filter(pk=job.pk).update(status=other)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "PAUSED"},
        {"status": "RUNNING"},
        {"status": "FAILED"},
        {"finished_at": timezone.now()},
        {"progress": 101},
        {"status": "COMPLETE", "finished_at": timezone.now()},
    ],
)
def test_the_database_rejects_impossible_rows(job: ExportJob, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.filter(pk=job.pk).update(**wrong)


@pytest.mark.parametrize("missing", ["sha256", "file_name", "bytes", "rows_expected"])
def test_a_complete_job_needs_all_facts_of_its_file(job: ExportJob, missing: str) -> None:
    attempt = start(job)
    empty: Any = "" if missing in {"sha256", "file_name"} else None
    with pytest.raises(IntegrityError), transaction.atomic():
        job.publish(attempt, **FACTS | {missing: empty})


def test_an_export_with_fewer_rows_than_counted_is_never_complete(job: ExportJob) -> None:
    attempt = start(job)
    with pytest.raises(IntegrityError), transaction.atomic():
        job.publish(attempt, **FACTS | {"rows_written": 1})


def test_every_status_is_either_active_or_ended() -> None:
    assert set(ACTIVE) | set(ENDED) == set(JobStatus)
    assert not set(ACTIVE) & set(ENDED)
