"""Only the user that the portal runs as can read its files."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import checks

from tests.running import RunningPortal, new_database, wait_for

EXPORT = "/rest/api/3/issues/archive/export"
CSV = """Issue id,Issue key,Project key,Issue Type,ArchivedDate,ArchivedBy Id
1,FOO-1,FOO,Bug,2024-01-02T03:04:05Z,ann
x,FOO-2,FOO,Bug,2024-01-02T03:04:05Z,ann
"""


@pytest.fixture
def usual_umask() -> Iterator[None]:
    """The umask with which systems come: everybody may read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.processes
def test_every_file_is_private_with_the_usual_umask(tmp_path: Path, usual_umask: None) -> None:
    folder = tmp_path / "data"
    mails = tmp_path / "mails"
    (tmp_path / "issues.csv").write_text(CSV)
    with new_database(tmp_path) as database_url:
        portal = RunningPortal(tmp_path, database_url, f"file://{mails}")
        portal.environment["DATA_DIR"] = str(folder)
        portal.manage("migrate", "-v0")
        portal.manage("collectstatic", "--no-input", "-v0")
        portal.manage("create_admin", "alice@example.com", "--keep-password")
        (folder / "rejects").mkdir(mode=0o700)
        command = [sys.executable, "manage.py", "import_issues", str(tmp_path / "issues.csv")]
        command += ["--rejects", str(folder / "rejects")]
        done = subprocess.run(command, env=portal.environment, cwd=settings.BASE_DIR, capture_output=True)
        assert done.returncode == 3, done.stderr  # one issue is rejected
        token = portal.manage("create_api_token", "alice@example.com", "--name", "x").splitlines()[-1]
        portal.start_worker()
        portal.start_web()
        session = portal.session("alice@example.com", token)
        session.put(portal.url + EXPORT, json={})
        wait_for(lambda: list(mails.glob("*")) if mails.exists() else None, "the email is written")
        portal.stop("worker")
        portal.stop("web")
        found = sorted(path.name for path in folder.rglob("*") if "static" not in path.parts)
        private = [folder, mails, *tmp_path.glob("portal.sqlite3*"), *mails.iterdir()]
        private += [path for path in folder.rglob("*") if "static" not in path.parts]
    assert {"exports", "rejects", "1.1.csv", "issues.rejects.csv"} <= set(found)
    assert {str(path): oct(path.stat().st_mode & 0o077) for path in private if path.stat().st_mode & 0o077} == {}


def warnings_about(path: Path) -> list[checks.CheckMessage]:
    """The tests' own database may lie in a folder that others can read."""
    found = [message for message in checks.run_checks() if message.id == "core.W001"]
    return [message for message in found if str(path) in message.msg]


@pytest.fixture
def open_folder(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A DATA_DIR that everybody can read, in a folder that everybody can enter."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    settings.DATA_DIR = folder
    before = {}
    for parent in folder.parents:
        if parent.stat().st_mode & 0o011 == 0:
            before[parent] = parent.stat().st_mode
            parent.chmod(before[parent] | 0o011)
    yield folder
    for parent, mode in before.items():
        parent.chmod(mode)


def test_a_folder_that_others_can_read_is_reported_with_the_remedy(open_folder: Path) -> None:
    (message,) = warnings_about(open_folder)
    assert message.msg == f"Other users of this host can read {open_folder}, or change it."
    assert message.hint == f"Run as the portal's user: chmod -R go= {open_folder}"
    open_folder.chmod(0o700)
    assert warnings_about(open_folder) == []


def test_a_folder_above_may_shut_others_out(open_folder: Path) -> None:
    open_folder.parent.chmod(0o700)
    assert warnings_about(open_folder) == []
