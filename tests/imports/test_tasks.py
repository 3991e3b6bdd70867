"""An upload is imported once and as a whole, even if workers die."""

import datetime
import json
import os
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import User
from archive.models import ArchivedIssue
from imports import tasks, uploads
from imports.bulk_write import TABLE
from imports.models import ImportJob
from imports.options import ImportOptions
from imports.services import find_rejects, request_import
from jobs import lifecycle, shutdown
from jobs import tasks as job_tasks
from jobs.leased import JobStatus

pytestmark = pytest.mark.django_db(transaction=True)

CSV = "Issue id,Issue key,Issue Type,Summary,Created\n{}"


def ask(user: User, content: bytes, name: str = "issues.csv", **chosen: Any) -> ImportJob:
    return request_import(user, name, len(content), [content], ImportOptions.from_json(chosen))


def rows(*numbers: int) -> bytes:
    return CSV.format("".join(f"{n},AC-{n},Bug,Issue {n},\n" for n in numbers)).encode()


def done(row: ImportJob) -> ImportJob:
    tasks.import_upload(row.pk)
    row.refresh_from_db()
    return row


def test_it_works(alice: User) -> None:
    row = done(ask(alice, rows(1, 2) + b"3,AC-3,Bug,broken,tomorrow\n"))
    assert (row.status, row.created_count, row.rejected_count, row.operator) == ("COMPLETE", 2, 1, "alice@example.com")
    assert row.report[0] == (
        "issues.csv, line 4 (AC-3): Created is 'tomorrow', which isn't a date such as 16/Jul/23 3:04 PM. "
        "Set the date format in Import options."
    )
    assert "2 created, 0 updated, 0 unchanged, 0 skipped, 1 rejected" in row.report[1]
    assert str(uploads.upload_of(row.pk).parent) not in str(row.report)
    issue = ArchivedIssue.objects.get(pk=1)
    assert (issue.archived_by.account_id, issue.archived_date) == ("alice@example.com", row.submitted_at)
    (name,) = row.rejects
    assert find_rejects(row, name).read_bytes() == CSV.format("3,AC-3,Bug,broken,tomorrow\n").encode()
    assert not uploads.upload_of(row.pk).exists()
    assert list(row.events.values_list("status", "attempt", "note")) == [
        ("ENQUEUED", 0, "Requested by Alice"),
        ("RUNNING", 1, "Import started"),
        ("COMPLETE", 1, "2 created, 0 updated"),
    ]


def test_row_file_and_message_exist_together_or_not_at_all(alice: User) -> None:
    def broken() -> Any:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        request_import(alice, "issues.csv", 9, broken(), ImportOptions())
    assert not ImportJob.objects.exists()
    assert not OrmQ.objects.exists()
    ask(alice, rows(1))
    assert OrmQ.objects.count() == 1


def test_the_import_options_are_used(alice: User) -> None:
    text = CSV.format("1,AC-1,Bug,One,16.07.2023 15:04\n").encode()
    chosen = {"archived_by": "5b-ann", "archived_date": "2024-02-03", "date_format": "%d.%m.%Y %H:%M"}
    assert done(ask(alice, text, time_zone="Asia/Tokyo", **chosen)).status == "COMPLETE"
    issue = ArchivedIssue.objects.get()
    assert issue.archived_by.account_id == "5b-ann"
    assert issue.archived_date == datetime.datetime(2024, 2, 2, 15, tzinfo=datetime.UTC)
    assert issue.created == datetime.datetime(2023, 7, 16, 6, 4, tzinfo=datetime.UTC)
    assert done(ask(alice, rows(1), on_conflict="skip")).skipped_count == 1
    failed = done(ask(alice, rows(5, 1), on_conflict="error"))
    assert (failed.status, ArchivedIssue.objects.count()) == ("FAILED", 1)
    assert "issue 1 already exists in the archive. Choose Update or Skip in Import options." in failed.message
    dry_run = done(ask(alice, rows(7), is_dry_run=True))
    assert (dry_run.status, dry_run.created_count, ArchivedIssue.objects.count()) == ("COMPLETE", 1, 1)


