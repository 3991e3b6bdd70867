"""The file behind fileUrl: whole, in parts, compressed and for Excel. Who can download it, and how long."""

import datetime
import gzip
import hashlib
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import ApiToken, AuditEvent, User
from archive.filters import IssueFilter
from exports import services, storage, tasks
from exports.api import download
from exports.api.streaming_threads import StreamingThreads
from exports.models import Download, ExportJob
from tests.factories import make_issue
from tests.rest_client import ClientOf

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(alice: User) -> ExportJob:
    """A complete export of three issues."""
    for number in range(3):
        make_issue(number, summary=f"Größe {number}")
    job = services.request_export(alice, IssueFilter())
    tasks.build_export(job.pk)
    job.refresh_from_db()
    assert job.has_file
    return job


@pytest.fixture
def client(alice: User, client_of: ClientOf) -> APIClient:
    return client_of(alice)


def url(job: ExportJob, form: str = "") -> str:
    return f"/exports/{job.pk}/file" + (f"?form={form}" if form else "")


def content(answer: Any) -> bytes:
    body: bytes = b"".join(answer.streaming_content)
    answer.close()
    return body


def test_it_works(job: ExportJob, client: APIClient) -> None:
    answer = client.get(url(job))
    assert hashlib.sha256(content(answer)).hexdigest() == job.sha256
    assert answer.status_code == 200
    assert {name: answer[name] for name in answer.headers if name not in {"Vary", "Allow"}}.items() >= {
        "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Length": str(job.bytes),
        "Content-Disposition": f'attachment; filename="archived-issues-{job.pk}-{job.submitted_at:%Y%m%d-%H%M%S}Z.csv"',
        "ETag": f'"{job.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }.items()


def test_an_interrupted_download_is_resumed(job: ExportJob, client: APIClient) -> None:
    first = client.get(url(job), headers={"range": "bytes=0-99"})
    assert (first.status_code, first["Content-Range"]) == (206, f"bytes 0-99/{job.bytes}")
    rest = client.get(url(job), headers={"range": "bytes=100-", "if-range": first["ETag"]})
    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes 100-{(job.bytes or 0) - 1}/{job.bytes}"
    assert rest["Content-Length"] == str((job.bytes or 0) - 100)
    assert hashlib.sha256(content(first) + content(rest)).hexdigest() == job.sha256


def test_a_part_of_another_file_is_not_mixed_in(job: ExportJob, client: APIClient) -> None:
    answer = client.get(url(job), headers={"range": "bytes=100-", "if-range": '"of another file"'})
    assert (answer.status_code, len(content(answer))) == (200, job.bytes)


def test_a_range_outside_of_the_file_is_416(job: ExportJob, client: APIClient) -> None:
    answer = client.get(url(job), headers={"range": f"bytes={job.bytes}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{job.bytes}")
    assert set(answer.json()) == {"errorMessages", "errors"}


def test_head_has_all_headers_and_no_body(job: ExportJob, client: APIClient) -> None:
    answer = client.head(url(job), headers={"range": "bytes=0-9"})
    assert (answer.status_code, content(answer)) == (200, b"")
    assert (answer["Content-Length"], answer["ETag"]) == (str(job.bytes), f'"{job.sha256}"')


def test_a_file_that_the_client_has_is_not_sent_again(job: ExportJob, client: APIClient) -> None:
    assert client.get(url(job), headers={"if-none-match": f'"{job.sha256}"'}).status_code == 304
    mismatch = client.get(url(job), headers={"if-match": '"another"'})
    assert mismatch.status_code == 412
    assert set(mismatch.json()) == {"errorMessages", "errors"}


def test_the_compressed_file_is_the_same_file(job: ExportJob, client: APIClient) -> None:
    answer = client.get(url(job, "gzip"), headers={"range": "bytes=5-9"})
    assert answer.status_code == 200
    assert hashlib.sha256(gzip.decompress(content(answer))).hexdigest() == job.sha256
    assert (answer["Content-Type"], answer["Accept-Ranges"]) == ("application/gzip", "none")
    assert answer["ETag"].startswith("W/")
    assert answer["Content-Disposition"].endswith('Z.csv.gz"')
    assert "Content-Length" not in answer
    assert "Content-Length" not in client.head(url(job, "gzip"))


def test_the_file_for_excel_begins_with_a_byte_order_mark(job: ExportJob, client: APIClient) -> None:
    plain, answer = content(client.get(url(job))), client.get(url(job, "excel"))
    assert answer["Content-Length"] == str(len(plain) + 3)
    marked = content(answer)
    assert marked == b"\xef\xbb\xbf" + plain
    assert answer["ETag"] != f'"{job.sha256}"'
    part = client.get(url(job, "excel"), headers={"range": "bytes=1-6", "if-range": answer["ETag"]})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 1-6/{len(marked)}")
    assert content(part) == marked[1:7]
    other = client.get(url(job, "excel"), headers={"range": "bytes=1-6", "if-range": f'"{job.sha256}"'})
    assert (other.status_code, content(other)) == (200, marked)


def test_an_unknown_form_is_refused(job: ExportJob, client: APIClient) -> None:
    answer = client.get(url(job, "zip"))
    assert answer.status_code == 400
    assert answer.json()["errorMessages"] == ["Unknown download format 'zip'. Use excel or gzip, or leave it out."]


def test_every_answer_with_bytes_of_the_file_is_recorded(job: ExportJob, client: APIClient, alice: User) -> None:
    client.head(url(job))
    client.get(url(job), headers={"if-none-match": f'"{job.sha256}"'})
    client.get(url(job), headers={"range": f"bytes={job.bytes}-"})
    assert not Download.objects.exists()
    assert not AuditEvent.objects.filter(action="export.downloaded").exists()
    client.get(url(job)).close()
    client.get(url(job), headers={"range": "bytes=1-"}).close()
    client.get(url(job, "excel"), headers={"range": "bytes=-5"}).close()
    client.get(url(job, "gzip")).close()
    size = job.bytes or 0
    events = AuditEvent.objects.filter(action="export.downloaded").order_by("pk")
    assert [event.details for event in events] == [
        {"format": "csv", "is_whole": True, "first_byte": 0, "byte_count": size},
        {"format": "csv", "is_whole": False, "first_byte": 1, "byte_count": size - 1},
        {"format": "excel", "is_whole": False, "first_byte": size - 2, "byte_count": 5},
        {"format": "gzip", "is_whole": True, "first_byte": 0, "byte_count": None},
    ]
    token = ApiToken.objects.get()
    assert set(events.values_list("object_kind", "object_id", "user", "actor", "address", "credential_id")) == {
        ("export", str(job.pk), alice.pk, "alice@example.com", "127.0.0.1", token.prefix)
    }
    rows = Download.objects.order_by("pk").values_list("job", "user", "address", "part_count", "byte_count")
    assert list(rows) == [
        (job.pk, alice.pk, "127.0.0.1", 0, size),
        (job.pk, alice.pk, "127.0.0.1", 2, size - 1 + 5),
        (job.pk, alice.pk, "127.0.0.1", 0, None),
    ]


def test_a_file_read_in_many_parts_is_one_download_and_many_events(
    job: ExportJob, client: APIClient, bob: User, client_of: ClientOf
) -> None:
    for first in range(50):
        client.get(url(job), headers={"range": f"bytes={first}-{first}"}).close()
    client_of(bob).get(url(job), headers={"range": "bytes=0-9"}).close()
    assert list(Download.objects.order_by("pk").values_list("part_count", "byte_count")) == [(50, 50), (1, 10)]
    assert AuditEvent.objects.filter(action="export.downloaded").count() == 51


def test_a_part_read_on_another_day_is_another_download(job: ExportJob, client: APIClient) -> None:
    client.get(url(job), headers={"range": "bytes=0-9"}).close()
    Download.objects.update(last_at=timezone.now() - datetime.timedelta(days=1))
    client.get(url(job), headers={"range": "bytes=10-19"}).close()
    assert list(Download.objects.values_list("part_count", flat=True)) == [1, 1]


def test_a_file_is_not_sent_if_its_event_cannot_be_stored(job: ExportJob, client: APIClient) -> None:
    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT INTO") and "auditevent" in sql:
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        answer = client.get(url(job))
    assert answer.status_code == 507
    assert b"Gr\xc3\xb6\xc3\x9fe" not in answer.content
    assert not Download.objects.exists()
    assert len(content(client.get(url(job)))) == job.bytes  # the thread is free again


def test_a_link_can_be_followed_any_number_of_times(job: ExportJob, client: APIClient) -> None:
    """Mail scanners follow every link. That must not use it up."""
    scanner = Client()
    for _ in range(3):
        assert scanner.get(url(job)).status_code == 401
        assert scanner.get(url(job), headers={"accept": "text/html"}).status_code == 302
    assert [len(content(client.get(url(job)))) for _ in range(3)] == [job.bytes] * 3


def test_a_browser_session_is_accepted_too(job: ExportJob, bob: User, dave: User) -> None:
    browser = Client(headers={"accept": "text/html"})
    browser.force_login(bob)
    assert len(content(browser.get(url(job)))) == job.bytes
    browser.force_login(dave)
    assert browser.get(url(job)).status_code == 404


@pytest.mark.parametrize("name", ["0", "999", "x", "1.csv", "..", "9" * 40])
def test_an_unknown_export_is_404(name: str, client: APIClient) -> None:
    assert client.get(f"/exports/{name}/file").status_code == 404


def test_an_expired_file_is_410_and_the_page_offers_a_new_export(
    job: ExportJob, client: APIClient, alice: User
) -> None:
    ExportJob.objects.update(expires_at=job.finished_at)
    assert client.get(url(job)).status_code == 410
    browser = Client(headers={"accept": "text/html"})
    browser.force_login(alice)
    page = browser.get(url(job))
    assert page.status_code == 410
    assert f'action="/exports/{job.pk}/rerun"' in page.content.decode()


def test_a_missing_file_is_410_with_an_explanation(job: ExportJob, client: APIClient) -> None:
    storage.remove(job.file_name)
    answer = client.get(url(job))
    assert answer.status_code == 410
    assert "missing from the portal's storage" in answer.json()["errorMessages"][0]


def test_streamed_downloads_leave_threads_for_other_requests(
    job: ExportJob, client: APIClient, bob: User, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four threads, one person gets two. Only formats that are made while they are sent need one."""
    monkeypatch.setattr(download, "_threads", StreamingThreads(4))
    slow = [client.get(url(job, form)) for form in ("gzip", "excel")]
    refused = client.get(url(job, "gzip"))
    assert refused.status_code == 503
    assert int(refused["Retry-After"]) > 0
    assert client.head(url(job)).status_code == 200
    assert len(content(client.get(url(job)))) == job.bytes
    slow += [client_of(bob).get(url(job, "excel")) for _ in range(2)]
    assert [answer.status_code for answer in slow] == [200, 200, 200, 200]
    assert client_of(bob).get(url(job, "gzip")).status_code == 503
    slow[0].close()
    assert content(client.get(url(job, "gzip")))
    for answer in slow:
        answer.close()


def test_a_refused_download_frees_its_file_and_thread(
    job: ExportJob, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_threads", StreamingThreads(1))
    for _ in range(3):
        assert client.get(url(job, "excel"), headers={"range": "bytes=9999999-"}).status_code == 416
        assert client.get(url(job, "excel"), headers={"if-match": '"another"'}).status_code == 412
        assert len(content(client.get(url(job, "excel")))) == 3 + (job.bytes or 0)


@pytest.mark.parametrize("hours", [24 * 8, -2])
def test_the_databases_clock_decides_when_a_file_expires(
    job: ExportJob, client: APIClient, alice: User, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    browser = Client()
    browser.force_login(alice)
    wrong = timezone.now() + datetime.timedelta(hours=hours)
    monkeypatch.setattr(timezone, "now", lambda: wrong)
    assert client.head(url(job)).status_code == 200
    name = f'href="/exports/{job.pk}"'
    assert name in browser.get("/exports/?state=ready").content.decode()
    assert name not in browser.get("/exports/?state=expired").content.decode()
    ExportJob.objects.update(expires_at=Now() - datetime.timedelta(minutes=1))
    assert client.head(url(job)).status_code == 410
    assert name not in browser.get("/exports/?state=ready").content.decode()
    assert name in browser.get("/exports/?state=expired").content.decode()


def test_the_history_asks_for_expiry_once(
    job: ExportJob, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    browser = Client()
    browser.force_login(alice)
    for _ in range(10):
        tasks.build_export(services.rerun_export(alice, job.pk).pk)
    with django_assert_max_num_queries(8):
        page = browser.get("/exports/").content.decode()
    assert page.count('aria-label="Download the file of export') == 11
