"""History and export page: what became of what was asked for."""

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


def test_a_complete_export_tells_everything_about_its_file(page: Any, bob: User) -> None:
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
        "Asked for by Bob",
        "1,284 issues",
        f'href="/exports/{job.pk}/file"',
        "(2,048 bytes)",
        SHA256,
        "Shows the archive as of",
        "UTC",
        "Expires",
        "Footwear (FOO)",
        "Rita Reporter",
        "from 2023-01-01 until the day before 2023-02-01",
        "Mail to bob@example.com: sent",
        "Run again",
        'href="/?projects=FOO&reporters=rita&dateAfter=2023-01-01&dateBefore=2023-02-01"',
    ):
        assert words in text, words
    assert "hx-trigger" not in text
    assert "http-equiv" not in text


def test_a_running_export_asks_for_itself_until_it_has_ended(page: Any, bob: User) -> None:
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


def test_it_goes_on_asking_until_the_mail_is_settled(page: Any, bob: User) -> None:
    job = make_job(bob)
    complete(job)
    mail = Mail.objects.create(job=job, kind=MailKind.READY, recipient=bob.email, message_id="<1>")
    _, text = page(f"/exports/{job.pk}")
    assert 'hx-trigger="every 3s"' in text
    _, text = page(f"/exports/{job.pk}/progress?from=COMPLETE")
    assert 'hx-trigger="every 3s"' in text
    assert "hx-swap-oob" not in text  # nothing else changed, so nothing else moves
    Mail.objects.filter(pk=mail.pk).update(status=MailStatus.SENT, sent_at=timezone.now())
    assert "hx-trigger" not in page(f"/exports/{job.pk}/progress?from=COMPLETE")[1]


def test_it_says_how_fast_it_is_and_how_long_it_still_takes(page: Any, bob: User) -> None:
    job = make_job(bob)
    attempt = job.claim("worker")
    assert attempt
    send_heartbeat(job, attempt, rows_written=20_000, rows_expected=100_000)
    ExportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - datetime.timedelta(seconds=10))
    job.refresh_from_db()
    assert pace(job).rate == pytest.approx(2000, rel=0.05)
    assert re.search(r"[12],\d{3} a second, about (39|40|41) s left", page(f"/exports/{job.pk}")[1])


def test_spans_of_time_are_two_units_at_most() -> None:
    assert [duration(span) for span in (0.2, 59.4, 61, 3599, 7322)] == [
        "1 s",
        "59 s",
        "1 min 1 s",
        "59 min 59 s",
        "2 h 2 min",
    ]


def test_the_file_is_offered_in_three_forms(page: Any, bob: User) -> None:
    job = make_job(bob)
    complete(job)
    _, text = page(f"/exports/{job.pk}")
    for form in ("", "?form=excel", "?form=gzip"):
        assert f'href="/exports/{job.pk}/file{form}"' in text


class TestSendingAMailAgain:
    @pytest.fixture
    def mail(self, bob: User) -> Mail:
        job = make_job(bob)
        complete(job)
        return Mail.objects.create(
            job=job, kind=MailKind.READY, recipient=bob.email, message_id="<1>", status=MailStatus.UNKNOWN
        )

    def test_the_page_offers_it_and_it_is_done(self, client: Client, page: Any, mail: Mail) -> None:
        assert f'action="/mails/{mail.pk}/resend"' in page(f"/exports/{mail.job_id}")[1]
        response = client.post(f"/mails/{mail.pk}/resend")
        assert response["Location"] == f"/exports/{mail.job_id}"
        mail.refresh_from_db()
        assert mail.status == MailStatus.QUEUED

    def test_what_was_sent_is_not_sent_again(self, client: Client, page: Any, mail: Mail) -> None:
        Mail.objects.filter(pk=mail.pk).update(status=MailStatus.SENT, sent_at=timezone.now())
        assert "/resend" not in page(f"/exports/{mail.job_id}")[1]
        assert client.post(f"/mails/{mail.pk}/resend").status_code == 409

    def test_there_is_no_such_mail(self, client: Client, page: Any) -> None:
        assert client.post("/mails/999/resend").status_code == 404


def test_a_waiting_export_says_when_no_worker_is_there(page: Any, bob: User) -> None:
    job = make_job(bob)
    assert "No worker has been seen lately" in page(f"/exports/{job.pk}")[1]
    Worker.objects.create(name="host:1", host="host", pid=1, version="1")
    assert "Starts as soon as a worker is free" in page(f"/exports/{job.pk}")[1]


def test_the_page_tells_what_happened_step_by_step(page: Any, alice: User) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    complete(job)
    _, text = page(f"/exports/{job.pk}")
    assert re.search(r"Waiting: Requested by Alice.*Running: Export started.*Complete: 1,284 rows published", text)


