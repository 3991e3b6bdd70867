"""The sweep deletes files of exports, whatever it can't delete, and the doctor reports what is left."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from exports import retention, services, storage, tasks
from exports.models import ExportJob
from jobs import tasks as job_tasks
from jobs.leased import JobStatus, now_plus
from tests.running import undeletable

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = -retention.LEFT_AFTER


def complete(job: ExportJob, count: int) -> list[ExportJob]:
    """Build the export and `count` - 1 more like it."""
    tasks.build_export(job.pk)
    for _ in range(count - 1):
        tasks.build_export(services.rerun_export(job.submitted_by, job.pk).pk)
    return list(ExportJob.objects.filter(status=JobStatus.COMPLETE).order_by("pk"))


def replace_by_folder(name: str) -> None:
    """Nobody can delete a folder as a file."""
    path = storage.folder() / name
    path.unlink()
    path.mkdir()


def doctor(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(CommandError):  # no worker is running
        call_command("doctor")
    return capsys.readouterr().out


def test_it_works(job: ExportJob, capsys: pytest.CaptureFixture[str], django_assert_num_queries: Any) -> None:
    jobs = complete(job, 4)
    ExportJob.objects.filter(pk__in=[job.pk for job in jobs[1:]]).update(expires_at=Now())
    with django_assert_num_queries(2):
        retention.remove_expired_files()
    assert storage.names() == [jobs[0].file_name]
    assert ExportJob.objects.exclude(file_removed_at=None).count() == 3
    with django_assert_num_queries(1):
        retention.remove_orphans()
    assert storage.names() == [jobs[0].file_name]
    assert "ok    Files: every file that should be deleted is." in doctor(capsys)


def test_a_file_that_cannot_be_deleted_keeps_no_other_file(
    job: ExportJob, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = complete(job, 2)
    ExportJob.objects.update(expires_at=now_plus(LONG_AGO))
    replace_by_folder(first.file_name)
    job_tasks.sweep()
    assert storage.names() == []
    assert f"Could not delete {first.file_name}: " in caplog.text
    assert "The sweep could not" not in caplog.text
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.file_removed_at is None
    assert second.file_removed_at is not None
    said = doctor(capsys)
    assert f"WRONG Files: 1 could not be deleted, such as {first.file_name}. " in said
    (storage.folder() / first.file_name).rmdir()
    job_tasks.sweep()
    first.refresh_from_db()
    assert first.file_removed_at is not None


def test_an_orphan_that_cannot_be_deleted_keeps_no_other_orphan(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, job: ExportJob
) -> None:
    orphans: list[Path] = []
    for number in range(1_001, 1_004):
        path = storage.folder() / f"{number}.1.part"
        path.touch()
        os.utime(path, (0, 0))
        orphans.append(path)
    with undeletable(orphans[1]):
        job_tasks.sweep()
        assert storage.names() == [orphans[1].name]
        assert f"Could not delete {orphans[1].name}: " in caplog.text
        assert f"such as {orphans[1].name}. " in doctor(capsys)
    job_tasks.sweep()
    assert storage.names() == []
