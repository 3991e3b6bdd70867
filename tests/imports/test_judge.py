"""Records that Jira could not have written are rejected one at a time, with the reason, from every format."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from archive.models import ArchivedIssue
from exports import storage
from exports.builder import build
from imports.judge import find_misfit
from imports.load import Archiving, Loader
from imports.options import ImportOptions, InvalidOption
from imports.records import IssueRecord, Person, ProjectRecord, TypeRecord, UnreadableRecord

pytestmark = pytest.mark.django_db
HEAD = b"Issue id,Issue key,Issue Type,Summary,Created,Due date\n"


def record(number: int = 1, **values: Any) -> IssueRecord:
    defaults: dict[str, Any] = {
        "id": number,
        "key": f"AC-{number}",
        "project": ProjectRecord("AC"),
        "issue_type": TypeRecord("1", "Bug"),
    }
    return IssueRecord(**defaults | values)


def issue(number: int, key: str, **fields: Any) -> bytes:
    defaults = {"project": {"key": "AC"}, "issuetype": {"id": "1", "name": "Bug"}}
    return json.dumps({"id": str(number), "key": key, "fields": defaults | fields}).encode() + b"\n"


def refuse(path: Path, content: bytes, capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    """Import the file, of which one issue must be rejected. Returns the reason."""
    path.write_bytes(content)
    options = {"archived_by": "ops", "archived_date": "2024-02-03", "rejects": path.parent} | options
    with pytest.raises(CommandError, match="1 issues or files could not be imported"):
        call_command("import_issues", path, **options, stdout=StringIO())
    [error] = capsys.readouterr().err.splitlines()
    return error.partition("): ")[2]


@pytest.mark.parametrize("key", ["AC-1", "R2D2-20", "MY_PROJECT-300", "PRODUCT_2013-1", "K-12"])
def test_jiras_keys(key: str) -> None:
    assert find_misfit(record(key=key)) == ""


WRONG_KEYS = ["A/B-1", "ac-1", "2013PROJECT-1", "AC", "AC-", "AC-1/..", "AC-1\n", "-1", "ÄC-1", "AC-١", "AC 1", "A-B-1"]


@pytest.mark.parametrize("key", WRONG_KEYS)
def test_keys_that_jira_does_not_give(key: str) -> None:
    assert find_misfit(record(key=key)) == f"key is {key!r}, which isn't an issue key of Jira's, such as AC-123."


def test_a_wrong_key_is_rejected_and_the_others_are_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = "key is 'A/B-1', which isn't an issue key of Jira's, such as AC-123."
    assert refuse(tmp_path / "a.ndjson", issue(1, "A/B-1") + issue(2, "AC-2"), capsys) == expected
    assert refuse(tmp_path / "b.csv", HEAD + b"1,A/B-1,Bug,,,\n3,AC-3,Bug,,,\n", capsys) == expected
    assert sorted(ArchivedIssue.objects.values_list("key", flat=True)) == ["AC-2", "AC-3"]
    assert (tmp_path / "b.rejects.csv").read_bytes() == HEAD + b"1,A/B-1,Bug,,,\n"


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_dates_that_no_issue_has(tmp_path: Path, capsys: pytest.CaptureFixture[str], year: int) -> None:
    moment, day = f"{year:04}-06-16T12:00:00.000+0000", f"{year:04}-06-16"
    expected = f"{{}} is in the year {year}. Fix the date: years go from 1900 to 2200."
    assert refuse(tmp_path / "a", issue(1, "AC-1", created=moment), capsys) == expected.format("created")
    assert refuse(tmp_path / "a", issue(1, "AC-1", duedate=day), capsys) == expected.format("due_date")
    assert refuse(tmp_path / "a", issue(1, "AC-1", archiveddate=moment), capsys) == expected.format("archived_date")
    assert refuse(tmp_path / "a", HEAD + f"1,AC-1,Bug,,{moment},\n".encode(), capsys) == expected.format("created")
    assert refuse(tmp_path / "a", HEAD + f"1,AC-1,Bug,,,{day}\n".encode(), capsys) == expected.format("due_date")
    assert ArchivedIssue.objects.count() == 0


@pytest.mark.parametrize("date", ["9999-01-01", "0001-01-01T00:00:00+00:00"])
def test_an_archive_date_that_was_chosen_is_judged_too(date: str) -> None:
    with pytest.raises(InvalidOption, match=r"archived_date is '.*', but years go from 1900 to 2200"):
        ImportOptions(archived_date=date)


def test_the_first_and_the_last_years() -> None:
    assert find_misfit(record(created=timezone.now().replace(year=1900))) == ""
    assert find_misfit(record(created=timezone.now().replace(year=2200))) == ""


def test_long_lists(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels = [f"l{number}" for number in range(1001)]
    names = [{"name": label} for label in labels[:181]]
    reason = refuse(tmp_path / "a", issue(1, "AC-1", labels=labels), capsys)
    assert reason == "labels has 1,001 values; at most 1,000 are allowed (IMPORT_MAX_LABELS)."
    reason = refuse(tmp_path / "a", issue(1, "AC-1", components=names), capsys)
    assert reason == "components has 181 values; at most 180 are allowed (IMPORT_MAX_LIST_VALUES)."
    head = HEAD.rstrip() + b",Labels" * 1001 + b"\n"
    reason = refuse(tmp_path / "a", head + b"1,AC-1,Bug,,,," + ",".join(labels).encode() + b"\n", capsys)
    assert reason == "labels has 1,001 values; at most 1,000 are allowed (IMPORT_MAX_LABELS)."


@pytest.mark.parametrize("name", ["labels", "components", "fix_versions", "affects_versions"])
def test_long_values_of_lists(name: str) -> None:
    longest: dict[str, Any] = {name: ("x" * 255,)}
    too_long: dict[str, Any] = {name: ("a", "x" * 256)}
    assert find_misfit(record(**longest)) == ""
    expected = f"{name} has a value of 256 characters; Jira allows 255."
    assert find_misfit(record(**too_long)) == expected


def test_long_texts(settings: Any) -> None:
    settings.IMPORT_MAX_TEXT_CHARACTERS = 2_000
    assert find_misfit(record(summary="x" * 1_000, description="x" * 2_000)) == ""
    expected = "{} has {} characters; at most 1,000 are allowed, and 255 in Jira."
    assert find_misfit(record(summary="x" * 1_001)) == expected.format("summary", "1,001")
    assert find_misfit(record(parent_summary="x" * 5_000)) == expected.format("parent_summary", "5,000")
    expected = "{} has 2,001 characters; at most 2,000 are allowed (IMPORT_MAX_TEXT_CHARACTERS)."
    assert find_misfit(record(environment="x" * 2_001)) == expected.format("environment")
    assert find_misfit(ProjectRecord("AC", description="x" * 2_001)) == expected.format("description")


# -- The longest lists that are allowed can be exported ----------------------------------------------------


def refuse_none(rejected: UnreadableRecord) -> None:
    raise rejected


@pytest.mark.django_db(transaction=True)
def test_an_archive_with_the_longest_lists_can_be_exported(tmp_path: Path, settings: Any) -> None:
    values = tuple(f"v{number}" for number in range(1000))
    issues = [
        record(1, labels=values[: settings.IMPORT_MAX_LABELS]),
        record(2, components=values[: settings.IMPORT_MAX_LIST_VALUES]),
        record(3, fix_versions=values[: settings.IMPORT_MAX_LIST_VALUES]),
        record(4, affects_versions=values[: settings.IMPORT_MAX_LIST_VALUES]),
    ]
    Loader("test", refuse_none, archiving=Archiving(Person("ops"), timezone.now())).load(issues)
    with storage.begin(1, 1) as part:
        build(ArchivedIssue.objects.all(), part, guard=True, report=lambda _written, _expected: None)
        path = storage.folder().joinpath(part.publish())
    with path.open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines)
    path.unlink()
    assert [head.count(name) for name in ("Labels", "Components", "Fix versions", "Affects versions")] == [
        settings.IMPORT_MAX_LABELS,
        *[settings.IMPORT_MAX_LIST_VALUES] * 3,
    ]
    assert [len([cell for cell in row if cell.startswith("v")]) for row in rows] == [1000, 180, 180, 180]
