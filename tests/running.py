"""Runs the portal as an operator does: separate processes, a database, a folder and a mail server."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self, TypeVar

import psycopg
import pytest
import requests
from aiosmtpd.controller import Controller
from django.conf import settings

T = TypeVar("T")
PASSWORD = "correct horse battery staple"
FAST = {"EXPORT_LEASE_SECONDS": "5"}


class MailServer:
    """A real SMTP server on loopback that keeps every message it receives."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 2.0.0 accepted"

    def __enter__(self) -> Self:
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()


class RunningPortal:
    """A database, a folder, and the processes that use them."""

    def __init__(self, folder: Path, database_url: str, email_url: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = (
            os.environ
            | FAST
            | {
                "DATA_DIR": str(folder),
                "DATABASE_URL": database_url,
                "EMAIL_URL": email_url,
                "PORTAL_URL": self.url,
                "SECRET_KEY": "test" * 20,
                "ADMIN_PASSWORD": PASSWORD,
                "PYTHONWARNINGS": "",
            }
        )

    def manage(self, *arguments: str) -> str:
        """Run a manage.py command and return its output."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=settings.BASE_DIR, capture_output=True, text=True)
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def start_worker(self, name: str = "worker") -> None:
        self._start(name, sys.executable, "manage.py", "run_worker")

    def start_web(self) -> None:
        binding = f"127.0.0.1:{self.port}"
        self._start("web", sys.executable, "-m", "gunicorn", "--bind", binding, "portal.wsgi")
        wait_for(lambda: _answers(self.url), "the web server answers")

    def _start(self, name: str, *command: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            self.processes[name] = subprocess.Popen(
                command, env=self.environment, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self, name: str) -> int:
        """Stop a process like a service manager (SIGTERM) and return its exit code."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        return process.wait(timeout=40)

    def session(self, email: str, token: str) -> requests.Session:
        session = requests.Session()
        session.auth = (email, token)
        return session

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], T | None], what: str, seconds: float = 60) -> T:
    """Call `condition` until its result is true, and return that. `what` completes the error message."""
    end = time.monotonic() + seconds
    pause = 0.05
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)  # each question costs the processes that are waited for computing time
    raise AssertionError(f"not within {seconds} s: {what}")


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/sign-in", timeout=5).ok
    except requests.RequestException:  # not up yet, or slow on a busy machine
        return False


@contextmanager
def undeletable(path: Path) -> Iterator[None]:
    """A file that not even root can delete. Skips the test where the file system can't do that."""
    done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"chattr: {done.stderr}")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", str(path)], check=True)


@contextmanager
def new_database(folder: Path, template: str = "template1") -> Iterator[str]:
    """Create a database of the tests' database system and yield its URL. PostgreSQL copies the template."""
    if is_sqlite():
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    name = f"portal_{uuid.uuid4().hex[:12]}"
    server = os.environ["DATABASE_URL"]
    base = server.rpartition("/")[0]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield f"{base}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def is_sqlite() -> bool:
    engine: str = settings.DATABASES["default"]["ENGINE"]
    return engine.endswith("sqlite3")


@contextmanager
def prepared_database(folder: Path, issues: int = 0) -> Iterator[str]:
    """The URL of a new database with `issues` issues and alice as site admin; static files are in the folder."""
    template = Template(folder, issues)
    template.copy_files(folder)
    with new_database(folder, template.database) as database_url:
        yield database_url


@contextmanager
def whole_portal(
    folder: Path, mail_server: MailServer, issues: int, environment: Mapping[str, str] | None = None
) -> Iterator[RunningPortal]:
    """A web server and a worker with an archive of `issues` issues; alice is site admin. Both must exit with 0.

    `environment` has settings beside those that all tests use.
    """
    with prepared_database(folder, issues) as database_url:
        portal = RunningPortal(folder, database_url, f"smtp://127.0.0.1:{mail_server.controller.port}")
        portal.environment.update(environment or {})
        portal.start_worker()
        portal.start_web()
        try:
            yield portal
        finally:
            codes = {name: portal.stop(name) for name in list(portal.processes)}
        assert codes == {"worker": 0, "web": 0}


class Template:
    """A portal that was set up once for the whole run, from which others are copied: setting up takes ten seconds.

    It lies beside the folders of the tests, where all processes of the run find it.
    """

    def __init__(self, folder: Path, issues: int) -> None:
        shared = folder.parent
        if shared.name.startswith("popen-"):  # a process of pytest-xdist has a folder of its own in the run's
            shared = shared.parent
        self.folder = shared / f"template-{issues}"
        self.database = "template1" if is_sqlite() else f"portal_template_{issues}"
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.folder / "ready").exists():
                self._set_up(issues)
                (self.folder / "ready").touch()

    def copy_files(self, folder: Path) -> None:
        """The collected static files, which nobody changes, and SQLite's database."""
        folder.joinpath("static").symlink_to(self.folder / "static")
        for path in self.folder.glob("portal.sqlite3*"):
            shutil.copy(path, folder)

    def _set_up(self, issues: int) -> None:
        portal = RunningPortal(self.folder, self._create_database(), "console:")
        portal.manage("migrate", "-v0")
        portal.manage("collectstatic", "--no-input", "-v0")
        portal.manage("create_admin", "alice@example.com", "--keep-password")
        if issues:
            portal.manage("seed_issues", str(issues))

    def _create_database(self) -> str:
        if is_sqlite():
            return f"sqlite:///{self.folder / 'portal.sqlite3'}"
        server = os.environ["DATABASE_URL"]
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")  # of an earlier run
            connection.execute(f"CREATE DATABASE {self.database}")
        return f"{server.rpartition('/')[0]}/{self.database}"
