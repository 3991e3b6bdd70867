"""What the audit trail says about imports, and the exact list of the issues that each one overwrote."""

import datetime
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import AuditEvent, User
from imports import overwritten, tasks
from imports.models import ImportJob, OverwrittenIssue
from imports.options import ImportOptions
from imports.services import request_import

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = "Issue id,Issue key,Issue Type,Summary,Created\n"


def csv(summary: str, *numbers: int) -> bytes:
    rows = [f"{number},AC-{number},Bug,{summary} {number},\n" for number in numbers]
    return (HEAD + "".join(rows)).encode()


def imported(user: User, content: bytes, **chosen: Any) -> ImportJob:
    job = request_import(user, "issues.csv", len(content), [content], ImportOptions.from_json(chosen))
    tasks.import_upload(job.pk)
    job.refresh_from_db()
    return job


def listed(job: ImportJob) -> bytes:
    return b"".join(overwritten.csv_lines(job.pk))


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def test_it_works(erin: User) -> None:
    imported(erin, csv("old", 1, 2, 3))
    job = imported(erin, csv("old", 2) + csv("new", 1, 3, 4).removeprefix(HEAD.encode()))
    assert listed(job) == b"Issue id,Issue key\r\n1,AC-1\r\n3,AC-3\r\n"
    asked = events("import.requested")[1]
    assert (asked.user, asked.object_id, asked.object_label) == (erin, str(job.pk), "issues.csv")
    assert asked.details == {"bytes": job.bytes, "on_conflict": "update", "is_dry_run": False}
    first, second = events("import.settled")
    assert first.details["overwritten_sha256"] == ""
    assert (second.user, second.outcome) == (erin, "ok")
    assert second.details == {
        "status": "COMPLETE",
        "is_dry_run": False,
        "created": 1,
        "updated": 2,
        "unchanged": 1,
        "skipped": 0,
        "rejected": 0,
        "overwritten_sha256": hashlib.sha256(listed(job)).hexdigest(),
    }


def test_issues_that_swap_keys_are_listed_under_their_new_ones(erin: User) -> None:
    imported(erin, csv("same", 1, 2))
    swapped = HEAD + "1,AC-2,Bug,same 1,\n2,AC-1,Bug,same 2,\n"
    job = imported(erin, swapped.encode())
    assert listed(job) == b"Issue id,Issue key\r\n1,AC-2\r\n2,AC-1\r\n"


def test_a_dry_run_and_a_failed_import_overwrite_nothing(erin: User) -> None:
    imported(erin, csv("old", 1, 2))
    dry = imported(erin, csv("new", 1, 2), is_dry_run=True)
    failed = imported(erin, csv("new", 1, 2), on_conflict="error")
    assert (dry.updated_count, failed.status) == (2, "FAILED")
    assert not OverwrittenIssue.objects.exists()
    _, of_dry, of_failed = events("import.settled")
    assert (of_dry.details["is_dry_run"], of_dry.details["overwritten_sha256"]) == (True, "")
    assert (of_failed.outcome, of_failed.details) == ("failed", {"status": "FAILED", "is_dry_run": False})


def test_the_list_has_every_issue_of_many_batches(erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overwritten, "CHUNK", 100)
    imported(erin, csv("old", *range(1, 2501)))
    job = imported(erin, csv("new", *range(1, 2501)))
    assert job.updated_count == OverwrittenIssue.objects.filter(job=job).count() == 2500
    assert listed(job).count(b"\r\n") == 2501


def test_the_command_keeps_a_list_for_each_file(tmp_path: Path) -> None:
    for name, content in (("a.csv", csv("old", 1, 2)), ("b.csv", csv("new", 2, 3))):
        (tmp_path / name).write_bytes(content)
        call_command("import_issues", tmp_path / name, rejects=tmp_path)
    call_command("import_issues", tmp_path / "a.csv", rejects=tmp_path, dry_run=True)
    first, second = ImportJob.objects.order_by("pk")
    assert (first.created_count, second.created_count, second.updated_count) == (2, 1, 1)
    assert listed(second) == b"Issue id,Issue key\r\n2,AC-2\r\n"
    of_first, of_second = events("import.settled")
    assert (of_first.user, of_first.object_id) == (None, str(first.pk))
    assert of_second.details["overwritten_sha256"] == second.overwritten_sha256


def test_a_file_of_the_command_that_fails_leaves_no_trace_of_success(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(HEAD.encode() + b'1,AC-1,Bug,"never closed,\n')
    with pytest.raises(CommandError):
        call_command("import_issues", tmp_path / "a.csv", rejects=tmp_path, strict=True)
    assert not ImportJob.objects.exists()
    assert not events("import.settled")


def test_who_took_the_list_and_the_rejects_is_recorded(erin: User, carol: User, dave: User, client: Client) -> None:
    imported(erin, csv("old", 1))
    job = imported(erin, csv("new", 1) + b"2,AC-2,Bug,broken,tomorrow\n")
    client.force_login(erin)
    page = client.get(f"/imports/{job.pk}").content.decode()
    assert f"/imports/{job.pk}/overwritten.csv" in page
    assert b"".join(client.get(f"/imports/{job.pk}/rejects/issues.rejects.csv")).endswith(b"tomorrow\n")
    client.force_login(carol)
    answer = client.get(f"/imports/{job.pk}/overwritten.csv")
    assert b"".join(answer) == b"Issue id,Issue key\r\n1,AC-1\r\n"
    assert answer["Content-Disposition"] == f'attachment; filename="import-{job.pk}-overwritten.csv"'
    client.force_login(dave)
    assert client.get(f"/imports/{job.pk}/overwritten.csv").status_code == 403
    (rejects,) = events("import.rejects_downloaded")
    assert (rejects.user, rejects.object_id, rejects.details) == (erin, str(job.pk), {"file": "issues.rejects.csv"})
    (taken,) = events("import.overwritten_downloaded")
    assert (taken.user, taken.object_id, taken.address) == (carol, str(job.pk), "127.0.0.1")


def test_lists_are_deleted_with_the_events_that_prove_them(
    erin: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overwritten, "BATCH", 2)
    imported(erin, csv("old", 1, 2, 3, 4, 5))
    old = imported(erin, csv("new", 1, 2, 3, 4, 5))
    recent = imported(erin, csv("newer", 1, 2))
    ImportJob.objects.filter(pk=old.pk).update(finished_at=timezone.now() - datetime.timedelta(days=731))
    overwritten.delete_expired()
    assert (old.overwritten.count(), recent.overwritten.count()) == (0, 2)
    settings.AUDIT_KEEP_DAYS = 0
    ImportJob.objects.update(finished_at=timezone.now() - datetime.timedelta(days=99_999))
    overwritten.delete_expired()
    assert recent.overwritten.count() == 2


def test_a_lost_list_is_not_found(erin: User, client: Client) -> None:
    job = imported(erin, csv("old", 1))
    client.force_login(erin)
    assert client.get(f"/imports/{job.pk}/overwritten.csv").status_code == 404
