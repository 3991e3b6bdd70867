"""The sweep deletes files of imports, whatever it can't delete, and the doctor reports what is left."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from imports import retention, uploads
from imports.models import ImportJob
from jobs import tasks as job_tasks
from jobs.leased import JobStatus, now_plus
from tests.running import undeletable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def failed() -> list[ImportJob]:
    """Three imports that failed long ago and whose uploads are still there."""
    jobs = []
    for number in range(3):
        job = ImportJob.objects.create(
            file_name=f"{number}.csv",
            operator="olga",
            status=JobStatus.FAILED,
            finished_at=now_plus(-retention.LEFT_AFTER * 2),
        )
        uploads.accept(uploads.receive([b"issues"]), job.pk)
        jobs.append(job)
    return jobs


def doctor(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(CommandError):  # no worker is running
        call_command("doctor")
    return capsys.readouterr().out


def test_it_works(
    failed: list[ImportJob], capsys: pytest.CaptureFixture[str], django_assert_max_num_queries: Any
) -> None:
    assert "WRONG Uploads: the files of 3 imports could not be deleted, such as " in doctor(capsys)
    with django_assert_max_num_queries(3):
        retention.remove_files()
    assert not list(uploads.find_import_ids())
    assert "ok    Uploads: every file that should be deleted is." in doctor(capsys)


def test_an_upload_that_cannot_be_deleted_keeps_no_other_upload(
    failed: list[ImportJob], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    first = failed[0]
    with undeletable(uploads.upload_of(first.pk)):
        job_tasks.sweep()
        assert list(uploads.find_import_ids()) == [first.pk]
        assert f"Could not delete {uploads.upload_of(first.pk).parent}" in caplog.text
        assert f"WRONG Uploads: the files of 1 import could not be deleted, such as {first.pk}" in doctor(capsys)
    job_tasks.sweep()
    assert not list(uploads.find_import_ids())


def test_the_upload_of_a_complete_import_does_not_keep_its_rejects_from_being_deleted(
    failed: list[ImportJob], caplog: pytest.LogCaptureFixture
) -> None:
    job = failed[0]
    ImportJob.objects.filter(pk=job.pk).update(status=JobStatus.COMPLETE, attempt=2, progress=100, finished_at=Now())
    earlier = uploads.make_rejects_folder(job.pk, 1)
    kept = uploads.make_rejects_folder(job.pk, 2)
    with undeletable(uploads.upload_of(job.pk)):
        job_tasks.sweep()
        assert "Could not delete" in caplog.text
        assert not earlier.exists()
        assert kept.exists()
