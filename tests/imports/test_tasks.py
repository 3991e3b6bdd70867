"""An upload is imported once and whole, whoever dies."""

import datetime
import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import User
from archive.models import ArchivedIssue
from imports import tasks, uploads
from imports.models import ImportJob
from imports.services import request_import
from jobs import lifecycle, shutdown
from jobs import tasks as job_tasks
from jobs.leased import JobStatus

pytestmark = pytest.mark.django_db(transaction=True)

CSV = "Issue id,Issue key,Issue Type,Summary,Created\n{}"


def ask(user: User, content: bytes, name: str = "issues.csv", **choices: Any) -> ImportJob:
    return request_import(user, name, len(content), [content], choices)


def rows(*numbers: int) -> bytes:
    return CSV.format("".join(f"{n},AC-{n},Bug,Issue {n},\n" for n in numbers)).encode()


def done(row: ImportJob) -> ImportJob:
    tasks.import_upload(row.pk)
    row.refresh_from_db()
    return row


def test_it_works(alice: User) -> None:
    row = done(ask(alice, rows(1, 2) + b"3,AC-3,Bug,broken,tomorrow\n"))
    assert (row.status, row.created_count, row.rejected_count, row.operator) == ("COMPLETE", 2, 1, "alice@example.com")
    assert "issues.csv, line 4 (AC-3): Created is 'tomorrow'" in row.report[0]
    assert "2 created, 0 updated, 0 unchanged, 0 skipped, 1 rejected" in row.report[1]
    assert "stand in" not in str(row.report)
    issue = ArchivedIssue.objects.get(pk=1)
    assert (issue.archived_by.account_id, issue.archived_date) == ("alice@example.com", row.submitted_at)
    (name,) = row.rejects
    assert uploads.rejects_of(row.pk, name).read_bytes() == CSV.format("3,AC-3,Bug,broken,tomorrow\n").encode()
    assert not uploads.upload_of(row.pk).exists()


def test_row_file_and_message_are_there_together_or_not(alice: User) -> None:
    def broken() -> Any:
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        request_import(alice, "issues.csv", 9, broken(), {})
    assert not ImportJob.objects.exists()
    assert not OrmQ.objects.exists()
    ask(alice, rows(1))
    assert OrmQ.objects.count() == 1


def test_what_was_chosen_holds(alice: User) -> None:
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
    assert "issue 1 is in the archive already" in failed.message
    trial = done(ask(alice, rows(7), is_trial=True))
    assert (trial.status, trial.created_count, ArchivedIssue.objects.count()) == ("COMPLETE", 1, 1)


def test_a_zip_is_one_unit_and_names_what_it_passes_over(alice: User) -> None:
    with zipfile.ZipFile(packed := BytesIO(), "w") as archive:
        archive.writestr("a.csv", rows(1))
        archive.writestr("b.ndjson", json.dumps({"id": "2", "key": "AC-2", "fields": {}}))
        archive.writestr("c.txt", "nothing")
        archive.writestr("d.json", "[1, ")
    row = done(ask(alice, packed.getvalue(), "jira.zip"))
    assert (row.status, row.created_count, row.rejected_count) == ("COMPLETE", 1, 1)
    report = "\n".join(row.report)
    assert "c.txt: is neither" in report
    assert "d.json: is no JSON document" in report
    assert row.rejects == ["b.rejects.ndjson"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"no issues", "is neither Jira's REST JSON"), (b"", "is empty"), (b"PK\x03\x04", "is damaged")],
)
def test_a_file_of_no_use_fails_with_the_reason(alice: User, content: bytes, sentence: str) -> None:
    row = done(ask(alice, content))
    assert row.status == "FAILED"
    assert sentence in row.message
    assert not uploads.upload_of(row.pk).exists()


def test_a_message_that_comes_twice_does_nothing(alice: User) -> None:
    row = done(ask(alice, rows(1)))
    tasks.import_upload(row.pk)
    assert ImportJob.objects.get().attempt == 1


def claim_elsewhere(row: ImportJob, worker: str = "host:1") -> None:
    ImportJob.objects.filter(pk=row.pk).update(
        status=JobStatus.RUNNING,
        attempt=2,
        started_at=timezone.now(),
        is_exclusive=connection.vendor == "sqlite",
        worker=worker,
        lease_expires_at=timezone.now() + datetime.timedelta(hours=1),
    )


def test_a_worker_that_lost_its_import_leaves_nothing(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(alice, rows(1))
    complete = ImportJob.complete

    def late(self: ImportJob, attempt: int, note: str, **facts: Any) -> bool:
        return complete(self, attempt - 1, note, **facts)

    monkeypatch.setattr(ImportJob, "complete", late)  # as if another had claimed it meanwhile
    assert done(row).status == "RUNNING"
    assert not ArchivedIssue.objects.exists()
    assert uploads.upload_of(row.pk).exists()


def test_an_import_whose_worker_is_gone_is_done_by_another(alice: User) -> None:
    row = ask(alice, rows(1))
    claim_elsewhere(row, "host:999999999")
    if connection.vendor == "postgresql":
        lifecycle.reap_all()
        assert ImportJob.objects.get().status == "RUNNING"  # its lease holds
        ImportJob.objects.update(lease_expires_at=timezone.now() - datetime.timedelta(seconds=1))
    OrmQ.objects.all().delete()
    lifecycle.reap_all()
    assert (ImportJob.objects.get().status, OrmQ.objects.count()) == ("ENQUEUED", 1)
    assert done(row).created_count == 1


def test_after_three_lost_workers_it_is_given_up(alice: User) -> None:
    row = ask(alice, rows(1))
    for _ in range(3):
        claim_elsewhere(row)
        ImportJob.objects.update(lease_expires_at=timezone.now() - datetime.timedelta(seconds=1))
        lifecycle.reap_all()
    row.refresh_from_db()
    assert (row.status, "Failed after 3 attempts" in row.message) == ("DEAD", True)


def test_a_worker_that_must_stop_gives_the_import_back(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    row = ask(alice, rows(1))
    OrmQ.objects.all().delete()
    answers = iter([False, True])
    monkeypatch.setattr(shutdown, "is_requested", lambda: next(answers))
    assert done(row).status == "ENQUEUED"
    assert OrmQ.objects.count() == 1
    assert not ArchivedIssue.objects.exists()


def test_files_go_after_the_days_that_were_promised(alice: User) -> None:
    row = done(ask(alice, rows(1) + b"x\n"))
    job_tasks.sweep()
    assert uploads.rejects_of(row.pk, row.rejects[0]).exists()
    ImportJob.objects.update(finished_at=timezone.now() - datetime.timedelta(days=8))
    job_tasks.sweep()
    assert not uploads.known()
    assert ImportJob.objects.get().rejects == []
