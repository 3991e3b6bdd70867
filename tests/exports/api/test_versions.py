"""Version 2 of Jira's API has the same operations and bodies as version 3."""

from typing import Any

import pytest

from accounts.models import User
from exports import tasks
from tests.factories import make_issue
from tests.rest_client import ClientOf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("version", ["2", "3"])
def test_it_works(alice: User, client_of: ClientOf, version: str) -> None:
    make_issue(1)
    api = f"/rest/api/{version}"
    client = client_of(alice)
    submitted = client.put(f"{api}/issues/archive/export", {}, format="json")
    task_id = submitted.json()["taskId"]
    assert (submitted.status_code, submitted.json()["status"]) == (202, "ENQUEUED")
    assert submitted["Location"] == f"http://localhost:8000{api}/task/{task_id}"

    tasks.build_export(int(task_id))
    task = client.get(f"{api}/task/{task_id}").json()
    assert task["self"] == f"http://localhost:8000{api}/task/{task_id}"
    assert task["result"]["fileUrl"] == f"http://localhost:8000/exports/{task_id}/file"
    assert task["result"]["manifestUrl"] == f"http://localhost:8000/exports/{task_id}/manifest.json"

    second = client.put(f"{api}/issues/archive/export", {}, format="json").json()["taskId"]
    assert client.post(f"{api}/task/{second}/cancel").status_code == 202
    assert client.get(f"{api}/task/{second}").json()["status"] == "CANCELLED"


def test_both_versions_show_the_same_task(alice: User, client_of: ClientOf) -> None:
    client = client_of(alice)
    task_id = client.put("/rest/api/2/issues/archive/export", {}, format="json").json()["taskId"]
    tasks_by_version: dict[str, Any] = {}
    for version in ("2", "3"):
        task = client.get(f"/rest/api/{version}/task/{task_id}").json()
        assert task.pop("self").endswith(f"/rest/api/{version}/task/{task_id}")
        tasks_by_version[version] = task
    assert tasks_by_version["2"] == tasks_by_version["3"]


def test_the_slot_is_shared_by_both_versions(alice: User, client_of: ClientOf) -> None:
    client = client_of(alice)
    assert client.put("/rest/api/2/issues/archive/export", {}, format="json").status_code == 202
    assert client.put("/rest/api/3/issues/archive/export", {}, format="json").status_code == 412


def test_version_2_answers_errors_alike(alice: User, client_of: ClientOf) -> None:
    client = client_of(alice)
    refused = client.put("/rest/api/2/issues/archive/export", {"nonsense": []}, format="json")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["nonsense"])
    assert client.get("/rest/api/2/task/7").json()["errorMessages"] == ["There is no task with ID 7."]
