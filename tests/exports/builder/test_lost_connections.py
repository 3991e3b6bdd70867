"""The server goes away, or no longer answers, while an export is built: the next attempt succeeds."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from archive.filters import IssueFilter
from exports import builder, storage, tasks
from exports.builder import build, postgresql
from exports.models import ExportJob
from jobs.leased import JobStatus
from tests.factories import make_issue
from tests.running import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server"),
]

OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture(autouse=True)
def long_copy(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    """Many short ranges of long issues, and a report after each block."""
    settings.EXPORT_CONNECTIONS = 2
    monkeypatch.setattr(postgresql, "RANGE_ROWS", 2)
    monkeypatch.setattr(builder, "REPORT_SECONDS", 0.0)
    for number in range(2, 30):
        make_issue(number, description="x" * 400_000)
    yield
    connection.close()  # it may have been terminated


def ask_server(sql: str) -> list[Any]:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        return other.execute(sql).fetchall()


def after_some_blocks(act: Callable[[], object]) -> Callable[[int, int], None]:
    """A build's `report` that acts once, in the middle of the copying."""
    counts: list[int] = []

    def report(rows_written: int, _rows_expected: int) -> None:
        counts.append(rows_written)
        if len(counts) == 4:
            act()

    return report


def terminate_all() -> None:
    ask_server(f"SELECT pg_terminate_backend(pid) {OTHERS}")


@contextlib.contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    """The server's processes stand still, as if their host did."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def readers() -> list[int]:
    """The processes that serve the build's own connections."""
    return [pid for (pid,) in ask_server(f"SELECT pid {OTHERS} AND backend_xmin IS NOT NULL")]


def test_it_works(job: ExportJob) -> None:
    """All connections are terminated in the middle of the copying, as when the server restarts."""
    work = tasks._Reporter.report
    act = after_some_blocks(terminate_all)

    def report(self: Any, rows_written: int, rows_expected: int) -> None:
        act(rows_written, rows_expected)
        work(self, rows_written, rows_expected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks._Reporter, "report", report)
        tasks.build_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.lost_attempt_count) == (JobStatus.ENQUEUED, 1)
    assert "the database failed" in job.events.latest("id").note
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert (job.status, job.rows_written) == (JobStatus.COMPLETE, 29)


def test_a_lost_connection_is_an_error_of_djangos(job: ExportJob) -> None:
    with storage.begin(1, 1) as part, pytest.raises(OperationalError):
        build(IssueFilter().issues(), part, guard=True, report=after_some_blocks(terminate_all))


def test_a_snapshot_that_is_lost_before_a_second_connection_uses_it(job: ExportJob) -> None:
    def report(rows_written: int, _rows_expected: int) -> None:
        if not rows_written:
            terminate_all()

    with storage.begin(1, 1) as part, pytest.raises(OperationalError):
        build(IssueFilter().issues(), part, guard=True, report=report)


def test_a_server_that_is_silent_while_it_copies_does_not_hold_the_builder(
    job: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "SILENT_SECONDS", 3)
    start = time.monotonic()
    with contextlib.ExitStack() as freezing:
        act = after_some_blocks(lambda: freezing.enter_context(frozen(readers())))
        with storage.begin(1, 1) as part, pytest.raises(OperationalError, match="sent nothing for 3 seconds"):
            build(IssueFilter().issues(), part, guard=True, report=act)
        assert time.monotonic() - start < 20


def test_the_caller_can_stop_while_the_server_is_silent(job: ExportJob) -> None:
    class Cancelled(Exception):
        pass

    with contextlib.ExitStack() as freezing:
        calls: list[float] = []

        def report(rows_written: int, rows_expected: int) -> None:
            calls.append(time.monotonic())
            if len(calls) == 4:
                freezing.enter_context(frozen(readers()))
            if len(calls) > 4 and calls[-1] - calls[-2] > 0.9:  # nothing arrived for a second
                raise Cancelled

        with storage.begin(1, 1) as part, pytest.raises(Cancelled):
            build(IssueFilter().issues(), part, guard=True, report=report)
        assert calls[-1] - calls[3] < 15


def test_a_cancel_ends_counting_on_a_server_that_does_not_answer(job: ExportJob) -> None:
    """The server can't be asked to cancel the query: the connection is closed instead."""

    def freeze_and_cancel(freezing: contextlib.ExitStack) -> None:
        try:
            wait_for(lambda: ExportJob.objects.filter(status=JobStatus.RUNNING).exists(), "the export runs")
            counting = f"SELECT pid {OTHERS} AND state = 'active' AND query LIKE '%row_number%'"
            pids = wait_for(lambda: [pid for (pid,) in ask_server(counting)], "the count runs")
            freezing.enter_context(frozen(pids))
            lock.rollback()
            ExportJob.objects.get(pk=job.pk).request_cancel("alice")
        finally:
            connection.close()

    with contextlib.ExitStack() as freezing, psycopg.connect(**connection.get_connection_params()) as lock:
        lock.execute("LOCK TABLE archive_archivedissue IN ACCESS EXCLUSIVE MODE")  # so that the count is seen running
        canceller = threading.Thread(target=freeze_and_cancel, args=(freezing,))
        canceller.start()
        start = time.monotonic()
        tasks.build_export(job.pk)
        assert time.monotonic() - start < 20
        canceller.join()
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED
