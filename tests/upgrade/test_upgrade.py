"""A database of an earlier release migrates to this one, and an export of it has the same bytes.

`make upgrade-dump` keeps such a database for each release, as SQL for both database systems, and the CSV of its
archive.
"""

import re
import sqlite3
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.running import RunningPortal, is_sqlite, new_database

pytestmark = pytest.mark.processes

HERE = Path(__file__).parent
RELEASES = sorted(path.stem for path in HERE.glob("*.csv"))
EXPORT = """
import sys
from pathlib import Path
from archive.filters import IssueFilter
from exports.builder import build
from exports.storage import PartFile
part = PartFile(Path("{path}"))
build(IssueFilter().issues(), part, guard=True, report=lambda *_: None)
"""
USED = """
from accounts.models import ApiToken, User
from archive.models import ArchivedIssue
from exports.models import ExportJob, Mail
from imports.models import ImportJob
for model in (User, ApiToken, ArchivedIssue, ExportJob, Mail, ImportJob):
    print(model.objects.count())
print(ExportJob.objects.get().status, ImportJob.objects.get().status, User.objects.get().email)
"""


def load(release: str, url: str) -> None:
    """Fill the empty database with what the release kept."""
    if is_sqlite():
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.executescript((HERE / f"{release}.sqlite.sql").read_bytes().decode())
        return
    with psycopg.connect(url, autocommit=True) as server:
        server.execute((HERE / f"{release}.postgresql.sql").read_bytes())


def test_a_release_is_kept() -> None:
    """Of each release both databases, and at least the one that this version grew from."""
    assert RELEASES
    for release in RELEASES:
        assert {path.name for path in HERE.glob(f"{release}.*.sql")} == {
            f"{release}.postgresql.sql",
            f"{release}.sqlite.sql",
        }


@pytest.mark.parametrize("release", RELEASES)
def test_it_works(release: str, tmp_path: Path) -> None:
    with new_database(tmp_path) as url:
        load(release, url)
        portal = RunningPortal(tmp_path, url, "console:")
        portal.manage("migrate", "-v0")
        assert "No migrations to apply" in portal.manage("migrate")
        written = tmp_path / "export.csv"
        portal.manage("shell", "-v0", "-c", EXPORT.format(path=written))
        assert written.read_bytes() == (HERE / f"{release}.csv").read_bytes()
        counts = portal.manage("shell", "-v0", "-c", USED).split()
    assert counts == ["1", "1", "42", "1", "1", "1", "COMPLETE", "COMPLETE", "alice@example.com"]


def test_the_version_is_written_once() -> None:
    text = (settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
    assert re.findall(r'^version = "(.+)"$', text, re.MULTILINE) == [settings.VERSION]
