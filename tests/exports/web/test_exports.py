"""The history and the page of an export."""

import datetime
import html
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from archive.filters import IssueFilter
from core.formats import duration
from exports import services
from exports.models import ExportJob, Mail
from exports.models.mails import MailKind, MailStatus
from exports.web import history
from exports.web.filter_words import date_range
from exports.web.progress import pace
from jobs.leased import JobStatus
from jobs.models import Worker
from tests.factories import make_account, make_issue, make_project, send_heartbeat

SHA256 = "0123456789abcdef" * 4


@pytest.fixture
def page(client: Client, alice: User) -> Any:
    """Fetch a page as alice and return (status, text)."""
    client.force_login(alice)

    def get(path: str, **headers: str) -> tuple[int, str]:
        response = client.get(path, headers=headers or None)
        return response.status_code, " ".join(html.unescape(response.content.decode()).split())

    return get


def make_job(user: User, **fields: Any) -> ExportJob:
    return ExportJob.objects.create(submitted_by=user, **{"filter": {}, **fields})


def complete(job: ExportJob, rows: int = 1284) -> None:
    attempt = job.claim("worker")
    assert attempt
    facts = {"rows_written": rows, "rows_expected": rows, "file_name": "x.csv", "bytes": 2048, "sha256": SHA256}
    assert job.publish(attempt, snapshot_at=timezone.now(), **facts)


def expire(job: ExportJob) -> None:
    ExportJob.objects.filter(pk=job.pk).update(expires_at=timezone.now() - datetime.timedelta(minutes=1))


def test_it_works(page: Any, bob: User) -> None:
    make_project("FOO", name="Footwear")
    make_account("rita", "Rita Reporter")
    dates = {"dateAfter": "2023-01-01", "dateBefore": "2023-02-01"}
    job = make_job(bob, filter={"projects": ["FOO"], "reporters": ["rita"], "archivedDateRange": dates})
    complete(job)
    Mail.objects.create(
        job=job,
        kind=MailKind.READY,
        recipient=bob.email,
        message_id="<1>",
        status=MailStatus.SENT,
        sent_at=timezone.now(),
    )
    _, text = page(f"/exports/{job.pk}")
    for words in (
        "Requested by Bob",
        "1,284 issues",
        "1,284 of 1,284 issues · ",
        "On: cells that look like formulas start with '",
        f'href="/exports/{job.pk}/file"',
        "(2,048 bytes)",
        SHA256,
        "Snapshot taken",
        "UTC",
        "Expires",
        "Footwear (FOO)",
        "Rita Reporter",
        "1 Jan – 31 Jan 2023",
        "Email to bob@example.com: sent",
        "Run again",
        'href="/?projects=FOO&reporters=rita&dateAfter=2023-01-01&dateBefore=2023-02-01"',
    ):
        assert words in text, words
    assert "hx-trigger" not in text
    assert "http-equiv" not in text


def test_the_page_reloads_its_progress_until_the_export_has_ended(page: Any, bob: User) -> None:
    job = make_job(bob)
    attempt = job.claim("worker")
    assert attempt
    send_heartbeat(job, attempt, rows_written=412, rows_expected=1000)
    for path in (f"/exports/{job.pk}", f"/exports/{job.pk}/progress"):
        _, text = page(path)
        assert "412 of 1,000 issues" in text
        assert 'max="100" value="41"' in text
        assert f'hx-get="/exports/{job.pk}/progress?from=RUNNING" hx-trigger="every 1s"' in text
    complete_attempt = {"rows_written": 1000, "rows_expected": 1000, "file_name": "x", "bytes": 9, "sha256": SHA256}
    job.publish(attempt, snapshot_at=timezone.now(), **complete_attempt)
    _, text = page(f"/exports/{job.pk}/progress")
    assert "hx-trigger" not in text
    assert "<html" not in text
    assert f"<title>✓ Ready · Export {job.pk}" in text
    assert 'id="actions" class="actions" hx-swap-oob="true"' in text


def test_the_page_reloads_its_progress_until_the_email_is_sent(page: Any, bob: User) -> None:
    job = make_job(bob)
    complete(job)
    mail = Mail.objects.create(job=job, kind=MailKind.READY, recipient=bob.email, message_id="<1>")
    _, text = page(f"/exports/{job.pk}")
    assert 'hx-trigger="every 3s"' in text
    _, text = page(f"/exports/{job.pk}/progress?from=COMPLETE")
    assert 'hx-trigger="every 3s"' in text
    assert "hx-swap-oob" not in text  # nothing else has changed
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.SENT, sent_at=timezone.now())
    assert "hx-trigger" not in page(f"/exports/{job.pk}/progress?from=COMPLETE")[1]


def test_the_page_shows_the_speed_and_the_remaining_time(page: Any, bob: User) -> None:
    job = make_job(bob)
    attempt = job.claim("worker")
    assert attempt
    send_heartbeat(job, attempt, rows_written=20_000, rows_expected=100_000)
    ExportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - datetime.timedelta(seconds=10))
    job.refresh_from_db()
    assert pace(job).rate == pytest.approx(2000, rel=0.05)
    assert re.search(r"[12],\d{3} per second, about (39|40|41) s left", page(f"/exports/{job.pk}")[1])


