"""manage.py import_issues: JSON files, the options, and what the command reports."""

import gzip
import json
import re
import sys
import zipfile
from datetime import UTC, datetime
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.models import Account, ArchivedIssue, IssueType, Project
from imports import jira_json, json_stream, line_reader, load, report

pytestmark = pytest.mark.django_db
BOB = {"accountId": "5b-bob", "displayName": "Bob", "emailAddress": "bob@example.com"}


def issue(number: int = 1, **fields: Any) -> dict[str, Any]:
    defaults = {
        "project": {"key": "AC", "name": "Acme", "projectTypeKey": "software"},
        "issuetype": {"id": "1", "name": "Bug"},
        "summary": f"Issue {number}",
    }
    return {"id": str(1000 + number), "key": f"AC-{number}", "fields": defaults | fields}


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def run(path: Path, content: bytes | None = None, **options: Any) -> str:
    if content is not None:
        path.write_bytes(content)
    options = {"archived_by": "ops", "archived_date": "2024-02-03", "rejects": path.parent} | options
    call_command("import_issues", path, **options, stdout=(out := StringIO()))
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues"


def test_it_works(file: Path) -> None:
    output = run(file, lines(issue(1, reporter=BOB, labels=["a", "b"]), issue(2)))
    assert output.startswith(
        f"{file}: 2 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected; 0 NUL characters dropped; 2 issues"
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
def test_every_form_is_recognised_by_its_content(file: Path, form: str, pack: Any) -> None:
    run(file, pack(FORMS[form]))
    assert ArchivedIssue.objects.count() == FORMS[form].count(b'"summary"')


def test_rest_v3_documents_become_text(file: Path) -> None:
    document = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "Hi\0"}]}]}
    assert "2 NUL characters dropped" in run(file, lines(issue(description=document, environment=document)))
    assert ArchivedIssue.objects.values_list("description", "environment").get() == ("Hi", "Hi")


def test_texts_are_unchanged_except_for_nul(file: Path) -> None:
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


# -- Who archived, and when ---------------------------------------------------------------------------


def test_by_default_the_operator_archived_the_issues_now(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "olga")
    before = timezone.now()
    unknown = {"archived_by": None, "archived_date": None}
    run(file, lines(issue(1, archivedby="carol", archiveddate="2020-01-01"), issue(2)), **unknown)
    complete, incomplete = ArchivedIssue.objects.order_by("pk")
    assert (complete.archived_by.account_id, complete.archived_date) == ("carol", datetime(2020, 1, 1, tzinfo=UTC))
    assert incomplete.archived_by.account_id == "olga"
    assert before <= incomplete.archived_date <= timezone.now()


def test_a_default_changes_no_existing_issue_but_a_choice_does(file: Path) -> None:
    run(file, lines(issue(1)))
    assert "1 unchanged" in run(file, archived_by=None, archived_date=None)
    assert "1 updated" in run(file, archived_by="carol", archived_date=None)
    stored = ArchivedIssue.objects.get()
    assert (stored.archived_by.account_id, stored.archived_date) == ("carol", datetime(2024, 2, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "hour"), [("2024-02-03", 23), ("2024-02-03T09:00:00", 8), ("2024-02-03T09:00:00+05:00", 4)]
)
def test_a_date_without_an_offset_is_in_the_sites_time_zone(file: Path, settings: Any, text: str, hour: int) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    run(file, lines(issue()), archived_date=text)
    assert ArchivedIssue.objects.get().archived_date.astimezone(UTC).hour == hour


def test_an_invalid_date(file: Path) -> None:
    with pytest.raises(CommandError, match="--archived-date is 'yesterday', which isn't a date or date-time such as"):
        run(file, lines(issue()), archived_date="yesterday")


# -- Importing again ----------------------------------------------------------------------------------


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
    output = run(file, lines(issue(1, summary="old"), issue(1, summary="new"), issue(1, summary="new")))
    assert "1 created, 1 updated, 1 unchanged" in output
    assert ArchivedIssue.objects.get().summary == "new"


