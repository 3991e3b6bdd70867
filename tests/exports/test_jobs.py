"""The job's life: each door opens from where it should, once, and every move is written down."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from exports.models import ExportJob
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


def running(job: ExportJob) -> int:
    attempt = job.claim("here:1")
    assert attempt is not None
    return attempt


def let_lease_run_out(job: ExportJob) -> None:
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    ExportJob.objects.filter(pk=job.pk).update(lease_expires_at=long_ago)
    job.refresh_from_db()


def story(job: ExportJob) -> list[str]:
    return [event.status for event in job.events.all()]


def test_it_works(job: ExportJob) -> None:
    attempt = running(job)
    assert attempt == 1
    assert send_heartbeat(job, attempt, rows_written=1, rows_expected=2)
    assert job.publish(attempt, **FACTS)
    assert (job.status, job.progress) == ("COMPLETE", 100)
    assert job.started_at
    assert job.finished_at
    assert job.started_at <= job.finished_at
    assert job.has_file
    assert story(job) == ["RUNNING", "COMPLETE"]


def test_one_export_is_active_site_wide(job: ExportJob, bob: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.create(submitted_by=bob)
    job.request_cancel("alice")
    assert ExportJob.objects.create(submitted_by=bob).pk


@pytest.mark.parametrize("status", ENDED)
def test_any_number_of_ended_exports_may_stand(alice: User, status: JobStatus) -> None:
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


def test_only_one_worker_claims(job: ExportJob) -> None:
    same = ExportJob.objects.get(pk=job.pk)
    assert job.claim("here:1") == 1
    assert same.claim("there:2") is None
    assert ExportJob.objects.get(pk=job.pk).worker == "here:1"


def test_progress_is_percent_and_never_goes_back(job: ExportJob) -> None:
    attempt = running(job)
    assert send_heartbeat(job, attempt, rows_written=600, rows_expected=1000)
    let_lease_run_out(job)
    assert job.expire_lease() == JobStatus.ENQUEUED
    attempt = running(job)
    assert send_heartbeat(job, attempt, rows_written=10, rows_expected=1000)
    job.refresh_from_db()
    assert (job.progress, job.rows_written) == (60, 10)
    assert send_heartbeat(job, attempt, rows_written=1000, rows_expected=1000)
    job.refresh_from_db()
    assert job.progress == 99, "100 is for COMPLETE alone"


def test_a_worker_that_lost_its_job_can_do_nothing(job: ExportJob) -> None:
    old = running(job)
    let_lease_run_out(job)
    job.expire_lease()
    new = running(job)
    assert new == old + 1
    assert not send_heartbeat(job, old, rows_written=1, rows_expected=2)
    assert not job.publish(old, **FACTS)
    assert not job.fail(old, "no")
    assert not job.requeue(old, "no")
    assert job.publish(new, **FACTS)


def test_a_beat_prolongs_the_lease(job: ExportJob) -> None:
    attempt = running(job)
    let_lease_run_out(job)
    assert send_heartbeat(job, attempt, rows_written=0, rows_expected=1)
    assert job.expire_lease() is None
    job.refresh_from_db()
    assert job.status == JobStatus.RUNNING


def test_a_lease_ends_also_when_the_databases_clock_is_set_back(job: ExportJob) -> None:
    running(job)
    in_an_hour = timezone.now() + datetime.timedelta(hours=1)
    ExportJob.objects.filter(pk=job.pk).update(lease_expires_at=in_an_hour)
    assert [neglected.pk for neglected in ExportJob.objects.neglected()] == [job.pk]
    assert job.expire_lease() == JobStatus.ENQUEUED


def test_a_waiting_job_is_cancelled_at_once(job: ExportJob) -> None:
    assert job.request_cancel("alice") == JobStatus.CANCELLED
    assert job.finished_at
    assert job.claim("here:1") is None
    assert story(job) == ["CANCELLED"]


def test_a_cancel_wins_over_what_finishes_later(job: ExportJob) -> None:
    attempt = running(job)
    assert job.request_cancel("alice") == JobStatus.CANCEL_REQUESTED
    assert not send_heartbeat(job, attempt, rows_written=1, rows_expected=2)
    assert not job.publish(attempt, **FACTS)
    assert job.settle_cancel(attempt)
    assert story(job) == ["RUNNING", "CANCEL_REQUESTED", "CANCELLED"]


def test_a_cancel_that_comes_too_late_changes_nothing(job: ExportJob) -> None:
    attempt = running(job)
    job.publish(attempt, **FACTS)
    assert job.request_cancel("alice") is None
    assert job.status == JobStatus.COMPLETE


def test_a_cancelled_job_of_a_dead_worker_ends(job: ExportJob) -> None:
    running(job)
    job.request_cancel("alice")
    let_lease_run_out(job)
    assert job.expire_lease() == JobStatus.CANCELLED


def test_after_the_last_attempt_the_job_is_dead(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_ATTEMPTS = 2
    for expected in (JobStatus.ENQUEUED, JobStatus.DEAD):
        running(job)
        let_lease_run_out(job)
        assert job.expire_lease() == expected
    assert "Failed after 2 attempts" in job.message
    assert story(job) == ["RUNNING", "ENQUEUED", "RUNNING", "DEAD"]


def test_a_job_put_back_counts_no_attempt(job: ExportJob) -> None:
    attempt = running(job)
    assert job.requeue(attempt, "the worker is stopping")
    assert (job.status, job.lost_attempt_count, job.lease_expires_at) == (JobStatus.ENQUEUED, 0, None)
    assert running(job) == attempt + 1


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
def test_the_database_refuses_what_cannot_be(job: ExportJob, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.filter(pk=job.pk).update(**wrong)


@pytest.mark.parametrize("missing", ["sha256", "file_name", "bytes", "rows_expected"])
def test_a_complete_job_has_a_whole_file(job: ExportJob, missing: str) -> None:
    attempt = running(job)
    empty: Any = "" if missing in {"sha256", "file_name"} else None
    with pytest.raises(IntegrityError), transaction.atomic():
        job.publish(attempt, **FACTS | {missing: empty})


def test_rows_short_of_the_count_are_never_complete(job: ExportJob) -> None:
    attempt = running(job)
    with pytest.raises(IntegrityError), transaction.atomic():
        job.publish(attempt, **FACTS | {"rows_written": 1})


def test_every_status_is_either_active_or_ended() -> None:
    assert set(ACTIVE) | set(ENDED) == set(JobStatus)
    assert not set(ACTIVE) & set(ENDED)
