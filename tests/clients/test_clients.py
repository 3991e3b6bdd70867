"""Clients published for Jira's API v3 drive the running portal. They are unmodified and only have its base URL.

jirapi (Python) refuses every property that Jira's description does not have. jira.js is JavaScript.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from jirapi import Jira
from jirapi.exceptions import AuthenticationError, JiraError, NotFoundError, ValidationError
from jirapi.models import ArchivedIssuesFilterRequest, IssueArchivalSyncRequest

from tests.clients.conftest import EMAIL, JiraJs
from tests.running import RunningPortal, wait_for

pytestmark = pytest.mark.processes

ANY_DATE = {"archivedDateRange": {"dateAfter": "1990-01-01", "dateBefore": "2100-01-01"}}


@pytest.fixture(scope="module")
def jira(portal: RunningPortal, token: str) -> Iterator[Jira]:
    with Jira(url=portal.url, email=EMAIL, api_token=token) as client:
        yield client


def request_body(body: dict[str, Any]) -> ArchivedIssuesFilterRequest:
    return ArchivedIssuesFilterRequest.model_validate(body)


def ended(jira: Jira, task_id: str) -> Any:
    def look() -> Any:
        task = jira.tasks.get(task_id)
        return task if task.status.value not in {"ENQUEUED", "RUNNING", "CANCEL_REQUESTED"} else None

    return wait_for(look, f"task {task_id} ends")


def test_jirapi_works(jira: Jira) -> None:
    submitted = jira.issues.export_archived(request_body(ANY_DATE))
    assert (submitted.status, submitted.progress, submitted.file_url) == ("ENQUEUED", 0, None)
    assert submitted.task_id
    task = ended(jira, submitted.task_id)
    assert (task.status.value, task.progress, task.result["rows"]) == ("COMPLETE", 100, 3000)
    file = jira._client.get(task.result["fileUrl"])
    assert hashlib.sha256(file.content).hexdigest() == task.result["sha256"]


@pytest.mark.usefixtures("no_worker")
def test_jirapi_cancels(jira: Jira) -> None:
    task_id = jira.issues.export_archived(request_body({})).task_id
    assert task_id
    with pytest.raises(JiraError, match=f"already running with ID {task_id}") as refusal:
        jira.issues.export_archived(request_body({}))
    assert refusal.value.status_code == 412
    jira.tasks.cancel(task_id)
    assert jira.tasks.get(task_id).status.value == "CANCELLED"
    with pytest.raises(ValidationError, match="has ended with status CANCELLED"):
        jira.tasks.cancel(task_id)


def test_jirapi_understands_errors(portal: RunningPortal, jira: Jira) -> None:
    with pytest.raises(ValidationError) as refusal:
        jira.issues.export_archived(request_body({"projects": ["NO-SUCH-PROJECT"]}))
    assert refusal.value.errors == {"projects": "the archive has no project key 'NO-SUCH-PROJECT'."}
    with pytest.raises(NotFoundError, match="no task with ID 999999"):
        jira.tasks.get("999999")
    with Jira(url=portal.url, email=EMAIL, api_token="wrong") as stranger, pytest.raises(AuthenticationError):
        stranger.tasks.get("1")


def test_jira_js_works(jira_js: JiraJs) -> None:
    answers = jira_js(3, "complete")
    assert set(answers["submitted"]) == {"taskId", "status", "progress", "submittedTime", "payload"}
    assert answers["task"]["status"] == "COMPLETE"
    assert answers["task"]["result"]["rows"] == 3000
    assert answers["sha256"] == answers["task"]["result"]["sha256"]


@pytest.mark.usefixtures("no_worker")
def test_jira_js_cancels(jira_js: JiraJs) -> None:
    answers = jira_js(3, "cancel")
    assert answers["task"]["status"] == "CANCELLED"
    assert answers["task"]["id"] == answers["submitted"]["taskId"]


def test_jira_js_understands_errors(jira_js: JiraJs) -> None:
    answer = jira_js(3, "refused")
    assert answer["status"] == 400
    assert "NO-SUCH-PROJECT" in json.dumps(answer["body"])


def test_jirapi_unarchives(jira: Jira, issue_key: str) -> None:
    body = IssueArchivalSyncRequest.model_validate({"issueIdsOrKeys": [issue_key, "NO-1"]})
    answer = jira.issues.unarchive(body)
    assert answer.number_of_issues_updated == 1
    assert answer.errors
    assert answer.errors.issues_not_found
    assert answer.errors.issues_not_found.issue_ids_or_keys == ["NO-1"]


def test_jira_js_unarchives(jira_js: JiraJs, issue_key: str) -> None:
    assert jira_js(3, "unarchive", issue_key) == {"numberOfIssuesUpdated": 1, "errors": {}}