def test_new_names_are_stored_and_missing_names_change_nothing(file: Path) -> None:
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


# -- Issues that can't be read ------------------------------------------------------------------------------

UNREADABLE = [
    ({"id": None}, "id is missing."),
    ({"id": "AC-1"}, "id is 'AC-1', which isn't a whole number."),
    ({"id": str(2**63)}, "id is 9223372036854775808, which is too large to be stored."),
    ({"key": ""}, "key is missing."),
    ({"key": "K" * 97}, "key has 97 characters; at most 96 can be stored."),
    ({"fields": None}, "fields.project is missing or has no key."),
    ({"fields": []}, "fields.project is [], which isn't an object."),
    ({"fields": {"project": {"key": "AC"}}}, "fields.issuetype is missing or has no id."),
    (issue(9, issuetype={"id": {}}), "fields.issuetype is missing or has no id."),
    (issue(9, summary=5), "fields.summary is 5, which isn't text."),
    (issue(9, labels="one"), "fields.labels is 'one', which isn't a list."),
    (issue(9, votes={"votes": True}), "fields.votes.votes is True, which isn't a whole number."),
    (issue(9, votes={"votes": 2**31}), "votes is 2147483648, which is too large to be stored."),
    (issue(9, created="soon"), "fields.created is 'soon', which isn't a date or date-time"),
    (issue(9, duedate="07/10/16"), "fields.duedate is '07/10/16', which isn't a date such as 2016-10-07."),
    (issue(9, reporter={"displayName": "Gone"}), "fields.reporter is a person without accountId, key and name."),
    (issue(9, reporter={"name": "n" * 129}), "account_id has 129 characters; at most 128 can be stored."),
    (issue(9, summary="\ud83d"), "fields.summary contains half of a surrogate pair"),
]


@pytest.mark.parametrize(("wrong", "reason"), UNREADABLE)
def test_an_unreadable_issue_is_reported_and_the_others_are_imported(
    file: Path, capsys: pytest.CaptureFixture[str], wrong: dict[str, Any], reason: str
) -> None:
    with pytest.raises(
        CommandError, match=r"1 issues or files could not be imported \(see above\)\. Everything else was\."
    ):
        run(file, lines(issue(1), issue(9) | wrong, issue(3)))
    errors = capsys.readouterr().err
    assert f"{file}, line 2" in errors
    assert reason in errors
    assert sorted(ArchivedIssue.objects.values_list("key", flat=True)) == ["AC-1", "AC-3"]


@pytest.mark.parametrize("line", [b"{broken\n", b"{" * 5 + b"\n", b'{"id": "\xff"}\n', b'{"a":' * 100_000 + b"\n"])
def test_a_line_that_isnt_json(file: Path, capsys: pytest.CaptureFixture[str], line: bytes) -> None:
    with pytest.raises(CommandError):
        run(file, lines(issue(1)) + line + lines(issue(3)))
    assert f"{file}, line 2: the line isn't valid JSON" in capsys.readouterr().err
    assert ArchivedIssue.objects.count() == 2


