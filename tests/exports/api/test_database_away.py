"""While the database is slow or unavailable, the web server answers 503 in time. It recovers by itself."""

import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests

from tests.running import PASSWORD, RunningPortal, Template, free_port, prepared_database

pytestmark = pytest.mark.processes

PATIENCE = 2
TASK = "/rest/api/3/task/1"


def running(folder: Path, database_url: str) -> RunningPortal:
    portal = RunningPortal(folder, database_url, "console:")
    portal.environment["DATABASE_PATIENCE_SECONDS"] = str(PATIENCE)
    return portal


@contextmanager
def web(portal: RunningPortal) -> Iterator[RunningPortal]:
    try:
        portal.start_web()
        yield portal
    finally:
        portal.stop("web")


def assert_503(answer: requests.Response, began: float) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert set(answer.json()) == {"errorMessages", "errors"}
    assert time.monotonic() - began < PATIENCE + 10  # a busy machine is slow, but no request hangs


@pytest.fixture
def static_files(tmp_path: Path) -> None:
    Template(tmp_path, issues=0).copy_files(tmp_path)


@pytest.mark.usefixtures("static_files")
def test_it_works_without_a_database(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    with web(running(tmp_path, url)) as portal:
        began = time.monotonic()
        assert_503(requests.get(portal.url + TASK, auth=("alice@example.com", "abcdefgh.x"), timeout=60), began)
        page = requests.get(portal.url + "/", cookies={"sessionid": "x" * 32}, timeout=60)
        assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")


@pytest.mark.usefixtures("static_files")
def test_a_database_that_accepts_connections_and_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing"
        with web(running(tmp_path, url)) as portal:
            began = time.monotonic()
            assert_503(requests.get(portal.url + TASK, auth=("alice@example.com", "abcdefgh.x"), timeout=60), began)


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Another session locks what every request needs."""
    if database_url.startswith("sqlite"):
        connection = sqlite3.connect(urlsplit(database_url).path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.close()
        return
    with psycopg.connect(database_url) as server:
        server.execute("LOCK TABLE accounts_apitoken IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    with prepared_database(tmp_path) as url:
        yield url


def test_a_database_that_is_locked_for_a_while(tmp_path: Path, database_url: str) -> None:
    portal = running(tmp_path, database_url)
    token = portal.manage("create_api_token", "alice@example.com", "--name", "t").splitlines()[-1]
    with web(portal):
        with locked(database_url):
            began = time.monotonic()
            assert_503(requests.get(portal.url + TASK, auth=("alice@example.com", token), timeout=60), began)
        assert requests.get(portal.url + TASK, auth=("alice@example.com", token), timeout=60).status_code == 404


ENDLESS = {
    "sqlite": "WHERE (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n) > 0",
    "postgresql": "CROSS JOIN pg_sleep(600)",
}


def make_endless(database_url: str, table: str) -> None:
    """Put a view in the place of the table, from which no statement gets a row in time."""
    statements = [f"ALTER TABLE {table} RENAME TO slow_{table}"]
    if database_url.startswith("sqlite"):
        statements.append(f"CREATE VIEW {table} AS SELECT * FROM slow_{table} {ENDLESS['sqlite']}")
        connection = sqlite3.connect(urlsplit(database_url).path)
        connection.executescript(";".join(statements))
        connection.close()
        return
    statements.append(f"CREATE VIEW {table} AS SELECT slow_{table}.* FROM slow_{table} {ENDLESS['postgresql']}")
    with psycopg.connect(database_url) as server:
        server.execute(";".join(statements))


def test_a_statement_that_takes_too_long(tmp_path: Path, database_url: str) -> None:
    portal = running(tmp_path, database_url)
    token = portal.manage("create_api_token", "alice@example.com", "--name", "t").splitlines()[-1]
    make_endless(database_url, "accounts_apitoken")
    make_endless(database_url, "accounts_user")
    with web(portal):
        began = time.monotonic()
        assert_503(requests.get(portal.url + TASK, auth=("alice@example.com", token), timeout=60), began)
        form = requests.Session()
        form.get(portal.url + "/sign-in", timeout=60)
        entered = {
            "login": "alice@example.com",
            "password": PASSWORD,
            "csrfmiddlewaretoken": form.cookies["csrftoken"],
        }
        page = form.post(portal.url + "/sign-in", data=entered, headers={"Referer": portal.url}, timeout=60)
        assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
        assert requests.get(portal.url + "/sign-in", timeout=60).status_code == 200
