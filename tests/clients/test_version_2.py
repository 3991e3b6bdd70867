"""Clients published for Jira's API v2 drive the running portal. They are unmodified and only have its base URL.

atlassian-python-api is Python; jira.js, which has a client for each version, is JavaScript.
"""

import hashlib
from typing import Any

import pytest
import requests
from atlassian import JiraCloud

from tests.clients.conftest import EMAIL, JiraJs
from tests.running import RunningPortal, wait_for

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def jira(portal: RunningPortal, token: str) -> Any:
    return JiraCloud(portal.url, username=EMAIL, password=token, api_version=2)


def finished(jira: Any, task_id: str) -> Any:
    def poll() -> Any:
        task = jira.get_task(task_id)
        return task if task["status"] not in {"ENQUEUED", "RUNNING"} else None

    return wait_for(poll, f"task {task_id} ends")


def test_atlassian_python_api_works(portal: RunningPortal, jira: Any) -> None:
    submitted = jira.export_archived_issues({})
    task = finished(jira, submitted["taskId"])
    assert (task["status"], task["result"]["rows"]) == ("COMPLETE", 3000)
    assert task["self"] == f"{portal.url}/rest/api/2/task/{submitted['taskId']}"
    file = jira.get(task["result"]["fileUrl"], absolute=True, advanced_mode=True)
    assert hashlib.sha256(file.content).hexdigest() == task["result"]["sha256"]


@pytest.mark.usefixtures("no_worker")
def test_atlassian_python_api_cancels(jira: Any) -> None:
    task_id = jira.export_archived_issues({})["taskId"]
    with pytest.raises(requests.HTTPError, match=f"already running with ID {task_id}"):
        jira.export_archived_issues({})
    jira.cancel_task(task_id)
    assert jira.get_task(task_id)["status"] == "CANCELLED"


def test_jira_js_works(portal: RunningPortal, jira_js: JiraJs) -> None:
    answers = jira_js(2, "complete")
    assert answers["task"]["self"] == f"{portal.url}/rest/api/2/task/{answers['submitted']['taskId']}"
    assert (answers["task"]["status"], answers["task"]["result"]["rows"]) == ("COMPLETE", 3000)
    assert answers["sha256"] == answers["task"]["result"]["sha256"]


@pytest.mark.usefixtures("no_worker")
def test_jira_js_cancels(jira_js: JiraJs) -> None:
    answers = jira_js(2, "cancel")
    assert answers["task"]["status"] == "CANCELLED"
    assert answers["task"]["id"] == answers["submitted"]["taskId"]


def test_atlassian_python_api_unarchives(jira: Any, issue_key: str) -> None:
    answer = jira.unarchive_issues({"issueIdsOrKeys": [issue_key, "NO-1"]})
    assert answer["numberOfIssuesUpdated"] == 1
    assert answer["errors"]["issuesNotFound"]["issueIdsOrKeys"] == ["NO-1"]


def test_jira_js_unarchives(jira_js: JiraJs, issue_key: str) -> None:
    assert jira_js(2, "unarchive", issue_key) == {"numberOfIssuesUpdated": 1, "errors": {}}
