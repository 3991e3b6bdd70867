"""GET …/task/{taskId}: polling is cheap, and how many queries it needs."""

import datetime
import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import ApiToken, RoleGrant, User
from exports import tasks
from exports.models import ExportJob
from tests.factories import make_issue, send_heartbeat
from tests.rest_client import EXPORT, ClientOf, put

pytestmark = pytest.mark.django_db(transaction=True)

FIELDS = {
    "self": str, "id": str, "description": str, "status": str, "message": str, "submittedBy": int, "progress": int,
    "elapsedRuntime": int, "submitted": int, "lastUpdate": int,
}  # fmt: skip


def running_job(alice: User, *, rows: int = 0) -> ExportJob:
    job = ExportJob.objects.create(submitted_by=alice)
    attempt = job.claim("worker")
    assert attempt
    send_heartbeat(job, attempt, rows_written=rows, rows_expected=100)
    job.refresh_from_db()
    return job


def test_it_works(alice: User, client_of: ClientOf) -> None:
    job, client = running_job(alice), client_of(alice)
    first = client.get(f"/rest/api/3/task/{job.pk}")
    assert {name: type(value) for name, value in first.json().items()} == FIELDS | {"started": int}
    again = client.get(f"/rest/api/3/task/{job.pk}", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert first["Cache-Control"] == "private, no-cache"


def test_every_change_has_its_own_etag(alice: User, client_of: ClientOf, settings: Any) -> None:
    make_issue(1)
    client = client_of(alice)
    task_id = put(client, {}).json()["taskId"]

    def look() -> str:
        answer = client.get(f"/rest/api/3/task/{task_id}")
        return f"{answer.json()['status']} {answer['ETag']}"

    seen = [look(), look()]
    job = ExportJob.objects.get(pk=task_id)
    job.claim("worker")
    seen.append(look())
    send_heartbeat(job, 1, rows_written=50, rows_expected=100)
    seen.append(look())
    job.requeue(1, "the worker stopped")
    tasks.build_export(job.pk)
    seen.append(look())
    ExportJob.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    seen.append(look())
    assert seen[0] == seen[1]
    assert len(set(seen)) == 5
    assert [step.split()[0] for step in seen] == ["ENQUEUED", "ENQUEUED", "RUNNING", "RUNNING", "COMPLETE", "COMPLETE"]


def test_elapsed_time_does_not_change_the_etag(alice: User, client_of: ClientOf) -> None:
    job, client = running_job(alice), client_of(alice)
    first = client.get(f"/rest/api/3/task/{job.pk}")
    later = client.get(f"/rest/api/3/task/{job.pk}")
    while later.json()["elapsedRuntime"] == first.json()["elapsedRuntime"]:
        later = client.get(f"/rest/api/3/task/{job.pk}")
    assert later["ETag"] == first["ETag"]


def test_a_creator_who_is_no_longer_an_admin_still_sees_the_task(bob: User, client_of: ClientOf) -> None:
    job, client = ExportJob.objects.create(submitted_by=bob), client_of(bob)
    RoleGrant.objects.all().delete()
    assert client.get(f"/rest/api/3/task/{job.pk}").status_code == 200
    assert client.post(f"/rest/api/3/task/{job.pk}/cancel").status_code == 202
    assert client.get(f"/exports/{job.pk}/file").status_code == 403


@pytest.mark.parametrize("has_used_token", [False, True])
def test_polling_needs_five_queries_at_most(alice: User, client_of: ClientOf, has_used_token: bool) -> None:
    job, client = running_job(alice), client_of(alice)
    client.get(f"/rest/api/3/task/{job.pk}")  # the first request from an address is recorded
    ApiToken.objects.update(last_used_at=timezone.now() if has_used_token else None)
    with CaptureQueriesContext(
        connection,
    ) as whole:
        etag = client.get(f"/rest/api/3/task/{job.pk}")["ETag"]
    with CaptureQueriesContext(connection) as unchanged:
        client.get(f"/rest/api/3/task/{job.pk}", headers={"if-none-match": etag})
    assert len(whole) <= 5, [query["sql"] for query in whole]
    assert len(unchanged) <= 4, [query["sql"] for query in unchanged]


def test_submitting_needs_fourteen_queries_at_most(alice: User, client_of: ClientOf) -> None:
    make_issue(1, project="FOO", reporter="rita", issue_type="10001", archived_by="ann")
    dates = {"dateAfter": "2023-01-01", "dateBefore": "2023-01-12"}
    body = {
        "projects": ["FOO"], "archivedBy": ["ann"], "reporters": ["rita"], "issueTypes": ["10001"],
        "archivedDateRange": dates,
    }  # fmt: skip
    client = client_of(alice)
    client.get("/rest/api/3/task/1")  # the first request from an address is recorded
    with CaptureQueriesContext(connection) as captured:
        answer = client.put(EXPORT, json.dumps(body), content_type="application/json")
    assert answer.status_code == 202
    # On SQLite the list also has BEGIN and COMMIT.
    queries = [query["sql"] for query in captured if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    assert len(queries) <= 14, "\n".join(queries)


@pytest.mark.parametrize(("percent", "seconds"), [(50, 60), (75, 20), (99, 1)])
def test_retry_after_follows_the_running_jobs_speed(
    alice: User, client_of: ClientOf, percent: int, seconds: int
) -> None:
    job = running_job(alice, rows=percent)
    ExportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - datetime.timedelta(seconds=60))
    answer = put(client_of(alice), {})
    assert answer.status_code == 412
    assert abs(int(answer["Retry-After"]) - seconds) <= 1


def test_retry_after_is_short_while_the_job_is_being_cancelled(alice: User, client_of: ClientOf) -> None:
    job = running_job(alice, rows=1)
    ExportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - datetime.timedelta(hours=1))
    client = client_of(alice)
    assert client.post(f"/rest/api/3/task/{job.pk}/cancel").status_code == 202
    assert client.get(f"/rest/api/3/task/{job.pk}").json()["status"] == "CANCEL_REQUESTED"
    assert client.post(f"/rest/api/3/task/{job.pk}/cancel").status_code == 202
    assert int(put(client, {})["Retry-After"]) <= 2


def test_an_unexpected_error_has_an_incident_number_that_is_in_the_log(
    alice: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("exports.services.find_job", fail)
    answer = client_of(alice).get("/rest/api/3/task/1")
    assert answer.status_code == 500
    assert "secret detail" not in answer.content.decode()
    incident = answer.json()["errorMessages"][0].rstrip(".").rpartition(" ")[2]
    record = next(record for record in caplog.records if incident in record.getMessage())
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


@pytest.mark.parametrize("place", ["exports.services.find_job", "accounts.middleware.UserTimeZoneMiddleware.__call__"])
def test_a_database_that_is_away_is_503_in_views_and_middleware(
    alice: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(place, away)
    answer = client_of(alice).get("/rest/api/3/task/1")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert set(answer.json()) == {"errorMessages", "errors"}
