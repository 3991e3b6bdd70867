"""manage.py import_issues: what an operator hands over, and what is said about it."""

import gzip
import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from exports.imports import load
from exports.models import Account, ArchivedIssue, IssueType, Project

pytestmark = pytest.mark.django_db
BOB = {"accountId": "5b-bob", "displayName": "Bob", "emailAddress": "bob@example.com"}


def issue(number: int = 1, **fields: Any) -> dict[str, Any]:
    standing = {
        "project": {"key": "AC", "name": "Acme", "projectTypeKey": "software"},
        "issuetype": {"id": "1", "name": "Bug"},
        "summary": f"Issue {number}",
    }
    return {"id": str(1000 + number), "key": f"AC-{number}", "fields": standing | fields}


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def run(path: Path, content: bytes | None = None, **options: Any) -> str:
    if content is not None:
        path.write_bytes(content)
    options = {"archived_by": "ops", "archived_date": "2024-02-03"} | options
    call_command("import_issues", path, **options, stdout=(out := StringIO()))
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues"


def test_it_works(file: Path) -> None:
    report = run(file, lines(issue(1, reporter=BOB, labels=["a", "b"]), issue(2)))
    assert report.startswith(
        f"{file}: 2 created, 0 updated, 0 unchanged, 0 rejected; 0 NUL characters dropped; 2 issues"
    )
    first = ArchivedIssue.objects.get(key="AC-1")
    assert (first.pk, first.summary, first.labels, str(first.project)) == (1001, "Issue 1", ["a", "b"], "Acme (AC)")
    assert first.reporter == Account.objects.get(account_id="5b-bob", name="Bob", email="bob@example.com")
    assert (first.archived_by.account_id, first.archived_date) == ("ops", datetime(2024, 2, 3, tzinfo=UTC))


FORMS = {
    "one issue": json.dumps(issue(1), indent=2).encode(),
    "one issue on a line": lines(issue(1)),
    "array": json.dumps([issue(1), issue(2)]).encode(),
    "array with an issue a line": b"[\n" + lines(issue(1)) + b",\n" + lines(issue(2)) + b"]",
    "search response, pages by number": json.dumps({"startAt": 0, "total": 2, "issues": [issue(1), issue(2)]}).encode(),
    "search response, pages by token": json.dumps({"issues": [issue(1), issue(2)], "isLast": True}, indent=1).encode(),
    "NDJSON": lines(issue(1), issue(2), issue(3)),
    "NDJSON with blank lines and CRLF": b"\r\n" + lines(issue(1), issue(2)).replace(b"\n", b"\r\n\r\n"),
    "NDJSON of search responses": lines({"issues": [issue(1), issue(2)]}, {"issues": [issue(3)], "isLast": True}),
    "with a byte order mark": b"\xef\xbb\xbf" + lines(issue(1), issue(2)),
    "search response without issues": b'{"issues": [], "isLast": true}',
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_every_form_is_told_by_its_content(file: Path, form: str, pack: Any) -> None:
    run(file, pack(FORMS[form]))
    assert ArchivedIssue.objects.count() == FORMS[form].count(b'"summary"')


def test_rest_v3_documents_become_text(file: Path) -> None:
    document = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hi\0"}]}]}
    assert "2 NUL characters dropped" in run(file, lines(issue(description=document, environment=document)))
    assert ArchivedIssue.objects.values_list("description", "environment").get() == ("Hi", "Hi")


def test_texts_stay_as_they_are_but_for_nul(file: Path) -> None:
    text = " \r\n=1+1\x01\x1f\t'\"\u2028é e\u0301 👩‍👩‍👧 مرحبا \\N "
    run(file, lines(issue(summary=text, description=f"{text}\0{text}", labels=[text])))
    stored = ArchivedIssue.objects.get()
    assert (stored.summary, stored.description, stored.labels) == (text, text * 2, [text])


def test_every_cloud_field(file: Path) -> None:
    fields: dict[str, Any] = {
        "project": {"key": "AC", "name": "Acme", "description": "All of it", "lead": BOB},
        "status": {"name": "Closed", "statusCategory": {"name": "Done"}},
        "statuscategorychangedate": "2016-10-07T10:53:25.000+0200",
        "resolutiondate": "2016-10-07T10:53:25.754-0730",
        "duedate": "2016-10-09",
        "votes": {"votes": 4},
        "timeoriginalestimate": 3600,
        "timeestimate": 0,
        "timespent": 7200,
        "workratio": 200,
        "aggregatetimeoriginalestimate": 3601,
        "aggregatetimeestimate": 1,
        "aggregatetimespent": 7201,
        "security": {"name": "Internal"},
        "parent": {"id": "999", "key": "AC-0", "fields": {"summary": "Above"}},
        "archivedby": {"key": "JIRAUSER1", "name": "alice", "displayName": "Alice"},
        "archiveddate": "2020-01-01T00:00:00.000+0100",
    }
    run(file, lines(issue(**fields)), archived_by=None, archived_date=None)
    stored = ArchivedIssue.objects.get()
    assert stored.project.lead == Account.objects.get(account_id="5b-bob")
    assert (stored.status, stored.status_category, stored.votes, str(stored.due_date)) == (
        "Closed",
        "Done",
        4,
        "2016-10-09",
    )
    assert stored.status_category_changed == datetime(2016, 10, 7, 8, 53, 25, tzinfo=UTC)
    assert stored.resolved == datetime(2016, 10, 7, 18, 23, 25, 754000, tzinfo=UTC)
    assert (stored.original_estimate, stored.remaining_estimate, stored.time_spent) == (3600, 0, 7200)
    totals = (stored.total_original_estimate, stored.total_remaining_estimate, stored.total_time_spent)
    assert (totals, stored.work_ratio, stored.security_level) == ((3601, 1, 7201), 200, "Internal")
    assert (stored.parent_id, stored.parent_key, stored.parent_summary) == (999, "AC-0", "Above")
    assert stored.archived_by == Account.objects.get(account_id="JIRAUSER1", name="Alice")
    assert stored.archived_date == datetime(2019, 12, 31, 23, tzinfo=UTC)


# -- What is not known ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"archived_by": None}, "line 2 (AC-2): the data does not say who archived the issue. Give --archived-by"),
        (
            {"archived_date": None},
            "line 2 (AC-2): the data does not say when the issue was archived. Give --archived-date",
        ),
    ],
)
def test_who_and_when_must_be_known(file: Path, options: dict[str, Any], sentence: str) -> None:
    told = issue(1, archivedby="carol", archiveddate="2020-01-01")
    with pytest.raises(CommandError) as refusal:
        run(file, lines(told, issue(2)), **options)
    assert f"{file}, {sentence}" in str(refusal.value)
    assert not ArchivedIssue.objects.exists()


