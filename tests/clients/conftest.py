"""A running portal, and what every client needs of it."""

import json
import os
import subprocess
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.conftest import mail_server, portal
from tests.running import RunningPortal

__all__ = ["mail_server", "portal"]

HERE = Path(__file__).parent
NODE = Path(sysconfig.get_path("scripts"), "node")
EMAIL = "alice@example.com"
FIRST_KEY = "from archive.models import ArchivedIssue; print(ArchivedIssue.objects.values_list('key', flat=True)[0])"

JiraJs = Callable[..., Any]


@pytest.fixture(scope="module")
def token(portal: RunningPortal) -> str:
    return portal.manage("create_api_token", EMAIL, "--name", "clients").splitlines()[-1]


@pytest.fixture
def no_worker(portal: RunningPortal) -> Iterator[None]:
    portal.stop("worker")
    yield
    portal.start_worker()


@pytest.fixture
def issue_key(portal: RunningPortal) -> str:
    """The key of an issue that is in the archive."""
    return portal.manage("shell", "-v0", "-c", FIRST_KEY).strip()


@pytest.fixture(scope="module")
def jira_js(portal: RunningPortal, token: str) -> JiraJs:
    """Run drive.mjs for a version of the API. Returns the JSON that it prints."""

    def run(version: int, action: str, *arguments: str) -> Any:
        environment = os.environ | {"PORTAL_URL": portal.url, "EMAIL": EMAIL, "TOKEN": token}
        command = [str(NODE), "drive.mjs", str(version), action, *arguments]
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
