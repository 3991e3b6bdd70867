"""Each check of a chaos run finds what it is for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from archive.filters import IssueFilter
from archive.models import ArchivedIssue, RemovalKind
from archive.removals import remove_issues
from exports import services
from exports.models import ExportJob
from exports.tasks import build_export
from imports.models import ImportJob
from tests.chaos import audit
from tests.chaos.import_files import ImportFile, ImportFiles
from tests.chaos.invariants_archive import content_violations, import_violations, removal_violations
from tests.chaos.invariants_files import folder_violations
from tests.chaos.invariants_jobs import job_violations
from tests.chaos.world import Hit
from tests.factories import make_issue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def start(db: None) -> Iterator[int]:
    """The history of an archive with three issues."""
    if connection.vendor == "postgresql":
        pytest.skip("this server does not record when transactions are committed; that of a chaos run does")
    for issue_id in (1, 2, 3):
        make_issue(issue_id, summary="first")
    yield audit.record()
    for name in audit.trigger_names():
        _execute(f"DROP TRIGGER {name}")
    _execute("DROP TABLE chaos_history")


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def export(user: User) -> ExportJob:
    job = services.request_export(user, IssueFilter())
    build_export(job.pk)
    job.refresh_from_db()
    assert job.status == "COMPLETE"
    return job


def test_a_file_equals_the_archive_at_its_moment(alice: User, start: int) -> None:
    export(alice)
    remove_issues(ArchivedIssue.objects.filter(pk=1), RemovalKind.DELETED, "ann", {})
    export(alice)
    changes = audit.find_changes(start)
    assert list(removal_violations(changes)) == []
    assert list(content_violations(changes, start)) == []


def test_a_file_that_equals_no_state_is_found(alice: User, start: int) -> None:
    job = export(alice)
    ArchivedIssue.objects.filter(pk=2).update(summary="second")  # half of what the removal's transaction changes
    torn = export(alice)
    remove_issues(ArchivedIssue.objects.filter(pk=1), RemovalKind.DELETED, "ann", {})
    found = list(content_violations(audit.find_changes(start), start))
    assert found == [f"{torn}: the archive never had this content around {torn.snapshot_at}"]
    assert job.sha256 != torn.sha256


def test_a_removal_that_says_another_number_is_found(start: int) -> None:
    remove_issues(ArchivedIssue.objects.filter(pk=1), RemovalKind.DELETED, "ann", {})
    _execute("UPDATE archive_removal SET issue_count = 7")
    assert list(removal_violations(audit.find_changes(start))) == [
        f"removal {audit.find_changes(start)[0].pk} says 7 issues, but 1 were removed"
    ]


def import_file(tmp_path: Path, issue_count: int) -> ImportFile:
    """Import a file; the result says that it has `issue_count` issues."""
    files = ImportFiles(tmp_path)
    file = files.write(0, 4)
    call_command("import_issues", str(file.path), "--rejects", str(tmp_path))
    return ImportFile(file.version, file.path, issue_count)


def test_a_whole_import_is_accepted(tmp_path: Path, start: int) -> None:
    file = import_file(tmp_path, 4)
    assert list(import_violations(audit.find_changes(start), {file.version: file}, start)) == []


def test_half_an_import_is_found(tmp_path: Path, start: int) -> None:
    file = import_file(tmp_path, 5)
    found = list(import_violations(audit.find_changes(start), {file.version: file}, start))
    assert found[0].endswith("its transaction wrote (4, 'v000001', 'v000001'), the file has (5, 'v000001', 'v000001')")


def test_an_import_that_left_issues_without_being_complete_is_found(tmp_path: Path, start: int) -> None:
    file = ImportFiles(tmp_path).write(0, 4)
    make_issue(9, summary=f"{file.version} summary")
    found = list(import_violations(audit.find_changes(start), {file.version: file}, start))
    assert found == ["issues of v000001 are in the archive, but no import of it is COMPLETE"]


def test_an_upload_that_is_left_is_found() -> None:
    job = ImportJob.objects.create(status="FAILED", operator="ann", file_name="a.csv", finished_at=timezone.now())
    folder = settings.DATA_DIR / "imports" / str(job.pk)
    folder.mkdir(parents=True)
    (folder / "upload").write_bytes(b"x")
    (settings.DATA_DIR / "exports").mkdir()
    (settings.DATA_DIR / "exports" / "7.1.part").write_bytes(b"x")
    assert list(folder_violations()) == [
        "files without an export, or exports without a file: ['7.1.part']",
        f"imports/{job.pk}/upload is left, although its import has ended",
    ]


def test_a_failure_needs_a_disk_that_failed(alice: User) -> None:
    job = services.request_export(alice, IssueFilter())
    number = job.claim("host:1")
    assert number
    assert job.fail(number, "why")
    now = timezone.now().timestamp()
    disk = Hit("disk of DATA_DIR full", "disk", now - 1, now)
    mail = Hit("mail server away", "mail", now - 1, now)
    long_ago = Hit("disk of DATA_DIR full", "disk", now - 60, now - 50)
    assert list(job_violations([disk])) == []
    assert len(list(job_violations([long_ago]))) == 1
    assert list(job_violations([mail])) == [
        f"{job} is FAILED (why) although no disk failed just then; faults: mail server away"
    ]


def test_a_lost_attempt_needs_a_fault_that_reached_it(alice: User) -> None:
    job = services.request_export(alice, IssueFilter())
    number = job.claim("host:1")
    assert number
    assert job.abandon(number, "the database failed")
    assert job.request_cancel("ann")
    now = timezone.now().timestamp()
    killed = Hit("kill -9 exporting worker", "jobs", now - 1, now)
    assert list(job_violations([killed])) == []
    assert list(job_violations([])) == [f"{job} lost 1 attempts, but faults explain only 0"]
