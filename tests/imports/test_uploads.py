"""An upload that takes long to arrive: it is kept, holds up nobody, and is deleted if nothing more arrives."""

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from imports import tasks, uploads
from imports.models import ImportJob
from imports.options import ImportOptions
from imports.services import request_import
from jobs import tasks as job_tasks
from jobs.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)

CSV = b"Issue id,Issue key,Issue Type\n1,AC-1,Bug\n"


def ask(user: User, chunks: Iterator[bytes]) -> ImportJob:
    return request_import(user, "issues.csv", len(CSV), chunks, ImportOptions())


def test_a_sweep_while_an_upload_arrives_deletes_nothing_of_it(erin: User) -> None:
    def chunks() -> Iterator[bytes]:
        yield CSV[:10]
        job_tasks.sweep()
        yield CSV[10:]

    job = ask(erin, chunks())
    tasks.import_upload(job.pk)
    job.refresh_from_db()
    assert (job.status, job.created_count) == ("COMPLETE", 1)


def test_others_can_write_while_an_upload_arrives(erin: User, settings: Any) -> None:
    settings.DATABASES["default"]["OPTIONS"] |= {"timeout": 0.5} if connection.vendor == "sqlite" else {}

    def write() -> None:
        try:
            Worker.objects.create(name="here:1", host="here", pid=1, version="1")
        finally:
            connection.close()

    def chunks() -> Iterator[bytes]:
        yield CSV[:10]
        other = threading.Thread(target=write)
        other.start()
        other.join(10)
        assert Worker.objects.filter(name="here:1").exists()
        yield CSV[10:]

    assert ask(erin, chunks()).status == "ENQUEUED"


def test_an_upload_whose_web_process_died_is_deleted_after_an_hour(erin: User) -> None:
    arriving = uploads.receive([b"half"])
    abandoned = uploads.receive([b"half"])
    long_ago = time.time() - uploads.ABANDONED_SECONDS - 1
    os.utime(abandoned, (long_ago, long_ago))
    job_tasks.sweep()
    assert arriving.exists()
    assert not abandoned.exists()