def test_strict_stops_at_the_first_error(alice: User) -> None:
    row = done(ask(alice, rows(1) + b"x\n", is_strict=True))
    assert (row.status, row.message) == ("FAILED", "issues.csv, line 3: the line should have 5 cells, but has 1.")
    assert not ArchivedIssue.objects.exists()


def test_a_zip_is_one_transaction_and_its_other_files_are_reported(alice: User) -> None:
    with zipfile.ZipFile(packed := BytesIO(), "w") as archive:
        archive.writestr("a.csv", rows(1))
        archive.writestr("b.ndjson", json.dumps({"id": "2", "key": "AC-2", "fields": {}}))
        archive.writestr("c.txt", "nothing")
        archive.writestr("d.json", "[1, ")
    row = done(ask(alice, packed.getvalue(), "jira.zip"))
    assert (row.status, row.created_count, row.rejected_count) == ("COMPLETE", 1, 1)
    assert "c.txt isn't a Jira CSV or JSON export. It was skipped." in row.report
    report = "\n".join(row.report)
    assert "d.json isn't valid JSON" in report
    assert "Nothing of it was imported." in report
    assert row.rejects == ["b.rejects.ndjson"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no issues", "issues.csv isn't a Jira CSV or JSON export."),
        (b"", "issues.csv is empty."),
        (b"PK\x03\x04", "issues.csv is damaged"),
    ],
)
def test_a_useless_file_fails_with_the_reason(alice: User, content: bytes, sentence: str) -> None:
    row = done(ask(alice, content))
    assert row.status == "FAILED"
    assert sentence in row.message
    assert not uploads.upload_of(row.pk).exists()


def test_the_report_lists_the_first_rejected_issues_and_counts_the_others(alice: User) -> None:
    row = done(ask(alice, rows(1) + b"x\n" * 130))
    assert row.rejected_count == 130
    assert len([line for line in row.report if "the line should have 5 cells" in line]) == 100
    assert row.report[-1] == "30 more issues were rejected."


def test_a_message_that_arrives_twice_does_nothing(alice: User) -> None:
    row = done(ask(alice, rows(1)))
    tasks.import_upload(row.pk)
    assert ImportJob.objects.get().attempt == 1


# -- Workers that die ------------------------------------------------------------------------------------


def claim_elsewhere(row: ImportJob, worker: str = "host:1") -> None:
    ImportJob.objects.filter(pk=row.pk).update(
        status=JobStatus.RUNNING,
        attempt=2,
        started_at=timezone.now(),
        is_exclusive=connection.vendor == "sqlite",
        worker=worker,
        lease_expires_at=timezone.now() + datetime.timedelta(minutes=5),
    )


def expire_lease() -> None:
    """The worker has sent no heartbeat for longer than the lease, and did not answer the last call."""
    a_moment_ago = timezone.now() - datetime.timedelta(seconds=1)
    ImportJob.objects.filter(status=JobStatus.RUNNING).update(lease_expires_at=a_moment_ago, is_suspect=True)


def test_a_worker_that_lost_its_import_changes_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(alice, rows(1))
    complete = ImportJob.complete

    def late(self: ImportJob, attempt: int, note: str, **facts: Any) -> bool:
        return complete(self, attempt - 1, note, **facts)

    monkeypatch.setattr(ImportJob, "complete", late)  # as if another worker had claimed it in the meantime
    assert done(row).status == "RUNNING"
    assert not ArchivedIssue.objects.exists()
    assert uploads.upload_of(row.pk).exists()


