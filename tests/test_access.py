"""What those without access see, and that nothing happens. Who has access to what is in `permissions`."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User
from exports.models import ExportJob
from jobs.leased import JobStatus
from tests.conftest import PASSWORD
from tests.factories import make_issue

PAGES = [
    "/",
    "/?projects=FOO",
    "/suggest/reporters",
    "/issues/FOO-1",
    "/exports/",
    "/exports/running",
    "/exports/{job}",
    "/exports/{job}/progress",
]
ACTIONS = ["/exports/", "/exports/{job}/cancel", "/exports/{job}/rerun", "/mails/1/resend"]


@pytest.fixture
def job(alice: User) -> ExportJob:
    return ExportJob.objects.create(submitted_by=alice, filter={})


@pytest.mark.parametrize("page", PAGES)
def test_anonymous_users_sign_in_first_and_return(client: Client, job: ExportJob, page: str) -> None:
    path = page.format(job=job.pk)
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in?next={quote(path)}")


@pytest.mark.parametrize("person", ["dave", "carol", "erin"])
def test_users_who_are_not_admins_read_whom_to_ask(client: Client, request: Any, person: str) -> None:
    client.force_login(request.getfixturevalue(person))
    assert "Ask a site admin" in client.get("/").content.decode()


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_need_an_admin(client: Client, dave: User, job: ExportJob, action: str) -> None:
    path = action.format(job=job.pk)
    response = client.post(path)
    assert (response.status_code, response["Location"]) == (302, "/sign-in?next=/exports/")
    client.force_login(dave)
    assert client.post(path).status_code == 403
    assert list(ExportJob.objects.values_list("status", flat=True)) == [JobStatus.ENQUEUED]


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_need_a_csrf_token(alice: User, job: ExportJob, action: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(action.format(job=job.pk))
    assert response.status_code == 403
    assert "Nothing was changed." in response.content.decode()
    assert list(ExportJob.objects.values_list("status", flat=True)) == [JobStatus.ENQUEUED]


def test_another_origin_cannot_post_even_with_a_csrf_token(alice: User) -> None:
    make_issue(1)
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(alice)
    client.get("/")
    token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post("/exports/", token, headers={"origin": "https://evil.example"}).status_code == 403
    assert not ExportJob.objects.exists()
    assert client.post("/exports/", token, headers={"origin": "http://localhost"}).status_code == 302
    assert ExportJob.objects.exists()


@pytest.mark.parametrize("action", ACTIONS[1:])
def test_get_never_acts_and_shows_a_page(client: Client, alice: User, job: ExportJob, action: str) -> None:
    client.force_login(alice)
    response = client.get(action.format(job=job.pk))
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert "portal.css" in response.content.decode()
    assert ExportJob.objects.get().status == JobStatus.ENQUEUED


def test_a_suspended_admin_loses_access_at_once(client: Client, bob: User) -> None:
    client.login(username="bob@example.com", password=PASSWORD)
    assert client.get("/exports/").status_code == 200
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert client.get("/exports/").status_code == 302


def test_a_fragment_never_contains_the_sign_in_page(client: Client, job: ExportJob) -> None:
    response = client.get(f"/exports/{job.pk}/progress", headers={"hx-request": "true"})
    assert (response["HX-Refresh"], response.content) == ("true", b"")


def test_pages_are_not_cached_and_forbid_inline_scripts(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.get("/")
    assert "no-store" in response["Cache-Control"]
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy.split("; ")
    assert "unsafe" not in policy
    assert " style=" not in response.content.decode()