@pytest.mark.parametrize(
    ("text", "hour"), [("2024-02-03", 23), ("2024-02-03T09:00:00", 8), ("2024-02-03T09:00:00+05:00", 4)]
)
def test_a_date_without_offset_is_the_sites(file: Path, settings: Any, text: str, hour: int) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    run(file, lines(issue()), archived_date=text)
    assert ArchivedIssue.objects.get().archived_date.astimezone(UTC).hour == hour


def test_a_date_that_is_none(file: Path) -> None:
    with pytest.raises(CommandError, match="--archived-date 'yesterday' is no date"):
        run(file, lines(issue()), archived_date="yesterday")


# -- Again ------------------------------------------------------------------------------------------


def test_an_issue_that_changed_is_updated(file: Path) -> None:
    run(file, lines(issue(1), issue(2), issue(3)))
    moved = issue(2, summary="New words") | {"key": "NEW-7"}
    assert "1 created, 1 updated, 1 unchanged" in run(file, lines(issue(1), moved, issue(4)))
    assert ArchivedIssue.objects.get(pk=1002).key == "NEW-7"
    assert ArchivedIssue.objects.count() == 4


def test_an_issue_saved_by_hand_is_unchanged(file: Path) -> None:
    full = issue(1, labels=["größe", '"a"'], created="2020-01-01T00:00:00.500+0000", duedate="2020-01-02", reporter=BOB)
    run(file, lines(full))
    ArchivedIssue.objects.get().save()
    assert "0 created, 0 updated, 1 unchanged" in run(file)


def test_the_same_issue_twice_in_a_file(file: Path) -> None:
    report = run(file, lines(issue(1, summary="old"), issue(1, summary="new"), issue(1, summary="new")))
    assert "1 created, 1 updated, 1 unchanged" in report
    assert ArchivedIssue.objects.get().summary == "new"


def test_the_renamed_are_renamed_and_nobody_loses_a_name(file: Path) -> None:
    run(file, lines(issue(1, reporter=BOB, project={"key": "AC", "name": "Acme", "lead": BOB})))
    bare = {"project": {"key": "AC"}, "issuetype": {"id": "1"}, "reporter": {"accountId": "5b-bob"}}
    run(file, lines(issue(1, **bare)))
    assert Account.objects.get(account_id="5b-bob").email == "bob@example.com"
    assert Project.objects.get().lead == Account.objects.get(name="Bob")
    renamed = {
        "project": {"key": "AC", "name": "Acme, Inc."},
        "issuetype": {"id": "1", "name": "Defect"},
        "reporter": BOB | {"displayName": "Robert"},
    }
    run(file, lines(issue(1, **renamed)))
    assert (Project.objects.get().name, IssueType.objects.get().name) == ("Acme, Inc.", "Defect")
    assert Account.objects.get(account_id="5b-bob").name == "Robert"