def test_a_worker_that_lost_its_import_does_not_touch_its_successors_files(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The successor claims attempt 2 while attempt 1 is still importing; both write rejected issues."""
    row = ask(alice, rows(1) + b"x\n")
    successors = [uploads.make_rejects_folder(row.pk, 2) / "issues.rejects.csv"]
    successors[0].write_bytes(b"of attempt 2")
    complete = ImportJob.complete

    def late(self: ImportJob, attempt: int, note: str, **facts: Any) -> bool:
        return complete(self, attempt - 1, note, **facts)

    monkeypatch.setattr(ImportJob, "complete", late)
    assert done(row).rejects == []
    assert successors[0].read_bytes() == b"of attempt 2"
    assert uploads.upload_of(row.pk).exists()


def test_a_worker_that_lost_its_import_and_then_fails_keeps_the_upload_for_its_successor(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ask(alice, b"no issues")
    fail = ImportJob.fail

    def lose_and_fail(self: ImportJob, attempt: int, message: str) -> bool:
        ImportJob.objects.filter(pk=row.pk).update(attempt=2, worker="there:2")
        return fail(self, attempt, message)

    monkeypatch.setattr(ImportJob, "fail", lose_and_fail)
    row = done(row)
    assert (row.status, row.worker) == ("RUNNING", "there:2")
    assert uploads.upload_of(row.pk).exists()


def test_an_import_whose_worker_is_gone_is_done_by_another(alice: User) -> None:
    row = ask(alice, rows(1))
    claim_elsewhere(row, "host:999999999")
    if connection.vendor == "postgresql":
        lifecycle.reap_all()
        assert ImportJob.objects.get().status == "RUNNING"  # its lease has not expired
        expire_lease()
    OrmQ.objects.all().delete()
    lifecycle.reap_all()
    assert (ImportJob.objects.get().status, OrmQ.objects.count()) == ("ENQUEUED", 1)
    assert done(row).created_count == 1


def test_after_three_lost_workers_the_import_fails(alice: User) -> None:
    row = ask(alice, rows(1))
    for _ in range(3):
        claim_elsewhere(row)
        expire_lease()
        lifecycle.reap_all()
    row.refresh_from_db()
    assert (row.status, "Failed after 3 attempts" in row.message) == ("DEAD", True)
    job_tasks.sweep()
    assert not list(uploads.find_import_ids())  # no worker deleted the upload, so the sweep does


def test_a_worker_that_must_stop_requeues_the_import(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(alice, rows(1))
    OrmQ.objects.all().delete()
    answers = iter([False, True])
    monkeypatch.setattr(shutdown, "is_requested", lambda: next(answers))
    assert done(row).status == "ENQUEUED"
    assert OrmQ.objects.count() == 1
    assert not ArchivedIssue.objects.exists()


# -- Retention -------------------------------------------------------------------------------------------


def test_rejects_are_deleted_after_the_days_that_were_promised(alice: User) -> None:
    row = done(ask(alice, rows(1) + b"x\n"))
    job_tasks.sweep()
    assert uploads.rejects_of(row.pk, row.attempt, row.rejects[0]).exists()
    ImportJob.objects.update(finished_at=timezone.now() - datetime.timedelta(days=8))
    job_tasks.sweep()
    assert not list(uploads.find_import_ids())
    assert ImportJob.objects.get().rejects == []


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DEAD])
def test_the_upload_of_an_import_that_ended_without_its_worker_is_deleted(alice: User, status: JobStatus) -> None:
    row = ask(alice, rows(1))
    job_tasks.sweep()
    assert uploads.upload_of(row.pk).exists()
    ImportJob.objects.update(status=status, finished_at=timezone.now())
    job_tasks.sweep()
    assert not list(uploads.find_import_ids())


def test_a_folder_without_an_import_is_deleted_only_when_it_is_old(alice: User) -> None:
    """An upload is stored before its row is committed."""
    uploads.accept(uploads.receive([b"half"]), 999)
    job_tasks.sweep()
    assert uploads.upload_of(999).exists()
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(uploads.upload_of(999).parent, (two_days_ago, two_days_ago))
    job_tasks.sweep()
    assert not list(uploads.find_import_ids())


# -- Waiting for the slot --------------------------------------------------------------------------------


def notified() -> list[int]:
    """The imports that the queue has messages for."""
    return sorted(message.task["args"][0] for message in OrmQ.objects.all())


def long_ago(row: ImportJob, settings: Any) -> None:
    """The import has waited for longer than a job may wait for a worker."""
    past = timezone.now() - datetime.timedelta(seconds=settings.EXPORT_WAIT_SECONDS + 60)
    ImportJob.objects.filter(pk=row.pk).update(enqueued_at=past, notified_at=past)


def test_an_import_waits_for_the_slot_and_is_done_when_the_other_has_ended(alice: User, settings: Any) -> None:
    first, second = ask(alice, rows(1)), ask(alice, rows(2))
    claim_elsewhere(first, f"host:{os.getpid()}")
    assert done(second).status == "ENQUEUED"
    long_ago(second, settings)
    lifecycle.reap_all()
    second.refresh_from_db()
    assert second.status == "ENQUEUED"  # it waits for the slot, not for a worker

    ImportJob.objects.filter(pk=first.pk).update(status=JobStatus.ENQUEUED, lease_expires_at=None, is_exclusive=False)
    OrmQ.objects.all().delete()
    assert done(first).status == "COMPLETE"
    lifecycle.reap_all()
    second.refresh_from_db()
    assert second.status == "ENQUEUED"  # the slot has just become free, and the next worker takes it
    assert set(notified()) == {second.pk}
    assert done(second).status == "COMPLETE"
    assert ArchivedIssue.objects.count() == 2


def test_an_import_waits_for_the_slot_of_one_whose_worker_dies(alice: User, settings: Any) -> None:
    first, second = ask(alice, rows(1)), ask(alice, rows(2))
    claim_elsewhere(first)
    ImportJob.objects.filter(pk=first.pk).update(lost_attempt_count=settings.EXPORT_ATTEMPTS - 1)
    assert done(second).status == "ENQUEUED"
    long_ago(second, settings)
    OrmQ.objects.all().delete()
    expire_lease()
    lifecycle.reap_all()
    first.refresh_from_db()
    assert first.status == "DEAD"
    assert notified() == [second.pk]
    assert done(second).status == "COMPLETE"


# -- Waiting for the import of a command -----------------------------------------------------------------


@contextmanager
def locked_by_a_command() -> Iterator[Callable[[], None]]:
    """Another import holds the table until the function is called, from any thread."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"LOCK TABLE {TABLE} IN SHARE ROW EXCLUSIVE MODE")
        yield other.rollback


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite's only write lock is taken before the import")
def test_an_import_keeps_its_lease_while_it_waits_for_another(alice: User, settings: Any) -> None:
    settings.EXPORT_LEASE_SECONDS = 3
    row = ask(alice, rows(1))
    with locked_by_a_command() as release:
        releasing = threading.Timer(5, release)
        releasing.start()
        watched = threading.Thread(target=reap_for, args=(4.5,))
        watched.start()
        assert done(row).status == "COMPLETE"
        releasing.join()
        watched.join()
    assert (row.attempt, row.lost_attempt_count, row.created_count) == (1, 0, 1)


def reap_for(seconds: float) -> None:
    """Do what every worker's watch does, in a thread."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        lifecycle.reap_all()
        time.sleep(0.5)
    connection.close()


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite's only write lock is taken before the import")
def test_a_worker_that_must_stop_does_not_wait_for_another_import(alice: User) -> None:
    row = ask(alice, rows(1))
    try:
        with locked_by_a_command():
            stopping = threading.Timer(1.5, shutdown.request)
            stopping.start()
            assert done(row).status == "ENQUEUED"
            stopping.join()
    finally:
        shutdown.reset()
    assert uploads.upload_of(row.pk).exists()
    assert done(row).created_count == 1
