"""The Import page: importers and site admins upload files; nobody else can see it."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now
from django.test import Client

from accounts.models import User
from archive.models import ArchivedIssue
from imports import tasks
from imports.models import ImportJob
from jobs.models import Worker

pytestmark = pytest.mark.django_db
CSV = b"Issue id,Issue key,Issue Type,Created\n1,AC-1,Bug,\n2,AC-2,<b>,now\n"


def form(content: bytes = CSV, **fields: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("issues.csv", content), "on_conflict": "update"} | fields


@pytest.mark.django_db(transaction=True)  # heartbeats have a connection of their own
def test_it_works(client: Client, erin: User) -> None:
    client.force_login(erin)
    assert 'type="file"' in client.get("/imports/").content.decode()
    response = client.post("/imports/", form(archived_date="2024-02-03", archived_by="5b-ann"))
    row = ImportJob.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/imports/{row.pk}")
    assert row.options == {"archived_date": "2024-02-03", "archived_by": "5b-ann", "on_conflict": "update"}
    text = client.get(f"/imports/{row.pk}").content.decode()
    assert "every 1s" in text
    assert "Activity" in text
    assert "Waiting: Requested by Erin" in text
    assert re.search(r"by erin@example\.com on <time [^>]+>[^<]+</time>\s+UTC\.", text)

    tasks.import_upload(row.pk)
    text = client.get(f"/imports/{row.pk}/progress").content.decode()
    assert "every 1s" not in text
    assert "Created is &#x27;now&#x27;" in text
    assert "Set the date format in Import options." in text
    assert "Rejected issues, unchanged. Fix them and import this file." in text
    assert f"/imports/{row.pk}/rejects/issues.rejects.csv" in text
    download = client.get(f"/imports/{row.pk}/rejects/issues.rejects.csv")
    assert b"".join(download) == b"Issue id,Issue key,Issue Type,Created\n2,AC-2,<b>,now\n"
    assert "attachment" in download["Content-Disposition"]
    assert ArchivedIssue.objects.get().archived_by.account_id == "5b-ann"
    assert f"Import {row.pk}" in client.get("/imports/").content.decode()


def test_the_page_says_that_no_worker_is_running(client: Client, erin: User) -> None:
    client.force_login(erin)
    client.post("/imports/", form())
    client.post("/imports/", form())
    first, second = ImportJob.objects.order_by("pk")
    page = f"/imports/{second.pk}/progress"
    text = client.get(page).content.decode()
    assert "No worker is running. Ask your portal administrator to start <code>run_worker</code>." in text
    first.claim("host:1")  # with SQLite its worker can't show that it is alive
    assert "No worker" not in client.get(page).content.decode()
    ImportJob.objects.filter(pk=first.pk).update(status="ENQUEUED", lease_expires_at=None)
    Worker.objects.create(name="host:1", host="host", pid=1)
    assert "Starts as soon as a worker is free" in client.get(page).content.decode()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("date_format", "%d %d", "isn&#x27;t a date format such as"),
        ("archived_date", "9999-01-01", "years go from 1900 to 2200"),
    ],
)
def test_an_option_that_cannot_be_used_is_shown_at_its_field(
    client: Client, erin: User, name: str, value: str, reason: str
) -> None:
    client.force_login(erin)
    response = client.post("/imports/", form() | {name: value})
    assert response.status_code == 400
    assert reason in response.content.decode()
    assert ImportJob.objects.count() == 0


def test_the_form_explains_its_options(client: Client, alice: User) -> None:
    client.force_login(alice)
    text = client.get("/imports/").content.decode()
    for words in (
        "Dry run (nothing is changed)",
        "<summary>Import options</summary>",
        "Used when the file names no one. Defaults to you.",
        "Used when the file has no archive date. Defaults to now.",
        "Time zone of dates in the CSV. Defaults to the site's.",
        "If an issue already exists",
        "Stop at the first error",
        "Issues that can't be read are listed and can be downloaded.",
    ):
        assert words in text


@pytest.mark.django_db(transaction=True)
def test_a_dry_run_changes_nothing_and_says_so(client: Client, erin: User) -> None:
    client.force_login(erin)
    client.post("/imports/", form(is_dry_run="on"))
    row = ImportJob.objects.get()
    assert row.options == {"is_dry_run": True, "on_conflict": "update"}
    tasks.import_upload(row.pk)
    text = client.get(f"/imports/{row.pk}").content.decode()
    assert "Dry run: nothing was changed" in text
    assert "issues.csv (dry run: nothing was changed): 1 created" in text
    assert not ArchivedIssue.objects.exists()


def test_progress_is_shown(client: Client, erin: User) -> None:
    client.force_login(erin)
    client.post("/imports/", form())
    row = ImportJob.objects.get()
    attempt = row.claim("host:1")
    assert attempt
    assert row.heartbeat(attempt, progress=42, record_count=1234)
    text = client.get(f"/imports/{row.pk}/progress").content.decode()
    assert "1,234 issues read" in text
    assert 'value="42"' in text


@pytest.mark.parametrize("page", ["/imports/", "/imports/1", "/imports/1/progress", "/imports/1/rejects/a.csv"])
@pytest.mark.parametrize("person", ["bob", "carol", "dave"])
def test_without_import_access_there_is_nothing_to_see(client: Client, request: Any, page: str, person: str) -> None:
    user = request.getfixturevalue(person)
    client.force_login(user)
    assert client.get(page).status_code == 403
    assert client.post("/imports/", form()).status_code == 403
    assert not ImportJob.objects.exists()
    if user.is_admin:
        assert "/imports/" not in client.get("/").content.decode()


def test_anonymous_signs_in_first(client: Client) -> None:
    response = client.post("/imports/", form())
    assert (response.status_code, response["Location"].startswith("/sign-in")) == (302, True)


def test_a_post_needs_the_pages_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post("/imports/", form()).status_code == 403
    client.get("/imports/")
    token = client.cookies["csrftoken"].value
    assert client.post("/imports/", form(csrfmiddlewaretoken=token)).status_code == 302


@pytest.mark.django_db(transaction=True)  # heartbeats have a connection of their own
@pytest.mark.parametrize("name", ["x" * 250 + ".csv", "ü" * 200 + ".csv", "../../" + "x" * 300, "a\\b\n;.csv"])
def test_a_file_may_have_any_name(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    broken = SimpleUploadedFile(name, b"Issue id,Issue key,Issue Type\nx,FOO-1,Bug\n1,FOO-2,Bug\n")
    response = client.post("/imports/", form() | {"file": broken})
    assert response.status_code == 302
    job = ImportJob.objects.get()
    tasks.import_upload(job.pk)
    job.refresh_from_db()
    assert (job.status, job.rejected_count, job.created_count) == ("COMPLETE", 1, 1)
    text = client.get(f"/imports/{job.pk}").content.decode()
    (address,) = re.findall(r"/imports/\d+/rejects/[^\"]+", text)
    download: Any = client.get(unescape(address))
    assert b"x,FOO-1,Bug" in b"".join(download.streaming_content)
    download.close()


def test_a_file_that_is_too_large_is_refused(client: Client, alice: User, settings: Any) -> None:
    settings.IMPORT_UPLOAD_MB = 1
    client.force_login(alice)
    response = client.post("/imports/", form(b"x" * 1_200_000))
    assert response.status_code == 413
    assert "larger than 1 MB" in response.content.decode()
    assert client.post("/imports/", form(b"x" * 1_060_000)).status_code == 413
    assert not ImportJob.objects.exists()


def test_twenty_imports_of_a_person_wait_at_most(client: Client, erin: User, alice: User) -> None:
    client.force_login(erin)
    answers = [client.post("/imports/", form()) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert "20 of your imports are waiting or running." in answers[-1].content.decode()
    assert client.get("/imports/").status_code == 200
    client.force_login(alice)
    assert client.post("/imports/", form()).status_code == 302
    ImportJob.objects.filter(pk=ImportJob.objects.earliest("pk").pk).update(status="CANCELLED", finished_at=Now())
    client.force_login(erin)
    assert client.post("/imports/", form()).status_code == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"time_zone": "Mars"}, "&#x27;Mars&#x27; isn&#x27;t a time zone. Use a name such as Europe/Berlin."),
        ({"archived_date": "soon"}, "Enter a valid date"),
        ({"file": ""}, "required"),
    ],
)
def test_a_wrong_form_says_what_is_wrong(client: Client, alice: User, fields: dict[str, str], sentence: str) -> None:
    client.force_login(alice)
    response = client.post("/imports/", form() | fields)
    assert response.status_code == 400
    assert sentence in response.content.decode()


def test_only_rejects_can_be_downloaded(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.post("/imports/", form())
    row = ImportJob.objects.get()
    for name in ("upload", "..%2Fupload", "issues.rejects.csv"):
        assert client.get(f"/imports/{row.pk}/rejects/{name}").status_code == 404


def test_admin_shows_the_history(client: Client, carol: User, alice: User) -> None:
    client.force_login(alice)
    client.post("/imports/", form())
    client.force_login(carol)
    page = client.get("/admin/imports/importjob/").content.decode()
    assert "issues.csv" in page
    row = ImportJob.objects.get()
    assert "Requested by Alice" in client.get(f"/admin/imports/importjob/{row.pk}/change/").content.decode()
    assert client.post(f"/admin/imports/importjob/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/archive/removal/").status_code == 200
