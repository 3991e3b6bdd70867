"""PUT …/issue/unarchive takes issues out of the archive."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens import create_token
from archive.models import Account, ArchivedIssue, Project, Removal
from tests.factories import make_issue
from tests.rest_client import ClientOf, basic

pytestmark = pytest.mark.django_db

UNARCHIVE = "/rest/api/3/issue/unarchive"


@pytest.fixture
def client(alice: User, client_of: ClientOf) -> APIClient:
    return client_of(alice)


def unarchive(client: APIClient, *ids_or_keys: str, path: str = UNARCHIVE) -> Any:
    return client.put(path, {"issueIdsOrKeys": list(ids_or_keys)}, format="json")


def archived_keys() -> list[str]:
    return sorted(ArchivedIssue.objects.values_list("key", flat=True))


@pytest.mark.parametrize("version", ["2", "3"])
def test_it_works(client: APIClient, version: str) -> None:
    for number in range(1, 5):
        make_issue(number, project="FOO")
    make_issue(5, project="BAR", reporter="rob")
    answer = unarchive(client, "foo-1", "2", "BAR-5", path=f"/rest/api/{version}/issue/unarchive")
    assert (answer.status_code, answer.json()) == (200, {"numberOfIssuesUpdated": 3, "errors": {}})
    assert archived_keys() == ["FOO-3", "FOO-4"]
    assert list(Project.objects.values_list("key", flat=True)) == ["FOO"]
    assert not Account.objects.filter(account_id="rob").exists()
    removal = Removal.objects.get()
    assert (removal.kind, removal.operator, removal.issue_count) == ("unarchived", "alice@example.com", 3)
    assert removal.filter == {"issueIdsOrKeys": ["foo-1", "2", "BAR-5"]}


def test_unknown_issues_are_listed_and_the_others_removed(client: APIClient) -> None:
    make_issue(1)
    answer = unarchive(client, "FOO-1", "FOO-404", "404", "٣", "9" * 40)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "numberOfIssuesUpdated": 1,
            "errors": {
                "issuesNotFound": {
                    "count": 4,
                    "issueIdsOrKeys": ["FOO-404", "404", "٣", "9" * 40],
                    "message": "Issue not found.",
                }
            },
        },
    )
    assert archived_keys() == []


def test_duplicates_count_once(client: APIClient) -> None:
    make_issue(1)
    answer = unarchive(client, "FOO-1", "foo-1", "1", "01", "no-1", "NO-1", "7", "007")
    assert answer.json() == {
        "numberOfIssuesUpdated": 1,
        "errors": {"issuesNotFound": {"count": 2, "issueIdsOrKeys": ["no-1", "7"], "message": "Issue not found."}},
    }


def test_a_repeated_request_finds_nothing_and_records_nothing(client: APIClient) -> None:
    make_issue(1)
    assert unarchive(client, "FOO-1").json()["numberOfIssuesUpdated"] == 1
    again = unarchive(client, "FOO-1")
    assert (again.status_code, again.json()["numberOfIssuesUpdated"]) == (200, 0)
    assert again.json()["errors"]["issuesNotFound"]["count"] == 1
    assert Removal.objects.count() == 1


def test_a_thousand_are_allowed_and_no_more(client: APIClient) -> None:
    make_issue(1)
    answer = unarchive(client, "FOO-1", *(f"NO-{number}" for number in range(999)))
    assert answer.json()["errors"]["issuesNotFound"]["count"] == 999
    make_issue(1)
    refused = unarchive(client, "FOO-1", *(f"NO-{number}" for number in range(1000)))
    assert refused.status_code == 412
    assert refused.json() == {
        "errorMessages": ["The request has 1,001 issue IDs or keys; at most 1,000 are allowed. Send several."],
        "errors": {},
    }
    assert archived_keys() == ["FOO-1"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ("{}", {"issueIdsOrKeys": "is missing; give a list of issue IDs or keys."}),
        ("", {"issueIdsOrKeys": "is missing; give a list of issue IDs or keys."}),
        ('{"issueIdsOrKeys": null}', {"issueIdsOrKeys": "must be a list of strings."}),
        ('{"issueIdsOrKeys": "FOO-1"}', {"issueIdsOrKeys": "must be a list of strings."}),
        ('{"issueIdsOrKeys": [1]}', {"issueIdsOrKeys": "must be a list of strings."}),
        ('{"issueIdsOrKeys": []}', {"issueIdsOrKeys": "is empty; give at least one issue ID or key."}),
        ('{"issueIdsOrKeys": [" "]}', {"issueIdsOrKeys": "holds ' ', which cannot be a value."}),
        ('{"issueIdsOrKeys": ["\\u0000"]}', {"issueIdsOrKeys": "holds '\\0', which cannot be a value."}),
        (
            '{"issueIdsOrKeys": ["FOO-1"], "jql": "x"}',
            {"jql": 'Unknown field "jql". Use issueIdsOrKeys.'},
        ),
        ("[]", {"body": "must be a JSON object, such as {}."}),
        ("null", {"body": "must be a JSON object, such as {}."}),
    ],
)
def test_an_invalid_body_is_refused(client: APIClient, body: str, errors: dict[str, str]) -> None:
    make_issue(1)
    answer: Any = client.generic("PUT", UNARCHIVE, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"] == errors
    assert answer.json()["errorMessages"][0].startswith("The request body contains invalid values.")
    assert archived_keys() == ["FOO-1"]


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"issueIdsOrKeys": ["FOO-1"]}', "text/plain", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_an_unreadable_body_is_refused_with_an_error_collection(
    client: Any, content: bytes, content_type: str, status: int
) -> None:
    make_issue(1)
    answer: Any = client.generic("PUT", UNARCHIVE, content, content_type=content_type)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorMessages", "errors"}
    assert archived_keys() == ["FOO-1"]


@pytest.mark.parametrize("person", ["carol", "dave"])
def test_only_admins_may_unarchive(person: str, client_of: ClientOf, request: pytest.FixtureRequest) -> None:
    make_issue(1)
    answer = unarchive(client_of(request.getfixturevalue(person)), "FOO-1")
    assert (answer.status_code, answer.json()["errorMessages"]) == (403, ["User is not an admin."])
    assert unarchive(APIClient(), "FOO-1").status_code == 401
    assert archived_keys() == ["FOO-1"]


@pytest.mark.parametrize(
    ("scope", "status"),
    [("write:jira-work", 200), ("read:jira-work", 403), ("read:issue:jira", 403), ("delete:async-task:jira", 403)],
)
def test_a_token_needs_the_write_scope(alice: User, scope: str, status: int) -> None:
    make_issue(1)
    _, secret = create_token(alice, "narrow", scopes=[scope])
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=basic(alice.email, secret))
    assert unarchive(client, "FOO-1").status_code == status


def test_a_session_from_another_origin_is_refused(alice: User) -> None:
    make_issue(1)
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(alice)
    body = json.dumps({"issueIdsOrKeys": ["FOO-1"]})
    assert browser.put(UNARCHIVE, body, content_type="application/json").status_code == 403
    assert archived_keys() == ["FOO-1"]
