"""What a request includes of the details is stored with the export and shown wherever the export is."""

import gzip
import hashlib
import json
import threading
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import AuditEvent, User
from archive.filters import IssueFilter
from archive.includes import Include
from archive.models import DetailKind
from exports import builder, outbox, retention, services, storage, tasks
from exports.models import ExportJob, Mail
from exports.options import ExportOptions, FileFormat
from jobs.leased import JobStatus
from tests.factories import make_detail, make_issue
from tests.rest_client import EXPORT, ClientOf

pytestmark = pytest.mark.django_db(transaction=True)

TWO = ExportOptions((Include.COMMENTS, Include.WATCHERS))


def put(client: Any, query: str) -> Any:
    return client.put(f"{EXPORT}?{query}", {}, format="json")


def test_it_works(alice: User, client_of: ClientOf) -> None:
    issue = make_issue(1)
    make_detail(issue, DetailKind.COMMENT, [{"created": "2023-01-01", "author": {"accountId": "ann"}, "body": "Hi"}])
    client = client_of(alice)
    answer = put(client, "include=watchers,comments")
    assert (answer.status_code, answer.json()["payload"]) == (202, "{}")
    task_id = answer.json()["taskId"]
    tasks.build_export(int(task_id))
    job = ExportJob.objects.get(pk=task_id)
    assert (job.status, job.include, job.file_format) == (JobStatus.COMPLETE, "comments,watchers", "csv")
    with storage.open_file(job.file_name) as file:
        text = file.read().decode()
    assert "Status Category Changed,Watchers,Watchers Id,Comment,ArchivedBy" in text
    assert '"2023-01-01;ann;Hi"' in text
    manifest = client.get(f"/exports/{task_id}/manifest.json").json()
    assert (manifest["include"], manifest["format"]) == (["comments", "watchers"], "csv")
    assert "include" not in client.get(f"/rest/api/3/task/{task_id}").json()["result"]


def read(answer: Any) -> bytes:
    body: bytes = b"".join(answer.streaming_content)
    answer.close()
    return body


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("", ""),
        ("include=", ""),
        ("include=comments&include=links", "comments,links"),
        ("include=links,,comments,", "comments,links"),
        ("include=comments%2C+comments", "comments"),
        (
            "include=changelog,watchers,attachments,links,worklogs,comments,customFields&format=csv",
            "customFields,comments,worklogs,links,attachments,watchers,changelog",
        ),
    ],
)
def test_values_may_repeat_and_have_any_order(alice: User, client_of: ClientOf, query: str, stored: str) -> None:
    assert put(client_of(alice), query).status_code == 202
    assert ExportJob.objects.get().include == stored


def test_an_unknown_value_is_refused_with_those_that_exist(alice: User, client_of: ClientOf) -> None:
    answer = put(client_of(alice), "include=comments,Watchers")
    sentence = (
        'has an unknown value "Watchers". '
        "Use customFields, comments, worklogs, links, attachments, watchers, changelog."
    )
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"include": sentence}
    assert not ExportJob.objects.exists()


def test_an_unknown_format_is_refused(alice: User, client_of: ClientOf) -> None:
    answer = put(client_of(alice), "format=xml")
    assert answer.status_code == 400
    assert answer.json()["errors"]["format"].startswith('has an unknown value "xml". Use csv')


