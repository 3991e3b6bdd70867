"""Clients published for Jira, unmodified, against the running product: only their base URL is ours.

jirapi (Python) refuses every property that Jira's description does not name; jira.js is JavaScript.
"""

import hashlib
import json
import os
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jirapi import Jira
from jirapi.exceptions import AuthenticationError, JiraError, NotFoundError, ValidationError
from jirapi.models import ArchivedIssuesFilterRequest

from tests.running import RunningPortal, wait_for

HERE = Path(__file__).parent
NODE = Path(sysconfig.get_path("scripts"), "node")
EMAIL = "alice@example.com"
EVER = {"archivedDateRange": {"dateAfter": "1990-01-01", "dateBefore": "2100-01-01"}}


@pytest.fixture(scope="module")
def token(portal: RunningPortal) -> str:
    return portal.manage("create_api_token", EMAIL, "--name", "clients").splitlines()[-1]


@pytest.fixture(scope="module")
def jira(portal: RunningPortal, token: str) -> Iterator[Jira]:
    with Jira(url=portal.url, email=EMAIL, api_token=token) as client:
        yield client


@pytest.fixture
def no_worker(portal: RunningPortal) -> Iterator[None]:
    portal.stop("worker")
    yield
    portal.start_worker()


def wanted(body: dict[str, Any]) -> ArchivedIssuesFilterRequest:
    return ArchivedIssuesFilterRequest.model_validate(body)


def ended(jira: Jira, task_id: str) -> Any:
    def look() -> Any:
        task = jira.tasks.get(task_id)
        return task if task.status.value not in {"ENQUEUED", "RUNNING", "CANCEL_REQUESTED"} else None

    return wait_for(look, f"task {task_id} ends")


def test_jirapi_works(jira: Jira) -> None:
    submitted = jira.issues.export_archived(wanted(EVER))
    assert (submitted.status, submitted.progress, submitted.file_url) == ("ENQUEUED", 0, None)
    assert submitted.task_id
    task = ended(jira, submitted.task_id)
    assert (task.status.value, task.progress, task.result["rows"]) == ("COMPLETE", 100, 3000)
    file = jira._client.get(task.result["fileUrl"])
    assert hashlib.sha256(file.content).hexdigest() == task.result["sha256"]


@pytest.mark.usefixtures("no_worker")
def test_jirapi_cancels(jira: Jira) -> None:
    task_id = jira.issues.export_archived(wanted({})).task_id
    assert task_id
    with pytest.raises(JiraError, match=f"already running with ID {task_id}") as refusal:
        jira.issues.export_archived(wanted({}))
    assert refusal.value.status_code == 412
    jira.tasks.cancel(task_id)
    assert jira.tasks.get(task_id).status.value == "CANCELLED"
    with pytest.raises(ValidationError, match="has ended with status CANCELLED"):
        jira.tasks.cancel(task_id)


def test_jirapi_understands_refusals(portal: RunningPortal, jira: Jira) -> None:
    with pytest.raises(ValidationError) as refusal:
        jira.issues.export_archived(wanted({"projects": ["NO-SUCH-PROJECT"]}))
    assert refusal.value.errors == {"projects": "the archive has no project key 'NO-SUCH-PROJECT'."}
    with pytest.raises(NotFoundError, match="no task with ID 999999"):
        jira.tasks.get("999999")
    with Jira(url=portal.url, email=EMAIL, api_token="wrong") as stranger, pytest.raises(AuthenticationError):
        stranger.tasks.get("1")


def jira_js(portal: RunningPortal, token: str, what: str) -> Any:
    environment = os.environ | {"PORTAL_URL": portal.url, "EMAIL": EMAIL, "TOKEN": token}
    done = subprocess.run(
        [NODE, "drive.mjs", what], cwd=HERE, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_jira_js_works(portal: RunningPortal, token: str) -> None:
    told = jira_js(portal, token, "complete")
    assert set(told["submitted"]) == {"taskId", "status", "progress", "submittedTime", "payload"}
    assert told["task"]["status"] == "COMPLETE"
    assert told["task"]["result"]["rows"] == 3000
    assert told["sha256"] == told["task"]["result"]["sha256"]


@pytest.mark.usefixtures("no_worker")
def test_jira_js_cancels(portal: RunningPortal, token: str) -> None:
    told = jira_js(portal, token, "cancel")
    assert told["task"]["status"] == "CANCELLED"
    assert told["task"]["id"] == told["submitted"]["taskId"]


def test_jira_js_understands_refusals(portal: RunningPortal, token: str) -> None:
    told = jira_js(portal, token, "refused")
    assert told["status"] == 400
    assert "NO-SUCH-PROJECT" in json.dumps(told["told"])
