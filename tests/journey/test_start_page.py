"""The commands of docs/start.md set up a portal that works, as they are written there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.running import RunningPortal, new_database, wait_for

pytestmark = pytest.mark.processes

PAGE = settings.BASE_DIR / "docs" / "start.md"
WORKERS = "from jobs.models import Worker; print(Worker.objects.count() or '')"
ISSUES = "from archive.models import ArchivedIssue; print(f'{ArchivedIssue.objects.count():,}')"


def commands() -> list[str]:
    """The commands to install the portal on a laptop, without those that install packages."""
    section = PAGE.read_text(encoding="utf-8").partition("## Install it on a laptop\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```console\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).splitlines()
    assert lines[:3] == [
        "python3 -m venv .venv",
        ". .venv/bin/activate",
        "pip install --require-hashes -r requirements.txt",
    ]
    return lines[3:]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[RunningPortal]:
    with new_database(tmp_path) as database_url:
        portal = RunningPortal(tmp_path, database_url, "console:")
        yield portal
        for name in list(portal.processes):
            portal.stop(name)


def follow(portal: RunningPortal, command: str) -> None:
    if command == "gunicorn portal.wsgi":
        portal.start_web()
    elif command == "python manage.py run_worker":
        portal.start_worker()
        wait_for(lambda: portal.manage("shell", "-v0", "-c", WORKERS).strip(), "the worker is seen")
    else:
        program, script, *arguments = command.split()
        assert (program, script) == ("python", "manage.py")
        portal.manage(*arguments)


def test_it_works(portal: RunningPortal) -> None:
    for command in commands():
        follow(portal, command)
    assert set(portal.processes) == {"worker", "web"}
    count = portal.manage("shell", "-v0", "-c", ISSUES).strip()
    assert f"**Export {count} issues**" in PAGE.read_text(encoding="utf-8")