def test_a_file_of_many_batches(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "BATCH_RECORDS", 7)
    everyone = [issue(number, reporter={"name": f"user{number % 5}"}) for number in range(1, 51)]
    assert "50 created" in run(file, lines(*everyone))
    changed = [*everyone[:20], *(issue(number, summary="!") for number in range(21, 60))]
    assert "9 created, 30 updated, 20 unchanged" in run(file, lines(*changed))


# -- What cannot be read ------------------------------------------------------------------------------

UNREADABLE = [
    ({"id": None}, "id is missing."),
    ({"id": "AC-1"}, "id is 'AC-1', not a whole number."),
    ({"id": str(2**63)}, "id is 9223372036854775808, which is beyond what can be stored."),
    ({"key": ""}, "key is missing."),
    ({"key": "K" * 97}, "key has 97 characters; at most 96 can be stored."),
    ({"fields": None}, "fields.project is missing or has no key."),
    ({"fields": []}, "fields.project is [], not an object."),
    ({"fields": {"project": {"key": "AC"}}}, "fields.issuetype is missing or has no id."),
    (issue(9, issuetype={"id": {}}), "fields.issuetype is missing or has no id."),
    (issue(9, summary=5), "fields.summary is 5, not a text."),
    (issue(9, labels="one"), "fields.labels is 'one', not a list."),
    (issue(9, votes={"votes": True}), "fields.votes.votes is True, not a whole number."),
    (issue(9, votes={"votes": 2**31}), "votes is 2147483648, which is beyond what can be stored."),
    (issue(9, created="soon"), "fields.created 'soon' is no date or date-time"),
    (issue(9, duedate="07/10/16"), "fields.duedate is '07/10/16', not a date such as 2016-10-07."),
    (issue(9, reporter={"displayName": "Gone"}), "fields.reporter is a person without accountId, key and name."),
    (issue(9, reporter={"name": "n" * 129}), "account_id has 129 characters; at most 128 can be stored."),
    (issue(9, summary="\ud83d"), "fields.summary holds half of a surrogate pair"),
]


@pytest.mark.parametrize(("wrong", "reason"), UNREADABLE)
def test_the_unreadable_is_reported_and_the_rest_imported(
    file: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, Any], reason: str
) -> None:
    with pytest.raises(CommandError, match="1 issues or files could not be imported; the rest was"):
        run(file, lines(issue(1), issue(9) | wrong, issue(3)))
    told = capsys.readouterr().err
    assert f"{file}, line 2" in told
    assert reason in told
    assert sorted(ArchivedIssue.objects.values_list("key", flat=True)) == ["AC-1", "AC-3"]


@pytest.mark.parametrize("line", [b"{broken\n", b"{" * 5 + b"\n", b'{"id": "\xff"}\n', b'{"a":' * 100_000 + b"\n"])
def test_a_line_that_is_no_json(file: Path, capsys: pytest.CaptureFixture[str], line: bytes) -> None:
    with pytest.raises(CommandError):
        run(file, lines(issue(1)) + line + lines(issue(3)))
    assert f"{file}, line 2: is no JSON" in capsys.readouterr().err
    assert ArchivedIssue.objects.count() == 2


def test_a_key_that_another_issue_has(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(file, lines(issue(1)))
    with pytest.raises(CommandError):
        run(file, lines(issue(2) | {"key": "AC-1"}, issue(3), issue(4) | {"key": "AC-3"}))
    told = capsys.readouterr().err
    assert "line 1 (AC-1): issue 1001 in the archive has this key" in told
    assert "line 3 (AC-3): issue 1003 in the archive has this key" in told
    assert ArchivedIssue.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty."),
        (b"Summary,Issue key\n", "is no Jira REST JSON"),
        (b'{\n "id": ', "is no JSON document"),
        (gzip.compress(lines(*map(issue, range(1, 200))))[:-20], "is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_the_archive_alone(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, reason: str
) -> None:
    file.write_bytes(content)
    (good := tmp_path / "good").write_bytes(lines(issue(500)))
    with pytest.raises(CommandError, match="1 issues or files"):
        call_command("import_issues", file, good, archived_by="ops", archived_date="2024-01-01", stdout=StringIO())
    assert f"{file}: {reason}" in capsys.readouterr().err
    assert ArchivedIssue.objects.get().key == "AC-500"


def test_a_file_that_is_not_there(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        run(file)
    assert f"{file}: cannot be read: No such file or directory. Nothing of it was imported." in capsys.readouterr().err
