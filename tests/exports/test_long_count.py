"""Counting an export's issues takes longer than a lease: its worker keeps the job."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from exports import tasks
from exports.models import ExportJob
from jobs import lifecycle
from jobs.leased import JobStatus
from tests.factories import make_issue

pytestmark = pytest.mark.django_db(transaction=True)

COUNT_SECONDS = 8.0


@contextmanager
def locked_table() -> Iterator[None]:
    """Another session holds the table of issues."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE archive_archivedissue IN ACCESS EXCLUSIVE MODE")
        releasing = threading.Timer(COUNT_SECONDS, other.rollback)
        releasing.start()
        yield
        releasing.join()


@contextmanager
def slow_reader() -> Iterator[None]:
    """SQLite gets its pages from a slow disk: the builder's statements stand still again and again."""
    end = time.monotonic() + COUNT_SECONDS

    def wait() -> bool:
        if time.monotonic() < end:
            time.sleep(0.2)
        return False

    def slow_down(**created: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            created["connection"].connection.set_progress_handler(wait, 10)

    connection_created.connect(slow_down)
    try:
        yield
    finally:
        connection_created.disconnect(slow_down)


SLOW = {"postgresql": locked_table, "sqlite": slow_reader}


def reap_until(is_over: threading.Event) -> None:
    """What the watch of every worker does."""
    while not is_over.wait(0.3):
        lifecycle.reap_all()
    connection.close()


def test_it_works(job: ExportJob, settings: Any) -> None:
    settings.EXPORT_LEASE_SECONDS = 1
    for number in range(2, 40):
        make_issue(number)
    is_over = threading.Event()
    watch = threading.Thread(target=reap_until, args=(is_over,))
    watch.start()
    began = time.monotonic()
    try:
        with SLOW[connection.vendor]():
            tasks.build_export(job.pk)
    finally:
        is_over.set()
        watch.join()
    job.refresh_from_db()
    assert time.monotonic() - began > COUNT_SECONDS - 1
    assert (job.status, job.attempt, job.lost_attempt_count) == (JobStatus.COMPLETE, 1, 0)