def test_without_javascript_the_page_reloads_itself(page: Any, bob: User) -> None:
    job = make_job(bob)
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page(f"/exports/{job.pk}")[1]


def test_a_failed_export_says_what_happened_and_what_to_do(page: Any, bob: User) -> None:
    job = make_job(bob)
    attempt = job.claim("worker")
    assert attempt
    job.fail(attempt, "The disk for exported files is full.")
    _, text = page(f"/exports/{job.pk}")
    assert "The disk for exported files is full." in text
    assert "Run the export again" in text
    assert "/file" not in text


def test_an_expired_export_keeps_its_history_but_not_its_link(page: Any, bob: User) -> None:
    job = make_job(bob)
    complete(job)
    expire(job)
    _, text = page(f"/exports/{job.pk}")
    assert "has expired and is gone" in text
    assert f"/exports/{job.pk}/file" not in text
    _, text = page("/exports/")
    assert "Expired" in text
    assert f"/exports/{job.pk}/file" not in text


def test_cancelling_and_its_end(client: Client, page: Any, bob: User) -> None:
    job = make_job(bob)
    assert "Yes, cancel the export" in page(f"/exports/{job.pk}")[1]
    response = client.post(f"/exports/{job.pk}/cancel")
    assert (response.status_code, response["Location"]) == (302, f"/exports/{job.pk}")
    _, text = page(f"/exports/{job.pk}")
    assert "Cancelled by" in text
    assert "Run again" in text
    response = client.post(f"/exports/{job.pk}/cancel")
    assert response.status_code == 400
    assert "nothing to cancel" in response.content.decode()


def test_running_again_asks_for_the_same(client: Client, page: Any, bob: User) -> None:
    make_issue(1, project="FOO")
    job = make_job(bob, filter={"projects": ["FOO"]})
    job.request_cancel("Bob")
    response = client.post(f"/exports/{job.pk}/rerun")
    again = ExportJob.objects.get(status=JobStatus.ENQUEUED)
    assert response["Location"] == f"/exports/{again.pk}"
    assert (again.filter, str(again.submitted_by)) == ({"projects": ["FOO"]}, "Alice")


def test_a_second_export_is_shown_the_way_to_the_first(client: Client, page: Any, bob: User) -> None:
    make_issue(1)
    job = make_job(bob)
    response = client.post("/exports/")
    assert response.status_code == 412
    assert f'href="/exports/{job.pk}">Open export {job.pk}</a>' in response.content.decode()
    assert ExportJob.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [({"projects": "NOPE"}, "no project key 'NOPE'"), ({"dateAfter": "x", "dateBefore": "2023-01-01"}, "is no date")],
)
def test_an_unusable_filter_exports_nothing(client: Client, page: Any, body: dict[str, str], sentence: str) -> None:
    response = client.post("/exports/", body)
    assert response.status_code == 400
    assert sentence in html.unescape(response.content.decode())
    assert not ExportJob.objects.exists()


def test_the_plan_may_not_allow_it(client: Client, page: Any, settings: Any) -> None:
    settings.SITE_PLAN = "free"
    assert client.post("/exports/").status_code == 403


def test_history_lists_newest_first_in_pages(page: Any, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
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

    def test_pages_keep_the_filter(self, page: Any, jobs: Any, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(history, "PAGE_SIZE", 1)
        _, text = page(f"/exports/?person={bob.pk}")
        assert f'href="?person={bob.pk}&before={jobs["ended"].pk}">Older' in text

    def test_an_expired_one_says_so_and_may_be_run_again(self, page: Any, jobs: dict[str, ExportJob]) -> None:
        _, text = page("/exports/?state=expired")
        assert ">Expired</span>" in text
        assert f'action="/exports/{jobs["expired"].pk}/rerun"' in text

    def test_nothing_like_that(self, page: Any, alice: User) -> None:
        assert "No export is like that" in page("/exports/?state=ready")[1]

    def test_a_made_up_state_is_refused(self, page: Any) -> None:
        assert page("/exports/?state=x")[0] == 400


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_a_made_up_page_is_refused(page: Any, before: str) -> None:
    assert page(f"/exports/?before={before}")[0] == 400


def test_no_exports_yet(page: Any) -> None:
    assert "No exports yet" in page("/exports/")[1]


@pytest.mark.parametrize("path", ["/exports/999", "/exports/999/progress", f"/exports/{'9' * 30}", "/nowhere"])
def test_what_is_not_there_is_not_found_in_the_portals_look(page: Any, path: str) -> None:
    status, text = page(path)
    assert status == 404
    assert "portal.css" in text


def test_a_broken_page_still_looks_like_the_portal(client: Client, page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("archive.web.views.read_page", broken)
    client.raise_request_exception = False
    status, text = page("/")
    assert status == 500
    assert "Something went wrong" in text
    assert "portal.css" in text
