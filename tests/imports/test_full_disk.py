"""The disk is full: whoever uploads reads a sentence with 507, an import fails with it, and nothing is left behind."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django_q.models import OrmQ

from accounts.models import User
from archive.models import ArchivedIssue
from core.errors import DiskFull
from imports import tasks, uploads
from imports.models import ImportJob
from imports.options import ImportOptions
from imports.services import request_import
from tests.chaos import disk

pytestmark = pytest.mark.django_db(transaction=True)

SENTENCE = str(DiskFull())
DISK_MEGABYTES = 2
HEAD = b"Issue id,Issue key,Issue Type,Summary\n"
LARGE = HEAD + b"".join(b"%d,AC-%d,Bug,%s\n" % (number, number, b"x" * 900) for number in range(3_000))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if not disk.mount(folder, DISK_MEGABYTES):
        pytest.skip("needs the right to mount")
    yield folder
    disk.unmount(folder)


@pytest.fixture
def data_folder_on_small_disk(small_disk: Path, settings: Any) -> Path:
    settings.DATA_DIR = small_disk
    return small_disk


@pytest.fixture
def page(client: Client, erin: User) -> Client:
    """Erin's browser."""
    client.force_login(erin)
    client.raise_request_exception = False
    return client


def upload(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("issues.csv", content)
    return client.post("/imports/", {"file": file, "on_conflict": "update"})


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def check_refused(response: Any) -> None:
    assert response.status_code == 507
    assert SENTENCE.replace("'", "&#x27;") in response.content.decode()
    assert not ImportJob.objects.exists()
    assert not OrmQ.objects.exists()


def test_it_works(page: Client, data_folder_on_small_disk: Path) -> None:
    """The disk of DATA_DIR is full before the upload is stored."""
    check_refused(upload(page, LARGE))
    assert files_in(data_folder_on_small_disk) == []


def test_the_disk_of_temporary_files_is_full(page: Client, small_disk: Path, settings: Any) -> None:
    """Django keeps an upload there while it arrives."""
    settings.FILE_UPLOAD_TEMP_DIR = str(small_disk)
    check_refused(upload(page, LARGE))
    assert files_in(small_disk) == []


@contextmanager
def small_sqlite(spare_pages: int = 40) -> Iterator[None]:
    """The database may grow by so many pages of 4 KiB."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # earlier tests left free pages
        cursor.execute("PRAGMA page_count")
        (page_count,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {page_count + spare_pages:d}")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 1073741823")


def request_until_the_disk_is_full(user: User) -> None:
    for _ in range(1_000):
        request_import(user, "issues.csv", 1, [b"x"], ImportOptions())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has a disk of its own")
def test_the_disk_of_the_database_is_full(page: Client, erin: User, data_folder: Path) -> None:
    with small_sqlite(spare_pages=0):
        with pytest.raises(OperationalError, match="disk is full"):
            request_until_the_disk_is_full(erin)
        count = ImportJob.objects.count()
        response = upload(page, HEAD)
    assert response.status_code == 507
    assert (ImportJob.objects.count(), len(list(uploads.find_import_ids()))) == (count, count)
    assert files_in(data_folder / "imports" / "incoming") == []


@pytest.mark.parametrize("content", [LARGE[:600_000], HEAD + b"wrong\n" * 100_000], ids=["sound", "rejects"])
def test_a_running_import_fails_with_the_sentence(erin: User, data_folder_on_small_disk: Path, content: bytes) -> None:
    """Issues that wait to be written, on SQLite, and those that are rejected need space on the disk of DATA_DIR."""
    if connection.vendor == "postgresql" and b"wrong" not in content:
        pytest.skip("nothing is written to DATA_DIR")
    job = request_import(erin, "issues.csv", len(content), [content], ImportOptions())
    disk.fill(data_folder_on_small_disk)
    tasks.import_upload(job.pk)
    disk.free(data_folder_on_small_disk)
    job.refresh_from_db()
    assert (job.status, job.message) == ("FAILED", SENTENCE)
    assert not ArchivedIssue.objects.exists()
    assert files_in(data_folder_on_small_disk) == []


@contextmanager
def small_tablespace() -> Iterator[None]:
    """The table of issues is on a disk of its own, which is small."""
    with tempfile.TemporaryDirectory(prefix="tablespace-", dir="/tmp") as name, connection.cursor() as cursor:
        folder = Path(name)
        if not disk.mount(folder, DISK_MEGABYTES):
            pytest.skip("needs the right to mount")
        try:
            cursor.execute("SHOW data_directory")
            (data_directory,) = cursor.fetchone()
            server = Path(data_directory).stat()
            os.chown(folder, server.st_uid, server.st_gid)
            cursor.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
            cursor.execute("ALTER TABLE archive_archivedissue SET TABLESPACE small")
            yield
            cursor.execute("ALTER TABLE archive_archivedissue SET TABLESPACE pg_default")
            cursor.execute("DROP TABLESPACE small")
        finally:
            disk.unmount(folder)


SMALL_DATABASES = {"sqlite": small_sqlite, "postgresql": small_tablespace}


def test_an_import_for_which_the_database_has_no_space_fails_with_the_sentence(erin: User, data_folder: Path) -> None:
    """It is not tried again: that would not help."""
    job = request_import(erin, "issues.csv", len(LARGE), [LARGE], ImportOptions())
    with SMALL_DATABASES[connection.vendor]():
        tasks.import_upload(job.pk)
    job.refresh_from_db()
    assert (job.status, job.message) == ("FAILED", SENTENCE)
    assert not ArchivedIssue.objects.exists()
    assert not list(uploads.find_import_ids())


def test_the_command_names_the_file_that_could_not_be_written(tmp_path: Path, small_disk: Path) -> None:
    path = tmp_path / "issues.csv"
    path.write_bytes(HEAD + b"1,AC-1,Bug,one\n" + b"wrong\n" * 100_000)
    disk.fill(small_disk)
    with pytest.raises(CommandError) as failure:
        call_command("import_issues", path, rejects=small_disk, stdout=io.StringIO(), stderr=io.StringIO())
    assert "No space left on device" in str(failure.value)
    assert str(small_disk) in str(failure.value)
    assert "Nothing of this file was imported." in str(failure.value)
    disk.free(small_disk)
    assert files_in(small_disk) == []
    assert not ArchivedIssue.objects.exists()


def test_a_file_that_cannot_be_read_is_still_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Reading fails in the middle, as on a damaged disk: the other files are imported."""
    unreadable = tmp_path / "files" / "1.csv"
    unreadable.parent.mkdir()
    unreadable.symlink_to("/proc/self/mem")  # which can be opened, and not read at its start
    (tmp_path / "files" / "2.csv").write_bytes(HEAD + b"1,AC-1,Bug,one\n")
    with pytest.raises(CommandError, match="1 issues or files could not be imported"):
        call_command("import_issues", tmp_path / "files", rejects=tmp_path, stdout=io.StringIO())
    assert f"{unreadable} can't be read: Input/output error. Nothing of it was imported." in capsys.readouterr().err
    assert ArchivedIssue.objects.count() == 1
