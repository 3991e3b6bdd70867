"""PUT …/archive/export, GET …/task/{taskId} and POST …/cancel follow the contract."""

import re
from typing import Any

import pytest
from django_q.models import OrmQ
from rest_framework.test import APIClient

from accounts.models import ApiToken, User
from exports import tasks
from exports.models import ExportJob
from tests.factories import make_issue
from tests.rest_client import EXPORT, ClientOf, basic, put

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_works(alice: User, client_of: ClientOf) -> None:
    make_issue(1, project="FOO")
    client = client_of(alice)
    answer = put(client, {"projects": ["foo"]})
    body = answer.json()
    assert answer.status_code == 202
    assert set(body) == {"taskId", "status", "progress", "submittedTime", "payload"}
    assert (body["status"], body["progress"], body["payload"]) == ("ENQUEUED", 0, "{projects=[FOO]}")
    assert re.fullmatch(r"\d+", body["taskId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", body["submittedTime"])
    assert answer["Location"] == f"http://localhost:8000/rest/api/3/task/{body['taskId']}"

    waiting = client.get(f"/rest/api/3/task/{body['taskId']}").json()
    assert waiting["status"] == "ENQUEUED"
    assert "started" not in waiting
    assert "result" not in waiting

    tasks.build_export(int(body["taskId"]))
    done = client.get(f"/rest/api/3/task/{body['taskId']}").json()
    assert (done["status"], done["progress"], done["submittedBy"]) == ("COMPLETE", 100, alice.pk)
    assert done["submitted"] <= done["started"] <= done["finished"] <= done["lastUpdate"]
    assert done["result"]["rows"] == 1
    assert done["result"]["fileUrl"] == f"http://localhost:8000/exports/{body['taskId']}/file"
    file: Any = client.get(f"/exports/{body['taskId']}/file")
    content = b"".join(file.streaming_content)
    assert (file.status_code, len(content)) == (200, done["result"]["bytes"])
    assert file["ETag"] == f'"{done["result"]["sha256"]}"'


def test_a_job_is_created_together_with_its_queue_message(alice: User, client_of: ClientOf) -> None:
    put(client_of(alice), {})
    assert ExportJob.objects.count() == OrmQ.objects.count() == 1


def test_a_second_export_is_refused_while_one_is_active(alice: User, bob: User, client_of: ClientOf) -> None:
    task_id = put(client_of(alice), {}).json()["taskId"]
    answer = put(client_of(bob), {})
    assert answer.status_code == 412
    assert answer.json() == {
        "errorMessages": [
            (
                f"An issue archival task is already running with ID {task_id}. "
                "To start a new one, cancel the task or wait for it to finish."
            )
        ],
        "errors": {},
    }
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b'{"nonsense": []}', "application/json", 400),
        (b'{"projects": ["NO"]}', "application/json", 400),
        (b"\xff{}", "application/json", 400),
        (b"{} trailing", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"projects": ' + b"[" * 900 + b"]" * 900 + b"}", "application/json", 400),
        (b'{"archivedDate": {"dateAfter": ' + b"[" * 900 + b"]" * 900 + b"}}", "application/json", 400),
        (b'{"projects": NaN}', "application/json", 400),
        (b"9" * 5000, "application/json", 400),
        (b'{"projects": ["FOO"], "projects": []}', "application/json", 400),
        (b'{"\\ud800": 1}', "application/json", 400),
        (b'{"projects": ["\\u0000", "\\ud800"]}', "application/json", 400),
        ("{}".encode("utf-16"), "application/json", 400),
        (b"{}", "application/json; charset=utf-16", 415),
        (b"{}", "application/json; charset=hex", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_an_unreadable_body_is_refused_with_an_error_collection(
    alice: User, client_of: ClientOf, content: bytes, content_type: str, status: int
) -> None:
    client: Any = client_of(alice)
    answer = client.generic("PUT", EXPORT, content, content_type=content_type)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorMessages", "errors"}
    assert answer.json()["errorMessages"]
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON ; charset=UTF-8"])
def test_the_content_type_is_read_as_in_rfc_9110(alice: User, client_of: ClientOf, content_type: str) -> None:
    client: Any = client_of(alice)
    assert client.generic("PUT", EXPORT, b"{}", content_type=content_type).status_code == 202


def test_of_many_unknown_fields_only_some_are_named(alice: User, client_of: ClientOf) -> None:
    answer = put(client_of(alice), {f"field{number}": [] for number in range(50_000)})
    assert answer.status_code == 400
    assert len(answer.content) < 10_000
    errors = answer.json()["errors"]
    assert list(errors) == [f"field{number}" for number in range(20)] + ["body"]
    assert errors["body"] == "has 49,980 more unknown fields."
    nested = put(client_of(alice), {"archivedDate": {f"field{number}": 1 for number in range(50_000)}})
    assert nested.json()["errors"]["archivedDate"] == "has 49,980 more unknown fields."
    assert len(nested.content) < 10_000


def test_every_wrong_value_of_every_field_is_named(alice: User, client_of: ClientOf) -> None:
    make_issue(1, project="FOO", reporter="rita")
    body = {"projects": ["FOO", "NO", "NEITHER"], "reporters": ["rita", "ghost"], "issueTypes": ["77"]}
    answer = put(client_of(alice), body)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "projects": "the archive has no project key 'NO', 'NEITHER'.",
        "issueTypes": "the archive has no issue type ID '77'.",
        "reporters": "the archive has no account ID 'ghost'.",
    }
    assert answer.json()["errorMessages"][0].startswith("Your filter contains invalid values")


@pytest.mark.parametrize(
    ("dates", "field"),
    [
        ({"archivedDateRange": {"dateAfter": "2023-01-02"}}, "archivedDateRange.dateBefore"),
        ({"archivedDateRange": {"dateAfter": "2023-01-02", "dateBefore": "2023-01-02"}}, "archivedDateRange"),
        (
            {"archivedDateRange": {"dateAfter": "2023-01-02", "dateBefore": "2023-02-30"}},
            "archivedDateRange.dateBefore",
        ),
        ({"archivedDateRange": {"dateAfter": 20230102, "dateBefore": "2023-02-03"}}, "archivedDateRange.dateAfter"),
        ({"archivedDateRange": "2023"}, "archivedDateRange"),
        ({"archivedDate": {"dateAfter": "2023-01-02", "dateBefore": "2023-02-03", "x": 1}}, "archivedDate.x"),
        (
            {
                "archivedDate": {"dateAfter": "2023-01-02", "dateBefore": "2023-02-03"},
                "archivedDateRange": {"dateAfter": "2023-01-02", "dateBefore": "2023-02-04"},
            },
            "archivedDate",
        ),
        ({"projects": ["x"] * 1001}, "projects"),
        ({"projects": "FOO"}, "projects"),
        ({"projects": [1]}, "projects"),
    ],
)
def test_an_invalid_filter_is_refused(alice: User, client_of: ClientOf, dates: Any, field: str) -> None:
    answer = put(client_of(alice), dates)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_null_and_empty_lists_do_not_filter(alice: User, client_of: ClientOf) -> None:
    body = dict.fromkeys(["projects", "archivedBy", "archivedDateRange", "archivedDate", "issueTypes"]) | {
        "reporters": []
    }
    answer = put(client_of(alice), body)
    assert (answer.status_code, answer.json()["payload"]) == (202, "{}")


def test_the_payload_has_the_form_of_jiras_example(alice: User, client_of: ClientOf) -> None:
    make_issue(1, project="FOO", reporter="rita", issue_type="10001", archived_by="ann")
    make_issue(2, project="BAR", reporter="rolf", issue_type="10002", archived_by="ann")
    dates = {"dateAfter": "2023-01-01", "dateBefore": "2023-01-12"}
    answer = put(
        client_of(alice),
        {
            "archivedBy": ["ann"],
            "archivedDate": dates,
            "archivedDateRange": dates,
            "issueTypes": ["10001", "10002"],
            "projects": ["foo", "BAR"],
            "reporters": ["rita", "rolf"],
        },
    )
    assert answer.json()["payload"] == (
        "{projects=[FOO, BAR], reporters=[rita, rolf], issueTypes=[10001, 10002], "
        "archivedDate={dateAfterInstant=2023-01-01, dateBeforeInstant=2023-01-12}, archivedBy=[ann]}"
    )


def test_more_than_a_million_issues_are_refused(
    alice: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_issue(number)
    monkeypatch.setattr("archive.filters.MOST_ISSUES", 2)
    monkeypatch.setattr("exports.services.MOST_ISSUES", 2)
    answer = put(client_of(alice), {})
    assert answer.status_code == 400
    assert "matches more than 2 issues" in answer.json()["errorMessages"][0]


@pytest.mark.parametrize("plan", ["free", "standard"])
def test_the_plan_must_include_exports(alice: User, client_of: ClientOf, settings: Any, plan: str) -> None:
    settings.SITE_PLAN = plan
    answer = put(client_of(alice), {})
    assert answer.status_code == 403
    assert "Premium or Enterprise" in answer.json()["errorMessages"][0]


PATHS = [
    ("put", EXPORT),
    ("get", "/rest/api/3/task/1"),
    ("post", "/rest/api/3/task/1/cancel"),
    ("get", "/exports/1/file"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_anonymous_requests_are_refused(method: str, path: str, alice: User) -> None:
    ExportJob.objects.create(pk=1, submitted_by=alice)
    answer = getattr(APIClient(), method)(path, {}, format="json")
    assert answer.status_code == 401
    assert answer.json() == {"errorMessages": ["User is not logged in."], "errors": {}}
    assert answer["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("person", ["carol", "dave"])
def test_users_who_are_not_admins_are_refused(
    method: str, path: str, person: str, alice: User, client_of: ClientOf, request: pytest.FixtureRequest
) -> None:
    ExportJob.objects.create(pk=1, submitted_by=alice)
    answer = getattr(client_of(request.getfixturevalue(person)), method)(path, {}, format="json")
    if path.endswith("/file"):  # someone else's file does not exist for them
        assert answer.status_code == 404
        return
    assert answer.status_code == 403
    assert answer.json() == {"errorMessages": ["User is not an admin."], "errors": {}}


@pytest.mark.parametrize("secret", ["wrong", "wrong.secret", ""])
def test_a_wrong_token_is_refused(alice: User, secret: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=basic(alice.email, secret))
    assert put(client, {}).status_code == 401


def test_the_password_is_not_accepted_as_a_token(alice: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=basic(alice.email, "correct horse battery staple"))
    assert put(client, {}).status_code == 401


def test_a_token_works_only_with_its_owners_email(alice: User, bob: User) -> None:
    _, token = ApiToken.objects.create_key(user=alice, name="hers", scope="read:jira-work write:jira-work")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=basic(bob.email, token))
    assert put(client, {}).status_code == 401


def test_a_suspended_user_and_a_revoked_token_are_refused_at_once(alice: User, client_of: ClientOf) -> None:
    client = client_of(alice)
    assert client.get("/rest/api/3/task/1").status_code == 404
    User.objects.update(is_active=False)
    assert client.get("/rest/api/3/task/1").status_code == 401
    User.objects.update(is_active=True)
    ApiToken.objects.update(revoked=True)
    assert client.get("/rest/api/3/task/1").status_code == 401


def test_a_session_from_another_origin_is_refused(alice: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert put(browser, {}).status_code == 403
    assert browser.post("/rest/api/3/task/1/cancel", {}, format="json").status_code == 403
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("task_id", ["7", "x", "-1", "1.0", "٣", "9" * 40])
def test_an_unknown_task_is_not_found(alice: User, client_of: ClientOf, task_id: str) -> None:
    answer = client_of(alice).get(f"/rest/api/3/task/{task_id}")
    assert answer.status_code == 404
    assert answer.json()["errorMessages"] == [f"There is no task with ID {task_id}."]


def test_a_waiting_task_is_cancelled_at_once_and_only_once(alice: User, client_of: ClientOf) -> None:
    client = client_of(alice)
    task_id = put(client, {}).json()["taskId"]
    assert client.post(f"/rest/api/3/task/{task_id}/cancel").status_code == 202
    assert client.get(f"/rest/api/3/task/{task_id}").json()["status"] == "CANCELLED"
    assert client.post(f"/rest/api/3/task/{task_id}/cancel").status_code == 400
    assert put(client, {}).status_code == 202


def test_a_missing_file_is_explained(alice: User, client_of: ClientOf, settings: Any) -> None:
    client = client_of(alice)
    task_id = put(client, {}).json()["taskId"]
    assert client.get(f"/exports/{task_id}/file").status_code == 409
    settings.EXPORT_KEEP_DAYS = 0
    tasks.build_export(int(task_id))
    assert client.get(f"/exports/{task_id}/file").status_code == 410
    assert "result" not in client.get(f"/rest/api/3/task/{task_id}").json()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/rest/", 404),
        ("GET", "/rest/api/3/nothing", 404),
        ("DELETE", EXPORT, 405),
        ("PUT", "/rest/api/3/task/1", 405),
        ("GET", "/rest/api/3/task/1/cancel", 405),
        ("OPTIONS", EXPORT, 405),
        ("TRACE", "/rest/api/3/task/1", 405),
        ("PUT", f"{EXPORT}/", 404),
        ("GET", "/rest/api/2/task/1", 404),
        ("GET", "/rest/api/4/task/1", 404),
        ("GET", "/rest/api/2/nothing", 404),
        ("PUT", "/rest/api/3/issue/archive", 404),
        ("POST", "/rest/api/3/issue/archive", 404),
    ],
)
def test_an_unknown_path_or_method_is_refused_with_an_error_collection(
    alice: User, client_of: ClientOf, method: str, path: str, status: int
) -> None:
    answer = client_of(alice).generic(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"errorMessages", "errors"}
    assert status != 405 or method not in answer["Allow"].split(", ")


def test_an_error_before_any_view_is_json_too() -> None:
    answer = APIClient(raise_request_exception=False).get("/rest/api/3/task/1", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert set(answer.json()) == {"errorMessages", "errors"}
