"""An import that is killed: the archive is unchanged, and the same import can then be run again."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings

from benchmarks.jira_ndjson import lines
from imports.seed import make_issues
from tests.running import RunningPortal, is_sqlite, prepared_database

pytestmark = pytest.mark.processes

KILLS, BEFORE, AFTER = 10, 300, 2500
LONG = 10_000  # takes several times longer than the bar waits before it is first drawn
TABLES = ("archive_account", "archive_issuetype", "archive_project", "archive_archivedissue")
Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    folder: Path = tmp_path_factory.mktemp("killed")
    with prepared_database(folder) as database_url:
        running = RunningPortal(folder, database_url, "console:")
        running.manage("seed_issues", str(BEFORE), "--seed", "2")
        yield running


def archive(portal: RunningPortal) -> dict[str, list[Row]]:
    """The rows of each table."""
    url = portal.environment["DATABASE_URL"]
    connect: Any = psycopg.connect
    if is_sqlite():
        connect = sqlite3.connect
        url = urlsplit(url).path
    with closing(connect(url)) as database:
        return {table: database.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in TABLES}


def start_import(portal: RunningPortal) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "manage.py", "import_issues", "-", "--rejects", str(portal.folder)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, env=portal.environment, cwd=settings.BASE_DIR, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    )


def test_a_terminal_shows_a_progress_bar(portal: RunningPortal) -> None:
    file = portal.folder / "issues.ndjson"
    file.write_bytes(b"".join(lines(make_issues(LONG, 1))))
    terminal, theirs = os.openpty()
    command = [sys.executable, "manage.py", "import_issues", str(file), "--dry-run", "--rejects", str(portal.folder)]
    process = subprocess.Popen(command, env=portal.environment, cwd=settings.BASE_DIR, stdout=theirs, stderr=theirs)
    os.close(theirs)
    drawn = ""
    with suppress(OSError):  # raised when nobody writes to the terminal any more
        while piece := os.read(terminal, 65536):
            drawn += piece.decode()
    os.close(terminal)
    assert process.wait() == 0
    shares = [int(share) for share in re.findall(r"\r\[#* *\] +(\d+)% [\d,]+ issues read, [\d,]+ a second", drawn)]
    assert shares
    assert shares == sorted(shares)
    assert f"{LONG - BEFORE:,} created, {BEFORE:,} updated" in drawn


def test_a_killed_import_leaves_the_archive_unchanged_ten_times(portal: RunningPortal) -> None:
    issues = list(lines(make_issues(AFTER, 1)))
    before = archive(portal)
    assert len(before["archive_archivedissue"]) == BEFORE
    chance = random.Random(7)
    # At the start, before the end, and anywhere between. A pipe holds only 64 KiB, so most of it has been read.
    for fed in [0, AFTER - 1, *(chance.randrange(AFTER) for _ in range(KILLS - 2))]:
        process = start_import(portal)
        assert process.stdin
        assert process.stdout
        process.stdin.writelines(issues[:fed])
        process.stdin.flush()
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stdin.close()
        process.stdout.close()
        assert archive(portal) == before, f"killed after {fed} of {AFTER} issues"
    output, _ = start_import(portal).communicate(b"".join(issues))
    assert f"{AFTER - BEFORE:,} created".encode() in output
    assert len(archive(portal)["archive_archivedissue"]) == AFTER
