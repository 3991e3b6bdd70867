"""While an import writes to SQLite, everybody else gets an answer within a moment: the page, or what it waits for."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings as django_settings
from django.db import connection

from jobs import long_write
from tests.running import PASSWORD, MailServer, RunningPortal, wait_for, whole_portal

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no single writer"),
]

WORDS = "An import or a removal is writing to the archive."
HEAD = b"Issue id,Issue key,Issue Type\n"
PEOPLE = "/admin/accounts/user/"
BOB = f"{PEOPLE}2/change/"
BOBS_DATA = {"email": "bob@example.com", "name": "Bob", "given_roles": "site-admin", "_save": "Save"}
SUSPEND_BOB = {"action": "suspend", "_selected_action": "2"}
PAGES = (
    "/",
    "/issues/900000001",
    "/exports/",
    "/imports/",
    "/admin/exports/exportjob/",
    BOB,
    "/health/ready",
    "/health",
)
LIMIT_SECONDS = 2  # a second for the answer, and one because other tests run beside this one


class Browser(requests.Session):
    """Posts forms as a browser does, and measures how long each answer takes."""

    def __init__(self, portal: RunningPortal) -> None:
        super().__init__()
        self.base = portal.url
        self.slowest = 0.0

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        start = time.monotonic()
        response = super().request(method, self.base + str(url).removeprefix(self.base), *args, **kwargs)
        self.slowest = max(self.slowest, time.monotonic() - start)
        return response

    def submit(self, path: str, page: str = "", **fields: str) -> requests.Response:
        self.get(page or path)
        token = self.cookies["csrftoken"]
        return self.post(path, data={"csrfmiddlewaretoken": token} | fields, headers={"Referer": self.base + "/"})

    def sign_in(self, email: str = "alice@example.com") -> requests.Response:
        return self.submit("/sign-in", login=email, password=PASSWORD)


@contextmanager
def long_writing(portal: RunningPortal, settings: Any) -> Iterator[None]:
    """Hold the database as an import does."""
    settings.DATA_DIR = portal.folder
    writer = sqlite3.connect(portal.folder / "portal.sqlite3", isolation_level=None, timeout=20)
    try:
        with long_write.hold():
            writer.execute("BEGIN IMMEDIATE")
            yield
            writer.execute("ROLLBACK")
    finally:
        writer.close()


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    folder = tmp_path_factory.mktemp("long-write")
    with MailServer() as mail_server, whole_portal(folder, mail_server, 300) as portal:
        portal.manage("create_admin", "bob@example.com", "--keep-password")
        yield portal


def test_it_works(portal: RunningPortal, settings: Any) -> None:
    alice = Browser(portal)
    assert "csrftoken" in alice.get("/sign-in").cookies
    assert alice.sign_in().url.endswith("/")
    export = alice.submit("/exports/", page="/").url
    wait_for(lambda: "Verified" in alice.get(export).text, "the export is complete")
    file = f"{export}/file"
    assert alice.get(file).status_code == 200
    alice.slowest = 0.0

    with long_writing(portal, settings):
        for path in (*PAGES, export):
            assert (path, alice.get(path).status_code) == (path, 200)
        assert alice.get(file).content == alice.get(file).content
        for part in ("bytes=0-4", "bytes=5-9"):
            assert alice.get(file, headers={"Range": part}).status_code == 206
        refused = alice.submit("/exports/", page="/")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert WORDS in refused.text
        bob = Browser(portal)
        refused = bob.sign_in("bob@example.com")
        assert (refused.status_code, WORDS in refused.text) == (503, True)
        for refused in (alice.submit(BOB, **BOBS_DATA), alice.submit(PEOPLE, **SUSPEND_BOB)):
            assert (refused.status_code, WORDS in refused.text) == (503, True)
        assert max(alice.slowest, bob.slowest) < LIMIT_SECONDS

    assert bob.sign_in("bob@example.com").status_code == 200
    assert alice.submit("/exports/", page="/").status_code == 200
    portal.manage("sweep")
    portal.manage("sweep")
    assert "4 downloads, 5 events" in count_downloads(portal)


def count_downloads(portal: RunningPortal) -> str:
    code = (
        "from exports.models import Download; from accounts.models import AuditEvent; "
        "events = AuditEvent.objects.filter(action='export.downloaded'); "
        "print(f'{Download.objects.count()} downloads, {events.count()} events')"
    )
    return portal.manage("shell", "-v0", "-c", code)


def test_rest_clients_are_told_when_to_try_again(portal: RunningPortal, settings: Any) -> None:
    token = portal.manage("create_api_token", "alice@example.com", "--name", "test").splitlines()[-1]
    client = portal.session("alice@example.com", token)
    address = f"{portal.url}/rest/api/3/issues/archive/export"
    with long_writing(portal, settings):
        start = time.monotonic()
        refused = client.put(address, json={})
        assert time.monotonic() - start < LIMIT_SECONDS
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
        assert refused.json()["errorMessages"][0].startswith(WORDS)
        refused = client.put(f"{portal.url}/rest/api/3/issue/unarchive", json={"issueIdsOrKeys": ["900000001"]})
        assert (refused.status_code, refused.json()["errorMessages"][0].startswith(WORDS)) == (503, True)
        for task in (f"{portal.url}/rest/api/3/task/0", f"{portal.url}/rest/api/2/task/0"):
            assert client.get(task).status_code == 404
    accepted = client.put(address, json={})
    assert accepted.status_code == 202
    task = f"{portal.url}/rest/api/3/task/{accepted.json()['taskId']}"
    wait_for(lambda: client.get(task).json()["status"] == "COMPLETE", "the export is complete")


@contextmanager
def long_reading(portal: RunningPortal) -> Iterator["subprocess.Popen[bytes]"]:
    """An import whose file arrives slowly: most of it has been read, and its end does not come."""
    command = [sys.executable, "manage.py", "import_issues", "-", "--rejects", str(portal.folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=portal.environment, cwd=django_settings.BASE_DIR, stdin=pipe, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdin
        process.stdin.write(HEAD)
        for number in range(1, 5_001):
            process.stdin.write(b"%d,AC-%d,Bug\n" % (number, number))
        process.stdin.flush()
        wait_for(lambda: spool_of(process.pid), "the import has read issues")
        yield process
        output, errors = process.communicate()
        assert (process.returncode, errors) == (0, b"")
        assert b"5,000 created" in output


def spool_of(pid: int) -> bool:
    """Whether the import has its temporary file open, into which it reads."""
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            if str(file.readlink()).endswith("(deleted)"):
                return True
    return False


def test_while_an_import_reads_its_file_everything_can_be_saved(portal: RunningPortal) -> None:
    with long_reading(portal):
        alice = Browser(portal)
        assert alice.sign_in().url.endswith("/")
        export = alice.submit("/exports/", page="/").url
        wait_for(lambda: "Verified" in alice.get(export).text, "the export is complete")
        assert alice.get(f"{export}/file").status_code == 200
        bob = Browser(portal)
        assert bob.sign_in("bob@example.com").url.endswith("/")
        assert alice.submit(BOB, **BOBS_DATA).url.endswith(PEOPLE)
        assert alice.submit(PEOPLE, **SUSPEND_BOB).url.endswith(PEOPLE)
        assert "/sign-in" in bob.get("/exports/").url
