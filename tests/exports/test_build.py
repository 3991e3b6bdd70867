"""What the worker does with an export, also when something fails."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import User
from archive.filters import IssueFilter
from exports import services, storage, tasks
from exports.models import ExportJob, Mail
from jobs import tasks as job_tasks
from jobs.leased import JobStatus
from tests.factories import make_project
from tests.running import undeletable

pytestmark = pytest.mark.django_db(transaction=True)


def files() -> list[str]:
    return sorted(storage.names())


def test_it_works(job: ExportJob) -> None:
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.rows_written, job.rows_expected) == (JobStatus.COMPLETE, 1, 1)
    assert files() == [f"{job.pk}.1.csv"]
    mail = Mail.objects.get()
    assert (mail.kind, mail.status, mail.recipient) == ("ready", "queued", "alice@example.com")
    assert mail.message_id.endswith("@localhost>")


def test_a_task_that_is_delivered_twice_builds_once(job: ExportJob) -> None:
    tasks.build_export(job.pk)
    tasks.build_export(job.pk)
    assert [event.status for event in job.events.all()] == ["ENQUEUED", "RUNNING", "COMPLETE"]
    assert Mail.objects.count() == 1


def test_a_cancelled_task_builds_nothing(job: ExportJob, alice: User) -> None:
    services.cancel_export(alice, job.pk)
    tasks.build_export(job.pk)
    assert files() == []
    assert not Mail.objects.exists()


def test_the_export_fails_if_a_value_of_its_filter_was_deleted(alice: User) -> None:
    project = make_project("GONE")
    job = services.request_export(alice, IssueFilter(projects=("GONE",)))
    project.delete()
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "the archive has no project key 'GONE'" in job.message
    assert Mail.objects.get().kind == "failed"
    assert services.request_export(alice, IssueFilter()).status == JobStatus.ENQUEUED


def test_if_the_folder_can_not_be_written_the_export_fails_and_releases_the_slot(
    job: ExportJob, alice: User, data_folder: Path
) -> None:
    (data_folder / "exports").write_text("a file where the folder should be")
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "incident" in job.message
    assert services.running_export() is None


def test_a_full_disk_is_named_in_the_message(job: ExportJob, data_folder: Path) -> None:
    (data_folder / "exports").mkdir()
    (data_folder / "exports" / f"{job.pk}.1.part").symlink_to("/dev/full")
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert job.message.startswith("The portal's disk is full")
    assert files() == []


def test_a_folder_that_is_read_only_is_named_in_the_message(job: ExportJob, data_folder: Path) -> None:
    folder = data_folder / "exports"
    folder.mkdir()
    with undeletable(folder):
        tasks.build_export(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert job.message == (
        "The portal can't write to the folder of its files (Operation not permitted), so nothing was saved. Ask your "
        "portal administrator to run `manage.py doctor`, then try again."
    )


def test_a_build_that_takes_too_long_fails_at_the_deadline(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_DEADLINE_SECONDS = -1
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert job.status == JobStatus.FAILED
    assert "Narrow the filter" in job.message
    assert files() == []


def lose_worker(job: ExportJob) -> None:
    """Claim the job as a worker that was then killed: its lease has expired, and it did not answer the last call."""
    assert job.claim("dead:1")
    a_moment_ago = timezone.now() - datetime.timedelta(seconds=1)
    ExportJob.objects.filter(pk=job.pk).update(lease_expires_at=a_moment_ago, is_suspect=True)


def test_a_lost_workers_job_is_queued_again_by_the_next_request(job: ExportJob, alice: User) -> None:
    lose_worker(job)
    OrmQ.objects.all().delete()
    assert services.find_job(alice, job.pk).status == JobStatus.ENQUEUED
    assert OrmQ.objects.count() == 1
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.attempt, job.lost_attempt_count) == (JobStatus.COMPLETE, 2, 1)


def test_after_the_last_attempt_the_admin_gets_an_email(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_ATTEMPTS = 1
    lose_worker(job)
    job_tasks.sweep()
    job.refresh_from_db()
    assert job.status == JobStatus.DEAD
    assert Mail.objects.get().kind == "failed"


def test_the_sweep_removes_orphaned_files(job: ExportJob, data_folder: Path) -> None:
    tasks.build_export(job.pk)
    folder = data_folder / "exports"
    for name in (f"{job.pk}.1.part", f"{job.pk}.9.csv", "999.1.csv", "README"):
        (folder / name).write_text("x")
    job_tasks.sweep()
    assert files() == [f"{job.pk}.1.csv", "README"]


def test_the_sweep_keeps_the_partial_file_of_a_running_export(job: ExportJob, data_folder: Path) -> None:
    job.claim("here:1")
    storage.folder().joinpath(f"{job.pk}.1.part").write_text("x")
    job_tasks.sweep()
    assert files() == [f"{job.pk}.1.part"]


def test_the_sweep_deletes_an_expired_file_but_not_its_export(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_KEEP_DAYS = 0
    tasks.build_export(job.pk)
    job_tasks.sweep()
    job.refresh_from_db()
    assert (job.status, job.file_removed_at is not None, files()) == (JobStatus.COMPLETE, True, [])
