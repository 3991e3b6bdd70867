"""An export of the issues that a search finds, from the request to the mail."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from archive import search_index
from archive.filters import IssueFilter
from archive.models import ArchivedIssue
from archive.removals import anonymise_account
from exports import services
from exports.models import ExportJob
from exports.web.filter_words import filter_facts, filter_line
from tests.factories import make_account, make_issue
from tests.rest_client import EXPORT, ClientOf

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = '"second floor" print*'


@pytest.fixture(autouse=True)
def issues(db: None) -> None:
    make_issue(1, summary="Printer on the second floor")
    make_issue(2, summary="Scanner on the second floor")
    make_issue(3, project="BAR", summary="Second floor: PRINTING")
    search_index.rewrite(list(ArchivedIssue.objects.values_list("pk", flat=True)))


def put(client: Any, body: Any, **query: str) -> Any:
    return client.put(EXPORT, json.dumps(body), content_type="application/json", query_params=query)


def keys_in(client: Any, task_id: str) -> list[str]:
    file = b"".join(client.get(f"/exports/{task_id}/file").streaming_content).decode()
    return [line.split(",")[1].strip('"') for line in file.splitlines()[1:]]


def test_it_works(alice: User, client_of: ClientOf, run_queue: Callable[[], None]) -> None:
    client = client_of(alice)
    answer = put(client, {}, text=f"  {TEXT} ")
    assert (answer.status_code, answer.json()["payload"]) == (202, f"{{text={TEXT}}}")
    task_id = answer.json()["taskId"]
    run_queue()
    assert sorted(keys_in(client, task_id)) == ["BAR-3", "FOO-1"]
    result = client.get(f"/rest/api/3/task/{task_id}").json()["result"]
    assert (result["rows"], result["filter"]) == (2, {"text": TEXT})
    manifest = client.get(f"/exports/{task_id}/manifest.json").json()
    assert (manifest["filter"], manifest["payload"]) == ({"text": TEXT}, f"{{text={TEXT}}}")
    run_queue()
    [message] = mail.outbox
    assert f"{{text={TEXT}}}" in message.body


def test_the_text_narrows_the_other_fields(alice: User, client_of: ClientOf, run_queue: Callable[[], None]) -> None:
    client = client_of(alice)
    task_id = put(client, {"projects": ["BAR"]}, text=TEXT).json()["taskId"]
    run_queue()
    assert keys_in(client, task_id) == ["BAR-3"]


def test_it_can_be_run_again(alice: User, client_of: ClientOf, run_queue: Callable[[], None]) -> None:
    job = services.request_export(alice, IssueFilter(text=TEXT))
    run_queue()
    again = services.rerun_export(alice, job.pk)
    assert again.filter == {"text": TEXT}


def test_the_text_is_not_part_of_jiras_body(alice: User, client_of: ClientOf) -> None:
    answer = put(client_of(alice), {"text": TEXT})
    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "text": 'Unknown filter "text". '
        "Use projects, archivedBy, archivedDateRange, archivedDate, issueTypes, reporters."
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 501, "has 501 characters; at most 500 are allowed."),
        ("a\0b", "has a character that no text can have: 'a\\0b'."),
    ],
)
def test_an_unusable_text_is_refused(alice: User, client_of: ClientOf, text: str, sentence: str) -> None:
    answer = put(client_of(alice), {}, text=text)
    assert (answer.status_code, answer.json()["errors"]) == (400, {"text": sentence})


@pytest.mark.parametrize("text", ["", " ", "*"])
def test_an_empty_text_does_not_filter(alice: User, client_of: ClientOf, text: str) -> None:
    assert put(client_of(alice), {}, text=text).json()["payload"] == "{}"


def test_the_history_and_admin_show_the_text(alice: User, client: Client) -> None:
    job = ExportJob.objects.create(submitted_by=alice, filter={"projects": ["FOO"], "text": TEXT})
    assert filter_facts(job.filter) == [("Search", TEXT), ("Project", "Project FOO (FOO)")]
    assert filter_line(job.filter) == f"search “{TEXT}”, project FOO"
    client.force_login(alice)
    assert "Search “&quot;second floor&quot; print*”, project FOO" in client.get("/exports/").content.decode()
    assert "print*" in client.get(f"/admin/exports/exportjob/{job.pk}/change/").content.decode()


def test_an_anonymised_account_leaves_the_stored_texts(alice: User) -> None:
    rob = make_account("5b10a2844c20165700ede21g")
    job = ExportJob.objects.create(submitted_by=alice, filter={"text": f"printer {rob.account_id}"})
    new_id, _count = anonymise_account(rob.account_id, "ops")
    job.refresh_from_db()
    assert job.filter == {"text": f"printer {new_id}"}
