"""The examples of docs/rest-guide.md work as they are written there."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.clients.conftest import EMAIL, HERE, NODE
from tests.running import RunningPortal

pytestmark = pytest.mark.processes

GUIDE = (settings.BASE_DIR / "docs" / "rest-guide.md").read_text(encoding="utf-8")
NEWEST = "from exports.models import ExportJob; print(ExportJob.objects.latest('pk').sha256)"
EXPORT = ("Request an export", "Poll the task", "Download the file")


def example(heading: str, language: str) -> str:
    """The code block in this language below this heading."""
    section = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"{heading}: {len(blocks)} blocks in {language}"
    return str(blocks[0])


@pytest.fixture(scope="module")
def token(portal: RunningPortal) -> str:
    """A token from the command of the guide."""
    program, script, *arguments = example("Create a token", "console").splitlines()[0].split()
    assert (program, script) == ("python", "manage.py")
    arguments[arguments.index("you@example.com")] = EMAIL
    return portal.manage(*arguments).splitlines()[-1]


@pytest.fixture
def environment(portal: RunningPortal, token: str) -> dict[str, str]:
    return os.environ | {"PORTAL_URL": portal.url, "EMAIL": EMAIL, "TOKEN": token}


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_is_newest_file(path: Path, portal: RunningPortal) -> None:
    """The file has the bytes of the newest export."""
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == portal.manage("shell", "-v0", "-c", NEWEST).strip()
    assert content.count(b'"HARBOR-') > 100


@pytest.mark.parametrize("version", ["2", "3"])
def test_curl_exports(tmp_path: Path, portal: RunningPortal, environment: dict[str, str], version: str) -> None:
    blocks = "\n".join(example(heading, "bash") for heading in EXPORT)
    script = "set -eu\n" + blocks.replace("/rest/api/3", f"/rest/api/{version}")
    output = run(["bash", "-c", script], tmp_path, environment).splitlines()
    task = json.loads((tmp_path / "task.json").read_text())
    assert output == [task["self"], "COMPLETE", "issues.csv: OK"]
    assert f"/rest/api/{version}/task/" in task["self"]
    assert_is_newest_file(tmp_path / "issues.csv", portal)


@pytest.mark.usefixtures("no_worker")
def test_curl_cancels(tmp_path: Path, environment: dict[str, str], token: str) -> None:
    script = "set -eu\n" + example("Request an export", "bash") + example("Cancel an export", "bash")
    address = run(["bash", "-c", script], tmp_path, environment).splitlines()[0]
    assert requests.get(address, auth=(EMAIL, token), timeout=30).json()["status"] == "CANCELLED"


@pytest.mark.parametrize("version", ["2", "3"])
def test_python_exports(tmp_path: Path, portal: RunningPortal, environment: dict[str, str], version: str) -> None:
    script = example("Python", "python").replace("api_version=3", f"api_version={version}")
    run([sys.executable, "-c", script], tmp_path, environment)
    assert_is_newest_file(tmp_path / "issues.csv", portal)


@pytest.mark.parametrize("version", ["2", "3"])
def test_javascript_exports(tmp_path: Path, portal: RunningPortal, environment: dict[str, str], version: str) -> None:
    script = example("JavaScript", "javascript").replace("Version3Client", f"Version{version}Client")
    (tmp_path / "export.mjs").write_text(script)
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    run([str(NODE), "export.mjs"], tmp_path, environment)
    assert_is_newest_file(tmp_path / "issues.csv", portal)
