"""`/health` and `/health/ready`: what they answer load balancers and monitors, without any secret."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import User
from exports.models import ExportJob
from jobs.models import Worker
from tests.running import RunningPortal, Template, free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Worker:
    return Worker.objects.create(name="secret-host:7", host="secret-host", pid=7, version="1")


def ask(client: Client, path: str = "/health") -> tuple[int, str]:
    answer = client.get(path)
    return answer.status_code, answer.content.decode()


def test_all_is_well(client: Client, worker: Worker) -> None:
    assert ask(client) == (200, "Database: OK\nRunWorker: OK\nStorage: OK\nSlot: OK\n")
    assert worker.host not in ask(client)[1]


def test_no_worker(client: Client, worker: Worker) -> None:
    Worker.objects.update(last_seen_at=timezone.now() - datetime.timedelta(seconds=41))
    status, words = ask(client)
    assert status == 503
    assert "RunWorker: Unavailable: no worker has been seen for 40 s" in words
    assert "Database: OK" in words
    assert ask(client, "/health/ready") == (200, "Database: OK\n")
    worker.delete()
    assert ask(client)[0] == 503


def test_an_export_that_waits_in_vain(client: Client, worker: Worker, alice: User) -> None:
    job = ExportJob.objects.create(submitted_by=alice, filter={})
    assert ask(client)[0] == 200
    ExportJob.objects.filter(pk=job.pk).update(notified_at=timezone.now() - datetime.timedelta(days=1))
    status, words = ask(client)
    assert status == 503
    assert "Slot: Unavailable: an export is stuck because no worker is running it" in words


def test_no_room(client: Client, worker: Worker, settings: Any) -> None:
    settings.EXPORT_RESERVE_MB = 10**12
    status, words = ask(client)
    assert status == 503
    assert "Storage: Unavailable: no disk space is left for exported files" in words


@pytest.mark.parametrize(("wanted", "kind"), [("json", "application/json"), ("openmetrics", "application/openmetrics")])
def test_for_machines(client: Client, worker: Worker, wanted: str, kind: str) -> None:
    answer = client.get("/health", {"format": wanted})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(kind)
    assert answer["Cache-Control"].startswith("max-age=0, no-cache")
    assert "RunWorker" in answer.content.decode()


@pytest.mark.parametrize(("accept", "status"), [("garbage", 400), ("image/png", 406), ("*/*", 200)])
def test_an_odd_accept_header_is_no_failure_of_ours(client: Client, accept: str, status: int) -> None:
    assert client.get("/health/ready", headers={"accept": accept}).status_code == status


def test_a_host_is_asked_without_tls(client: Client, worker: Worker) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True):
        assert ask(client)[0] == ask(client, "/health/ready")[0] == 200
        assert ask(client, "/healthy")[0] == ask(client, "/sign-in")[0] == 301


@pytest.mark.processes
def test_no_database(tmp_path: Path) -> None:
    portal = RunningPortal(tmp_path, f"postgresql://nobody@127.0.0.1:{free_port()}/nothing", "console:")
    Template(tmp_path, issues=0).copy_files(tmp_path)
    try:
        portal.start_web()
        for path in ("/health", "/health/ready"):
            answer = requests.get(portal.url + path, timeout=60)
            assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/plain; charset=utf-8")
            assert "Database: Unavailable: the database does not answer" in answer.text
            assert "nobody" not in answer.text
    finally:
        portal.stop("web")