def test_durations_have_at_most_two_units() -> None:
    assert [duration(span) for span in (0.2, 59.4, 61, 3599, 7322)] == [
        "1 s",
        "59 s",
        "1 min 1 s",
        "59 min 59 s",
        "2 h 2 min",
    ]


def test_the_page_offers_three_downloads(page: Any, bob: User) -> None:
    job = make_job(bob)
    complete(job)
    _, text = page(f"/exports/{job.pk}")
    for form in ("", "?form=excel", "?form=gzip"):
        assert f'href="/exports/{job.pk}/file{form}"' in text


class TestResendingAnEmail:
    @pytest.fixture
    def mail(self, bob: User) -> Mail:
        job = make_job(bob)
        complete(job)
        return Mail.objects.create(
            job=job, kind=MailKind.READY, recipient=bob.email, message_id="<1>", status=MailStatus.UNKNOWN
        )

    def test_the_page_offers_it(self, client: Client, page: Any, mail: Mail) -> None:
        assert f'action="/mails/{mail.pk}/resend"' in page(f"/exports/{mail.job_id}")[1]
        response = client.post(f"/mails/{mail.pk}/resend")
        assert response["Location"] == f"/exports/{mail.job_id}"
        mail.refresh_from_db()
        assert mail.status == MailStatus.QUEUED

    def test_an_email_that_was_sent_can_not_be_resent(self, client: Client, page: Any, mail: Mail) -> None:
        Mail.objects.filter(pk=mail.pk).update(status=MailStatus.SENT, sent_at=timezone.now())
        assert "/resend" not in page(f"/exports/{mail.job_id}")[1]
        assert client.post(f"/mails/{mail.pk}/resend").status_code == 409

    def test_an_unknown_email(self, client: Client, page: Any) -> None:
        assert client.post("/mails/999/resend").status_code == 404


def test_a_waiting_export_says_if_no_worker_is_running(page: Any, bob: User) -> None:
    job = make_job(bob)
    _, text = page(f"/exports/{job.pk}")
    assert "No worker is running. Ask your portal administrator to start <code>run_worker</code>." in text
    assert "You can leave this page. We’ll email bob@example.com when the file is ready." in text
    Worker.objects.create(name="host:1", host="host", pid=1, version="1")
    assert "Starts as soon as a worker is free" in page(f"/exports/{job.pk}")[1]


def test_the_page_shows_the_activity(page: Any, alice: User) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    complete(job)
    _, text = page(f"/exports/{job.pk}")
    assert re.search(
        r"Waiting: Requested by Alice.*Running: Export started.*Complete: File published with 1,284 issues", text
    )


def test_without_javascript_the_page_reloads_itself(page: Any, bob: User) -> None:
    job = make_job(bob)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page(f"/exports/{job.pk}")[1]


def test_a_failed_export_says_what_happened_and_what_to_do_next(page: Any, bob: User) -> None:
    job = make_job(bob)
    attempt = job.claim("worker")
    assert attempt
    job.fail(attempt, "The disk for exported files is full.")
    _, text = page(f"/exports/{job.pk}")
    assert "The disk for exported files is full." in text
    assert "Run the export again" in text
    assert "/file" not in text


def test_an_expired_export_has_no_download_link(page: Any, bob: User) -> None:
    job = make_job(bob)
    complete(job)
    expire(job)
    _, text = page(f"/exports/{job.pk}")
    assert "The file has expired." in text
    assert f"/exports/{job.pk}/file" not in text
    _, text = page("/exports/")
    assert "Expired" in text
    assert f"/exports/{job.pk}/file" not in text


def test_cancelling(client: Client, page: Any, bob: User) -> None:
    job = make_job(bob)
    assert "Yes, cancel the export" in page(f"/exports/{job.pk}")[1]
    response = client.post(f"/exports/{job.pk}/cancel")
    assert (response.status_code, response["Location"]) == (302, f"/exports/{job.pk}")
    _, text = page(f"/exports/{job.pk}")
    assert "Cancelled by Alice. No file was created." in text
    assert "Run again" in text
    response = client.post(f"/exports/{job.pk}/cancel")
    assert response.status_code == 400
    assert "nothing to cancel" in response.content.decode()


def test_running_again_uses_the_same_filter(client: Client, page: Any, bob: User) -> None:
    make_issue(1, project="FOO")
    job = make_job(bob, filter={"projects": ["FOO"]})
    job.request_cancel("Bob")
    response = client.post(f"/exports/{job.pk}/rerun")
    again = ExportJob.objects.get(status=JobStatus.ENQUEUED)
    assert response["Location"] == f"/exports/{again.pk}"
    assert (again.filter, str(again.submitted_by)) == ({"projects": ["FOO"]}, "Alice")


