"""What `run_worker` does if messages, connections or its own processes are lost: real ones, on the tests' database."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django_q.models import OrmQ, Schedule

from accounts.models import User
from archive.filters import IssueFilter
from exports.models import ExportJob
from exports.services import request_export
from imports.models import ImportJob
from imports.options import ImportOptions
from imports.services import request_import
from jobs import lifecycle
from jobs.leased import JobStatus
from jobs.models import Worker
from jobs.supervisor import EXIT_CLUSTER_DIED, EXIT_WEDGED
from tests.chaos.processes import children, send
from tests.chaos.relay import Relay
from tests.factories import make_issue
from tests.running import RunningPortal, is_sqlite, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server")

ANSWER_SECONDS = 5
CSV = "Issue id,Issue key,Issue Type\n{0},AC-{0},Bug\n"


def database_url(relay: Relay | None = None) -> str:
    """The tests' own database, through the relay if there is one."""
    name = connection.settings_dict["NAME"]
    if is_sqlite():
        return f"sqlite:///{name}"
    if relay is not None:
        return f"postgresql://postgres@127.0.0.1:{relay.port}/{name}"
    return f"postgresql://postgres@{quote(str(connection.settings_dict['HOST']), safe='')}/{name}"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RunningPortal]]:
    """Starts a worker, waits until it works, and stops it in the end if it still runs."""
    portals: list[RunningPortal] = []

    def start(relay: Relay | None = None, **variables: object) -> RunningPortal:
        portal = RunningPortal(tmp_path, database_url(relay), "console:")
        portal.environment["SECRET_KEY"] = settings.SECRET_KEY  # which signs the queue's messages
        for name, value in variables.items():
            portal.environment[name] = str(value)
        portals.append(portal)
        start_and_wait(portal)
        return portal

    yield start
    for portal in portals:
        for process in portal.processes.values():
            process.kill()
            process.wait()


def start_and_wait(portal: RunningPortal) -> None:
    portal.start_worker()
    pid = portal.processes["worker"].pid
    tested = Worker.objects.filter(pid=pid).exclude(queue_tested_at=None)
    wait_for(tested.exists, "the worker works")


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A network between the worker and the server."""
    host = str(connection.settings_dict["HOST"])
    if not host.startswith("/"):
        pytest.skip("needs a PostgreSQL server with a socket on this machine")
    network = Relay(f"{host}/.s.PGSQL.5432")
    yield network
    network.close()


def upload(user: User, number: int) -> ImportJob:
    content = CSV.format(number).encode()
    return request_import(user, f"{number}.csv", len(content), [content], ImportOptions())


def request_without_counting(user: User) -> ExportJob:
    """As `request_export`, while another session holds the table of issues."""
    with transaction.atomic():
        job = ExportJob.objects.create(submitted_by=user)
        lifecycle.enqueue(job)
    return job


def counting_backend() -> int | None:
    """The server's process that counts an export's issues, or waits to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%row_number%'")
        row = cursor.fetchone()
    return row and int(row[0])


def status(job: Any) -> str:
    job.refresh_from_db()
    return str(job.status)


@contextmanager
def locked(mode: str) -> Iterator[None]:
    """Another session holds the table of issues until the body ends."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"LOCK TABLE archive_archivedissue IN {mode} MODE")
        yield


def test_a_lost_message_is_sent_again_before_the_next_sweep(alice: User, start: Callable[..., RunningPortal]) -> None:
    start(EXPORT_ASK_SECONDS=1)
    Schedule.objects.all().delete()
    make_issue(1)
    with transaction.atomic():
        jobs = [upload(alice, 2), request_export(alice, IssueFilter())]
        OrmQ.objects.all().delete()
    for job in jobs:
        wait_for(lambda job=job: status(job) == JobStatus.COMPLETE, f"{job} is complete", seconds=30)  # type: ignore[misc]
        assert job.events.filter(note__contains="The queue was notified again.").exists()


@only_postgresql
def test_imports_that_wait_for_another_hold_up_no_export(alice: User, start: Callable[..., RunningPortal]) -> None:
    """Another program imports for longer than a lease and a last call. Two uploads wait, and keep their attempts."""
    portal = start(EXPORT_LEASE_SECONDS=3, EXPORT_ASK_SECONDS=2)
    make_issue(1)
    with locked("SHARE ROW EXCLUSIVE"):
        imports = [upload(alice, 2), upload(alice, 3)]
        wait_for(lambda: status(imports[0]) == JobStatus.RUNNING, "the first import waits for the lock")
        began = time.monotonic()
        export = request_export(alice, IssueFilter())
        wait_for(lambda: status(export) == JobStatus.COMPLETE, "the export is complete", seconds=15)
        time.sleep(max(0.0, began + 10 - time.monotonic()))
        assert (status(imports[0]), status(imports[1])) == ("RUNNING", "ENQUEUED")
    for job in imports:
        wait_for(lambda job=job: status(job) == JobStatus.COMPLETE, f"{job} is complete", seconds=30)  # type: ignore[misc]
        assert (job.attempt, job.lost_attempt_count) == (1, 0)
    assert portal.stop("worker") == 0


@only_postgresql
def test_a_worker_whose_connections_all_fall_silent_ends_and_its_export_is_done_by_the_next(
    alice: User, relay: Relay, start: Callable[..., RunningPortal]
) -> None:
    """New connections work, and TCP sees nothing wrong with the silent ones: a proxy between keeps them open."""
    portal = start(relay, WORKER_ANSWER_SECONDS=ANSWER_SECONDS)
    make_issue(1)
    with locked("ACCESS EXCLUSIVE"):
        job = request_without_counting(alice)
        wait_for(lambda: status(job) == JobStatus.RUNNING, "the export waits for the lock")
        assert relay.silence() > 3
    worker = portal.processes["worker"]
    assert worker.wait(timeout=ANSWER_SECONDS + 20) == EXIT_WEDGED
    start_and_wait(portal)
    wait_for(lambda: status(job) == JobStatus.COMPLETE, "the next attempt is complete")
    assert (job.attempt, job.lost_attempt_count, job.rows_written) == (2, 1, 1)


@only_postgresql
def test_a_worker_stops_in_time_while_its_server_process_is_silent(
    alice: User, start: Callable[..., RunningPortal]
) -> None:
    portal = start()
    make_issue(1)
    with locked("ACCESS EXCLUSIVE"):
        job = request_without_counting(alice)
        pid = wait_for(counting_backend, "the export waits for the lock")
        os.kill(pid, signal.SIGSTOP)
        try:
            assert portal.stop("worker") == 0
        finally:
            os.kill(pid, signal.SIGCONT)
    assert (status(job), job.attempt, job.lost_attempt_count) == ("ENQUEUED", 1, 0)


def test_a_worker_whose_cluster_is_killed_ends_with_the_documented_code(start: Callable[..., RunningPortal]) -> None:
    worker = start().processes["worker"]
    (cluster,) = children(worker.pid)
    assert send(cluster, signal.SIGKILL)
    assert worker.wait(timeout=20) == EXIT_CLUSTER_DIED
