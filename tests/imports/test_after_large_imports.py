"""Straight after a large import, PostgreSQL plans with the new statistics and counts in an index alone."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from archive import maintenance
from archive.models import MonthSummary
from imports import tasks
from imports.options import ImportOptions
from imports.seed import seed
from imports.services import request_import

MANY = 300
Import = Callable[[Path, User], object]

pytestmark = pytest.mark.django_db(transaction=True)
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no visibility map")


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """300 issues count as many, and the server does no maintenance of its own."""
    monkeypatch.setattr(maintenance, "MANY_ISSUES", MANY)
    if connection.vendor == "postgresql":
        execute("ALTER TABLE archive_archivedissue SET (autovacuum_enabled = off)")
        execute("VACUUM (ANALYZE) archive_archivedissue")
    yield
    if connection.vendor == "postgresql":
        execute("ALTER TABLE archive_archivedissue RESET (autovacuum_enabled)")


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def statistics() -> tuple[int, bool]:
    """How many issues the planner knows of, and whether an index alone tells which issues exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::int, relallvisible > 0 FROM pg_class WHERE relname = 'archive_archivedissue'")
        known_count, is_visible = cursor.fetchone()
        return known_count, is_visible


def lines(first: int, count: int) -> bytes:
    """Issues as NDJSON."""
    text = io.StringIO()
    for number in range(first, first + count):
        fields = {"project": {"key": "AC"}, "issuetype": {"id": "1", "name": "Bug"}}
        text.write(json.dumps({"id": number, "key": f"AC-{number}", "fields": fields}) + "\n")
    return text.getvalue().encode()


def run_command(path: Path, **options: object) -> None:
    call_command("import_issues", path, rejects=path.parent, stdout=io.StringIO(), **options)


def import_file(folder: Path, _user: User) -> None:
    path = folder / "issues.ndjson"
    path.write_bytes(lines(1, MANY))
    run_command(path)


def import_folder_of_small_files(folder: Path, _user: User) -> None:
    files = folder / "files"
    files.mkdir()
    for number in range(3):
        (files / f"{number}.ndjson").write_bytes(lines(1 + number * 100, 100))
    run_command(files)


def upload_archive_of_small_files(_folder: Path, user: User) -> None:
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.ndjson", lines(1 + number * 100, 100))
    content = packed.getvalue()
    job = request_import(user, "issues.zip", len(content), [content], ImportOptions())
    tasks.import_upload(job.pk)
    job.refresh_from_db()
    assert (job.status, job.created_count) == ("COMPLETE", MANY)


def create_sample_issues(_folder: Path, _user: User) -> None:
    list(seed(MANY, 1))


LARGE = [import_file, import_folder_of_small_files, upload_archive_of_small_files, create_sample_issues]


@pytest.mark.parametrize("large_import", LARGE)
@only_postgresql
def test_it_works(alice: User, tmp_path: Path, large_import: Import) -> None:
    large_import(tmp_path, alice)
    assert statistics() == (MANY, True)


@pytest.mark.parametrize("large_import", LARGE)
def test_the_months_are_counted_at_once(alice: User, tmp_path: Path, large_import: Import) -> None:
    large_import(tmp_path, alice)
    assert sum(count for _, count in MonthSummary.objects.get().months) == MANY


@only_postgresql
def test_small_imports_and_dry_runs_are_left_to_the_server(alice: User, tmp_path: Path) -> None:
    path = tmp_path / "issues.ndjson"
    path.write_bytes(lines(1, MANY))
    run_command(path, dry_run=True)
    path.write_bytes(lines(1, MANY - 1))
    run_command(path)
    assert statistics() == (0, False)


@only_postgresql
def test_maintenance_never_waits_for_another_import(caplog: pytest.LogCaptureFixture) -> None:
    """A worker that waited for it could neither stop nor take the next job."""
    list(seed(MANY, 1))
    with connection.copy().cursor() as other:
        try:
            other.execute("BEGIN")
            other.execute("LOCK TABLE archive_archivedissue IN SHARE ROW EXCLUSIVE MODE")
            execute("SET statement_timeout = '5s'")
            maintenance.after_large_change()
            assert "were not brought up to date" not in caplog.text
        finally:
            execute("RESET statement_timeout")
            other.execute("ROLLBACK")
            other.connection.close()
