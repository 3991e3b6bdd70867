"""An upload ends in time, and says so in few words, whatever is in its files."""

import zipfile
from io import BytesIO
from typing import Any

import pytest

from accounts.models import User
from imports import tasks
from imports.models import ImportJob
from imports.options import ImportOptions
from imports.services import request_import

pytestmark = pytest.mark.django_db(transaction=True)  # heartbeats have a connection of their own


def upload(user: User, content: bytes) -> ImportJob:
    job = request_import(user, "issues", len(content), [content], ImportOptions())
    tasks.import_upload(job.pk)
    job.refresh_from_db()
    return job


def test_the_deadline_ends_an_import_in_which_no_issue_is_found(alice: User, settings: Any) -> None:
    settings.EXPORT_DEADLINE_SECONDS = 0
    job = upload(alice, b"[\n" + b" \n" * 1_000_000)
    assert job.status == "FAILED"
    assert job.message == job.deadline_message()


def test_a_limit_is_named_in_the_message(alice: User, settings: Any) -> None:
    settings.IMPORT_MAX_ISSUE_BYTES = 1000
    job = upload(alice, b'Issue id,Issue key\n1,"' + b"x\n" * 1000)
    assert job.status == "FAILED"
    assert job.message.startswith("issues can't be imported: from line 2 on it has a record of more than 1,000 bytes.")
    assert "IMPORT_MAX_ISSUE_BYTES" in job.message


def test_the_message_about_an_archive_of_many_other_files_is_short(alice: User) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for number in range(150):
            file.writestr(f"{number}.txt", "Nothing to import.")
    job = upload(alice, archive.getvalue())
    assert job.status == "FAILED"
    assert job.message.count("It was skipped.") == 100
    assert job.message.endswith("There are 50 more lines like these.")