@pytest.mark.parametrize("values", [{"include": "comments,secrets"}, {"file_format": "xml"}])
def test_the_database_refuses_what_is_unknown(alice: User, values: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.create(submitted_by=alice, **values)


def test_running_an_export_again_includes_the_same(alice: User) -> None:
    first = services.request_export(alice, IssueFilter(), TWO)
    tasks.build_export(first.pk)
    again = services.rerun_export(alice, first.pk)
    assert again.options == TWO
    details = AuditEvent.objects.filter(action="export.requested").order_by("-pk").values_list("details", flat=True)
    assert details[0]["include"] == "comments,watchers"


def test_the_space_that_a_file_needs_is_estimated_from_files_like_it(alice: User) -> None:
    make_issue(1)
    first = services.request_export(alice, IssueFilter())
    tasks.build_export(first.pk)
    assert retention.usual_row_bytes() != retention.USUAL_ROW_BYTES
    assert retention.usual_row_bytes(TWO) == retention.USUAL_ROW_BYTES


def test_pages_and_mails_say_what_is_included(alice: User, client: Client) -> None:
    client.force_login(alice)
    job = services.request_export(alice, IssueFilter(), TWO)
    tasks.build_export(job.pk)
    outbox.send(Mail.objects.get().pk)
    assert "<dd>Comments, watchers</dd>" in client.get(f"/exports/{job.pk}").content.decode()
    assert "All archived issues, with comments and watchers" in client.get("/exports/").content.decode()
    (message,) = mail.outbox
    assert "Also included:   Comments, watchers\n" in message.body
    assert "<td>Comments, watchers</td>" in str(message.message())


def test_an_ordinary_export_is_shown_as_ever(alice: User, client: Client) -> None:
    client.force_login(alice)
    job = services.request_export(alice, IssueFilter())
    tasks.build_export(job.pk)
    outbox.send(Mail.objects.get().pk)
    for text in (client.get(f"/exports/{job.pk}").content.decode(), mail.outbox[0].body):
        assert "Also included" not in text


# -- NDJSON --------------------------------------------------------------------------------------------------


def test_ndjson_has_a_document_for_each_issue(alice: User, client_of: ClientOf) -> None:
    issue = make_issue(1, summary="=1+1")
    make_issue(2)
    make_detail(issue, DetailKind.COMMENT, [{"created": "2023-01-01", "author": {"accountId": "ann"}, "body": "Hi"}])
    client = client_of(alice)
    task_id = put(client, "format=ndjson&include=comments").json()["taskId"]
    job = ExportJob.objects.get()
    assert (job.include, job.file_format) == ("", "ndjson")
    tasks.build_export(job.pk)
    answer = client.get(f"/exports/{task_id}/file")
    content = read(answer)
    documents = [json.loads(line) for line in content.splitlines()]
    assert [document["key"] for document in documents] == ["FOO-1", "FOO-2"]
    assert documents[0]["fields"]["summary"] == "=1+1"
    assert documents[0]["fields"]["comment"]["comments"][0]["body"] == "Hi"
    job.refresh_from_db()
    assert (job.rows_written, job.bytes, job.sha256) == (2, len(content), hashlib.sha256(content).hexdigest())
    assert (answer["Content-Type"], answer["ETag"]) == ("application/x-ndjson", f'"{job.sha256}"')
    assert answer["Content-Disposition"].endswith('Z.ndjson"')
    manifest = client.get(f"/exports/{task_id}/manifest.json").json()
    assert (manifest["format"], manifest["include"], manifest["formulaGuard"]) == ("ndjson", [], False)
    assert manifest["file"].endswith(".ndjson")


def test_ndjson_can_be_resumed_and_compressed_but_not_opened_in_excel(alice: User, client_of: ClientOf) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter(), ExportOptions(file_format=FileFormat.NDJSON))
    tasks.build_export(job.pk)
    client = client_of(alice)
    url = f"/exports/{job.pk}/file"
    whole = read(client.get(url))
    rest = client.get(url, headers={"range": "bytes=100-"})
    assert (rest.status_code, read(rest)) == (206, whole[100:])
    packed = client.get(f"{url}?form=gzip")
    assert gzip.decompress(read(packed)) == whole
    assert packed["Content-Disposition"].endswith('Z.ndjson.gz"')
    refused = client.get(f"{url}?form=excel")
    assert refused.status_code == 400
    assert refused.json()["errorMessages"] == ["Unknown download format 'excel'. Use gzip, or leave it out."]


def test_pages_and_mails_say_that_it_is_ndjson(alice: User, client: Client) -> None:
    client.force_login(alice)
    job = services.request_export(alice, IssueFilter(), ExportOptions(file_format=FileFormat.NDJSON))
    tasks.build_export(job.pk)
    outbox.send(Mail.objects.get().pk)
    page = client.get(f"/exports/{job.pk}").content.decode()
    assert "NDJSON with everything that the archive keeps" in page
    assert "Download NDJSON" in page
    assert "For Excel" not in page
    assert "All archived issues, as NDJSON" in client.get("/exports/").content.decode()
    assert "Format:          NDJSON with everything that the archive keeps\n" in mail.outbox[0].body
    assert "Formula guard" not in mail.outbox[0].body


def test_the_database_refuses_includes_in_a_complete_format(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportJob.objects.create(submitted_by=alice, file_format="ndjson", include="comments")


def test_the_archive_page_offers_what_can_be_included(alice: User, client: Client) -> None:
    make_issue(1)
    client.force_login(alice)
    page = client.get("/").content.decode()
    for include in Include:
        assert f'name="include" value="{include}" form="export-form"' in page
    answer = client.post("/exports/", {"include": ["comments", "links"], "format": "csv"})
    assert answer.status_code == 302
    assert ExportJob.objects.get().include == "comments,links"


@pytest.mark.parametrize("options", [TWO, ExportOptions(file_format=FileFormat.NDJSON)])
def test_a_build_stops_when_its_report_says_so(options: ExportOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        make_issue(number, description="x" * 100_000)
    monkeypatch.setattr(builder, "REPORT_SECONDS", 0)

    class Stop(Exception):
        pass

    def report(written: int, _expected: int) -> None:
        if written:
            raise Stop

    threads = set(threading.enumerate())
    with storage.begin(1, 1) as part, pytest.raises(Stop):
        builder.build(IssueFilter().issues(), part, guard=True, report=report, options=options)
    assert part.bytes < 2_000_000
    assert set(threading.enumerate()) <= threads
    assert storage.names() == []
