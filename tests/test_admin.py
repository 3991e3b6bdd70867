"""Admin: carol can read the history and change nothing."""

import pytest
from django.contrib import admin
from django.test import Client
from django_q.models import OrmQ, Schedule

from accounts.models import User
from archive.models import ArchivedIssue
from exports.models import Download, ExportEvent, ExportJob, Mail
from tests.factories import make_issue

HISTORY = ["exportjob", "download", "mail"]
ARCHIVE = ["archivedissue", "project", "issuetype", "account"]


@pytest.fixture
def job(bob: User) -> ExportJob:
    job = ExportJob.objects.create(submitted_by=bob, filter={"projects": ["FOO"]})
    ExportEvent.objects.create(job=job, status=job.status, note="requested by Bob")
    Mail.objects.create(job=job, kind="failed", recipient="bob@example.com", message_id="<1>")
    Download.objects.create(job=job, user=bob, address="192.0.2.1")
    return job


def test_carol_can_read_the_history(client: Client, carol: User, job: ExportJob) -> None:
    client.force_login(carol)
    for name in HISTORY:
        response = client.get(f"/admin/exports/{name}/")
        assert response.status_code == 200, name
        assert "1 " in response.content.decode()
    text = client.get(f"/admin/exports/exportjob/{job.pk}/change/").content.decode()
    for words in ("requested by Bob", "192.0.2.1", "bob@example.com"):
        assert words in text


def test_admin_pages_name_their_time_zone(client: Client, carol: User, job: ExportJob) -> None:
    User.objects.filter(pk=carol.pk).update(time_zone="Asia/Tokyo")
    client.force_login(carol)
    for page in ("", "exports/exportjob/", f"exports/exportjob/{job.pk}/change/"):
        assert "Times are in Asia/Tokyo." in client.get(f"/admin/{page}").content.decode(), page


@pytest.mark.parametrize("person", ["carol", "alice"])
@pytest.mark.parametrize("name", HISTORY)
def test_nobody_can_change_history(
    client: Client, request: pytest.FixtureRequest, job: ExportJob, person: str, name: str
) -> None:
    client.force_login(request.getfixturevalue(person))
    pk = {"exportjob": job, "download": job.downloads.get(), "mail": job.mails.get()}[name].pk
    base = f"/admin/exports/{name}/"
    assert client.post(f"{base}{pk}/change/", {"status": "COMPLETE"}).status_code == 403
    assert client.post(f"{base}{pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{base}add/", {}).status_code == 403
    assert client.post(base, {"action": "delete_selected", "_selected_action": pk, "post": "yes"}).status_code in {
        200,
        302,
    }
    assert (ExportJob.objects.count(), Download.objects.count(), Mail.objects.count()) == (1, 1, 1)
    assert ExportJob.objects.get().status == "ENQUEUED"


def test_carol_can_see_nothing_else(client: Client, carol: User) -> None:
    client.force_login(carol)
    for path in ("accounts/user/", "accounts/apitoken/", "archive/archivedissue/"):
        assert client.get(f"/admin/{path}").status_code == 403, path


def test_dave_and_bob_cannot_open_admin(client: Client, dave: User, bob: User) -> None:
    for person in (dave, bob):
        client.force_login(person)
        response = client.get("/admin/exports/exportjob/")
        assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/admin/exports/exportjob/")


def test_alice_can_browse_the_archive_but_not_change_it(client: Client, alice: User) -> None:
    issue = make_issue(1, summary="One")
    client.force_login(alice)
    for name in ARCHIVE:
        assert client.get(f"/admin/archive/{name}/").status_code == 200, name
    assert "FOO-1" in client.get("/admin/archive/archivedissue/?q=FOO-1").content.decode()
    assert client.get(f"/admin/archive/archivedissue/{issue.pk}/change/").status_code == 200
    assert client.post(f"/admin/archive/archivedissue/{issue.pk}/change/", {"summary": "Two"}).status_code == 403
    assert ArchivedIssue.objects.get().summary == "One"


def test_lists_can_be_searched(client: Client, alice: User, job: ExportJob) -> None:
    client.force_login(alice)
    for query in (f"exportjob/?q={job.pk}", "exportjob/?q=bob", "mail/?q=bob", "download/?q=192.0.2.1"):
        response = client.get(f"/admin/exports/{query}")
        assert response.status_code == 200
        assert "1 result" in response.content.decode(), query


def test_the_queue_has_no_admin_pages() -> None:
    for model in (Schedule, OrmQ):
        assert not admin.site.is_registered(model)