def test_a_key_that_another_issue_has(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(file, lines(issue(1)))
    with pytest.raises(CommandError):
        run(file, lines(issue(2) | {"key": "AC-1"}, issue(3), issue(4) | {"key": "AC-3"}))
    errors = capsys.readouterr().err
    assert "line 1 (AC-1): issue 1001 also has this key. First import that issue with its new key" in errors
    assert "line 3 (AC-3): issue 1003 also has this key." in errors
    assert ArchivedIssue.objects.count() == 2


def keys() -> dict[int, str]:
    return dict(ArchivedIssue.objects.values_list("id", "key"))


def test_issues_swap_keys(file: Path) -> None:
    run(file, lines(*map(issue, range(1, 6))))
    ring = [issue(number) | {"key": f"AC-{number % 4 + 1}"} for number in range(1, 5)]
    assert "0 created, 4 updated" in run(file, lines(*ring))
    assert keys() == {1001: "AC-2", 1002: "AC-3", 1003: "AC-4", 1004: "AC-1", 1005: "AC-5"}


def test_a_new_issue_takes_the_key_of_one_that_moves_later(file: Path) -> None:
    run(file, lines(issue(1)))
    run(file, lines(issue(2) | {"key": "AC-1"}, issue(1) | {"key": "NEW-1"}))
    assert keys() == {1001: "NEW-1", 1002: "AC-1"}


def test_an_issue_that_waits_for_the_key_of_one_that_stays_is_rejected_too(file: Path) -> None:
    run(file, lines(issue(1), issue(2), issue(3)))
    chain = [issue(1) | {"key": "AC-2"}, issue(2) | {"key": "AC-3"}]
    with pytest.raises(CommandError, match="2 issues or files"):
        run(file, lines(*chain))
    assert keys() == {1001: "AC-1", 1002: "AC-2", 1003: "AC-3"}


def test_of_two_issues_with_the_same_new_key_the_first_gets_it(file: Path) -> None:
    run(file, lines(issue(1)))
    with pytest.raises(CommandError, match="1 issues or files"):
        run(file, lines(issue(5) | {"key": "AC-1"}, issue(6) | {"key": "AC-1"}, issue(1) | {"key": "AC-9"}))
    assert keys() == {1001: "AC-9", 1005: "AC-1"}


def test_a_moved_issue_is_updated_and_another_jiras_issue_is_rejected(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(file, lines(issue(1, created="2020-01-01T00:00:00.000+0000")))
    run(file, lines(issue(1, created="2020-01-01T09:00:00.000+0000") | {"key": "NEW-1"}))
    with pytest.raises(CommandError):
        run(file, lines(issue(1, created="2022-01-01T00:00:00.000+0000") | {"key": "OTHER-1"}))
    assert "issue 1001 in the archive is NEW-1, created 2020-01-01. An archive holds the issues of one Jira" in (
        capsys.readouterr().err
    )
    assert keys() == {1001: "NEW-1"}


# -- What the operator chooses ------------------------------------------------------------------------


def test_existing_issues_are_skipped(file: Path) -> None:
    run(file, lines(issue(1)))
    output = run(file, lines(issue(1, summary="new"), issue(2)), on_conflict="skip")
    assert "1 created, 0 updated, 0 unchanged, 1 skipped" in output
    assert ArchivedIssue.objects.get(pk=1001).summary == "Issue 1"


def test_an_existing_issue_is_an_error(file: Path) -> None:
    run(file, lines(issue(1)))
    with pytest.raises(
        CommandError, match=r"line 2 .AC-1.: issue 1001 already exists in the archive\. Import with"
    ) as refusal:
        run(file, lines(issue(2), issue(1)), on_conflict="error")
    assert refusal.value.returncode == 1
    assert keys() == {1001: "AC-1"}


def written_files(folder: Path) -> list[Path]:
    """What is in the folder apart from SQLite's lock on long writes."""
    return [path for path in folder.iterdir() if path.name != "long-write.lock"]


def test_a_dry_run_reports_everything_and_changes_nothing(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 issues or files"):
        run(file, lines(issue(1, reporter=BOB), issue(2), {}), dry_run=True)
    output = run(file, lines(issue(1), issue(2)), dry_run=True)
    assert "(dry run: nothing was changed): 2 created" in output
    assert [model.objects.count() for model in (ArchivedIssue, Account, Project, IssueType)] == [0, 0, 0, 0]
    assert written_files(tmp_path) == [file]


def test_strict_stops_at_the_first_error_and_changes_nothing(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"line 2: id is missing. Nothing of this file was imported") as refusal:
        run(file, lines(issue(1), {}, issue(3)), strict=True)
    assert refusal.value.returncode == 1
    assert keys() == {}
    assert written_files(tmp_path) == [file]


def test_rejected_issues_are_fixed_and_imported_again(file: Path, tmp_path: Path) -> None:
    broken = issue(2, summary="\ud83d")
    with pytest.raises(CommandError) as refusal:
        run(file, lines(issue(1), broken) + b"{no\n" + lines(issue(4) | {"key": "AC-1"}))
    assert refusal.value.returncode == 3
    rejects = tmp_path / "issues.rejects.ndjson"
    assert rejects.read_bytes() == lines(broken) + b"{no\n" + lines(issue(4) | {"key": "AC-1"})
    assert "1 created" in run(rejects, rejects.read_bytes().splitlines(keepends=True)[0].replace(b"\\ud83d", b"ok"))
    assert keys() == {1001: "AC-1", 1002: "AC-2"}


def test_rejects_of_an_earlier_import_are_never_overwritten(file: Path, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(CommandError):
            run(file, json.dumps({"issues": [issue(1), {"a": 1}]}, indent=1).encode())
    assert (tmp_path / "issues.rejects.ndjson").read_bytes() == (tmp_path / "issues.rejects.2.ndjson").read_bytes()
    assert json.loads((tmp_path / "issues.rejects.ndjson").read_bytes()) == {"a": 1}


def test_a_folder_and_a_zip_of_files(tmp_path: Path) -> None:
    (folder := tmp_path / "jira" / "deep").mkdir(parents=True)
    (folder / "a.json").write_bytes(json.dumps(issue(1)).encode())
    (tmp_path / "jira" / "README").write_text("Nothing to import.")
    with zipfile.ZipFile(tmp_path / "jira" / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/c.ndjson", lines(issue(2), issue(3)))
        archive.writestr("x/d.json.gz", gzip.compress(lines(issue(4))))
    output = run(tmp_path / "jira")
    assert "README isn't a Jira CSV or JSON export. It was skipped." in output
    assert f"{tmp_path}/jira/b.zip/x/c.ndjson: 2 created" in output
    assert sorted(keys()) == [1001, 1002, 1003, 1004]


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = BytesIO(gzip.compress(lines(issue(1), issue(2))))
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(packed))
    assert run(Path("-"), rejects=tmp_path).startswith("standard input: 2 created")
    assert len(keys()) == 2


def test_a_long_search_response_is_read_one_issue_at_a_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_reader, "PIECE_BYTES", 1000)
    monkeypatch.setattr(jira_json, "PIECE_BYTES", 1000)
    monkeypatch.setattr(json_stream, "CHUNK_LENGTH", 100)
    page = {"startAt": 0, "names": {"a": ["b", 1.5]}, "issues": [issue(n, summary="é" * n) for n in range(1, 300)]}
    run(file, json.dumps(page | {"total": 299}).encode())
    assert len(keys()) == 299
    assert ArchivedIssue.objects.get(key="AC-250").summary == "é" * 250


def test_progress_is_reported(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LINE_SECONDS", 0.0)
    text = run(file, lines(*map(issue, range(1, 1200))))
    shares = [int(share) for share in re.findall(r"issues: (\d+)%, [\d,]+ issues read", text)]
    assert shares == sorted(shares)
    assert len(shares) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty."),
        (b"Summary,Key\n", "isn't a Jira CSV or JSON export."),
        (b"Summary,Issue key\n", "has no column Issue id. Export it with all fields."),
        (b"PK\x03\x04 but no more", "is damaged"),
        (b'{"issues": [{"id": "1"}, ', "isn't valid JSON"),
        (b"[1] 2", "isn't valid JSON"),
        (b"{[1]: 2}", "isn't valid JSON: [1] isn't a valid member name."),
        (b'{\n "id": ', "isn't valid JSON"),
        (gzip.compress(lines(*map(issue, range(1, 200))))[:-20], "is damaged"),
    ],
)
def test_an_unreadable_file_changes_nothing_and_the_others_are_imported(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, reason: str
) -> None:
    file.write_bytes(content)
    (good := tmp_path / "good").write_bytes(lines(issue(500)))
    with pytest.raises(CommandError, match="1 issues or files"):
        call_command("import_issues", file, good, rejects=tmp_path, stdout=StringIO())
    assert f"{file} {reason}" in capsys.readouterr().err
    assert ArchivedIssue.objects.get().key == "AC-500"


def test_a_missing_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        run(file)
    assert f"{file} can't be read: No such file or directory. Nothing of it was imported." in capsys.readouterr().err