def test_a_second_request_gets_a_link_to_the_active_export(client: Client, page: Any, bob: User) -> None:
    make_issue(1)
    job = make_job(bob)
    response = client.post("/exports/")
    assert response.status_code == 412
    assert f'href="/exports/{job.pk}">Open export {job.pk}</a>' in response.content.decode()
    assert ExportJob.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [({"projects": "NOPE"}, "no project key 'NOPE'"), ({"dateAfter": "x", "dateBefore": "2023-01-01"}, "isn't a date")],
)
def test_an_invalid_filter_exports_nothing(client: Client, page: Any, body: dict[str, str], sentence: str) -> None:
    response = client.post("/exports/", body)
    assert response.status_code == 400
    assert sentence in html.unescape(response.content.decode())
    assert not ExportJob.objects.exists()


def test_the_plan_must_include_exports(client: Client, page: Any, settings: Any) -> None:
    settings.SITE_PLAN = "free"
    assert client.post("/exports/").status_code == 403


def test_the_history_lists_the_newest_exports_first(page: Any, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "PAGE_SIZE", 2)
    jobs = []
    for _ in range(3):
        jobs.append(make_job(bob, filter={"projects": ["FOO"]}))
        jobs[-1].request_cancel("Bob")
    _, text = page("/exports/")
    assert text.index(f"Export {jobs[2].pk}<") < text.index(f"Export {jobs[1].pk}<")
    assert f"Export {jobs[0].pk}<" not in text
    assert "Project FOO" in text
    assert f'href="?before={jobs[1].pk}">Older' in text
    _, text = page(f"/exports/?before={jobs[1].pk}")
    assert f"Export {jobs[0].pk}<" in text
    assert "Older" not in text


class TestHistoryFilters:
    @pytest.fixture
    def jobs(self, alice: User, bob: User) -> dict[str, ExportJob]:
        jobs = {"ready": make_job(bob)}
        complete(jobs["ready"])
        jobs["expired"] = make_job(alice)
        complete(jobs["expired"])
        expire(jobs["expired"])
        jobs["ended"] = make_job(bob)
        jobs["ended"].request_cancel("Bob")
        jobs["active"] = make_job(alice)
        return jobs

    @pytest.mark.parametrize("state", ["ready", "expired", "ended", "active"])
    def test_by_state(self, page: Any, jobs: dict[str, ExportJob], state: str) -> None:
        _, text = page(f"/exports/?state={state}")
        assert re.findall(r'class="key"><a href="/exports/(\d+)"', text) == [str(jobs[state].pk)]
        assert f'<option value="{state}" selected>' in text

    def test_by_person(self, page: Any, jobs: dict[str, ExportJob], bob: User) -> None:
        _, text = page(f"/exports/?person={bob.pk}")
        found = re.findall(r'class="key"><a href="/exports/(\d+)"', text)
        assert found == [str(jobs["ended"].pk), str(jobs["ready"].pk)]
        assert f'<option value="{bob.pk}" selected>Bob</option>' in text

    def test_page_links_keep_the_filter(self, page: Any, jobs: Any, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(history, "PAGE_SIZE", 1)
        _, text = page(f"/exports/?person={bob.pk}")
        assert f'href="?person={bob.pk}&before={jobs["ended"].pk}">Older' in text

    def test_an_expired_export_can_be_run_again(self, page: Any, jobs: dict[str, ExportJob]) -> None:
        _, text = page("/exports/?state=expired")
        assert ">Expired</span>" in text
        assert f'action="/exports/{jobs["expired"].pk}/rerun"' in text

    def test_no_exports_match(self, page: Any, alice: User) -> None:
        assert "No exports match." in page("/exports/?state=ready")[1]

    def test_an_unknown_state_is_rejected(self, page: Any) -> None:
        assert page("/exports/?state=x")[0] == 400


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_an_invalid_page_is_rejected(page: Any, before: str) -> None:
    assert page(f"/exports/?before={before}")[0] == 400


def test_no_exports_yet(page: Any) -> None:
    assert "No exports yet" in page("/exports/")[1]


@pytest.mark.parametrize("path", ["/exports/999", "/exports/999/progress", f"/exports/{'9' * 30}", "/nowhere"])
def test_not_found_pages_look_like_the_portal(page: Any, path: str) -> None:
    status, text = page(path)
    assert status == 404
    assert "portal.css" in text


def test_error_pages_look_like_the_portal(client: Client, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("archive.web.views.read_page", broken)
    client.raise_request_exception = False
    status, text = page("/")
    assert status == 500
    assert "Something went wrong" in text
    assert "portal.css" in text


@pytest.mark.parametrize(
    ("date_after", "date_before", "expected"),
    [
        ("2023-01-01", "2024-01-01", "1 Jan – 31 Dec 2023"),
        ("2023-01-01", "2023-01-02", "1 Jan 2023"),
        ("2022-12-31", "2024-03-01", "31 Dec 2022 – 29 Feb 2024"),
    ],
)
def test_date_ranges_show_the_first_and_the_last_day(date_after: str, date_before: str, expected: str) -> None:
    assert date_range(date_after, date_before) == expected
