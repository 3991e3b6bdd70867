"""Comments, custom fields, links and everything else that Jira's CSV has are kept."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive.models import ArchivedIssue, DetailColumn, DetailPerson, IssueDetail

pytestmark = pytest.mark.django_db

BASIC = {"Issue id": "1", "Issue key": "AC-1", "Issue Type": "Bug"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues.csv"


def run(path: Path, *columns: tuple[str, str], **options: Any) -> str:
    """Import one issue, which has these columns beside its key."""
    pairs = [*BASIC.items(), *columns]
    csv.writer(text := StringIO()).writerows([[name for name, _ in pairs], [cell for _, cell in pairs]])
    path.write_text(text.getvalue(), errors="surrogateescape")
    return import_file(path, **options)


def import_file(path: Path, **options: Any) -> str:
    options = {"archived_by": "ops", "archived_date": "2024-02-03", "rejects": path.parent} | options
    call_command("import_issues", path, **options, stdout=(out := StringIO()))
    return out.getvalue()


def details() -> dict[str, Any]:
    return {str(row.column): row.items for row in IssueDetail.objects.select_related("column")}


AT = "2023-07-16T15:04:00.000+00:00"


def test_it_works(file: Path) -> None:
    output = run(
        file,
        ("Comment", "16/Jul/23 3:04 PM;5b-rob;Look; there,\nand here"),
        ("Comment", "16/Jul/23 3:04 PM;5b-eve;Second"),
        ("Comment", ""),
        ("Log Work", "Found it; really;16/Jul/23 3:04 PM;5b-rob;3600"),
        ("Attachment", "16/Jul/23 3:04 PM;5b-rob;a;b.png;https://jira/content/9"),
        ("Watchers", "Rob Ray"),
        ("Watchers", "Eve"),
        ("Watchers Id", "5b-rob"),
        ("Watchers Id", "5b-eve"),
        ("Outward issue link (Blocks)", "AC-2"),
        ("Outward issue link (Blocks)", "AC-3"),
        ("Inward issue link (Relates to (old))", "X-1"),
        ("Sub-tasks", "AC-4"),
        ("Custom field (Story Points)", "5.0"),
        ("Custom field (Tags)", "a"),
        ("Custom field (Tags)", "b"),
        ("Custom field (Empty)", ""),
        ("Sprint", "Sprint 1"),
        ("Last Viewed", "16/Jul/23 3:04 PM"),
    )
    rob = {"accountId": "5b-rob"}
    assert details() == {
        "Comment": [
            {"author": rob, "created": AT, "body": "Look; there,\nand here"},
            {"author": {"accountId": "5b-eve"}, "created": AT, "body": "Second"},
        ],
        "Log Work": [{"author": rob, "comment": "Found it; really", "started": AT, "timeSpentSeconds": 3600}],
        "Attachment": [
            {"author": rob, "created": AT, "filename": "a;b.png", "content": "https://jira/content/9"},
        ],
        "Watchers": [rob | {"displayName": "Rob Ray"}, {"accountId": "5b-eve", "displayName": "Eve"}],
        "Outward issue link (Blocks)": [
            {"type": {"name": "Blocks"}, "outwardIssue": {"key": "AC-2"}},
            {"type": {"name": "Blocks"}, "outwardIssue": {"key": "AC-3"}},
        ],
        "Inward issue link (Relates to (old))": [
            {"type": {"name": "Relates to (old)"}, "inwardIssue": {"key": "X-1"}},
        ],
        "Sub-tasks": [{"key": "AC-4"}],
        "Custom field (Story Points)": ["5.0"],
        "Custom field (Tags)": ["a", "b"],
        "Sprint": ["Sprint 1"],
        "Last Viewed": ["16/Jul/23 3:04 PM"],
    }
    assert (
        "  Also kept: 2 comments, 1 work log, 1 attachment, 2 watchers, 3 links, 1 subtask, "
        "4 values of custom fields, 1 value of other fields\n"
    ) in output
    assert "not imported" not in output
    named = DetailPerson.objects.values_list("account__account_id", "account__name")
    assert sorted(named) == [("5b-eve", "Eve"), ("5b-rob", "Rob Ray")]


def test_data_center_and_numbered_headings(file: Path) -> None:
    run(
        file,
        ("Comment0", "2023-07-16 15:04;rob;One"),
        ("comment.1", "2023-07-16T15:04:00+00:00;rob;Two"),
        ("Watchers", "rob"),
        ("Watchers", "eve"),
        ("Log Work", "16/Jul/23 15:04;rob;60;At the end"),
        ("Attachment12", "16/Jul/23 15:04;rob;notes.txt;no address"),
        ("Custom field (Team) 2", "Red"),
        ("Phase 2", "Build"),
    )
    rob = {"accountId": "rob"}
    assert details() == {
        "Comment": [
            {"author": rob, "created": AT, "body": "One"},
            {"author": rob, "created": AT, "body": "Two"},
        ],
        "Watchers": [rob, {"accountId": "eve"}],
        "Log Work": [{"author": rob, "comment": "At the end", "started": AT, "timeSpentSeconds": 60}],
        "Attachment": [{"author": rob, "created": AT, "filename": "notes.txt;no address"}],
        "Custom field (Team)": ["Red"],
        "Phase 2": ["Build"],
    }


@pytest.mark.parametrize(
    ("heading", "cell", "item"),
    [
        ("Comment", "Just a text", {"body": "Just a text"}),
        ("Comment", "yesterday;rob;text", {"body": "yesterday;rob;text"}),
        ("Comment", f"16/Jul/23 3:04 PM;{'x' * 200};text", {"body": f"16/Jul/23 3:04 PM;{'x' * 200};text"}),
        ("Comment", "16/Jul/23 3:04 PM;;Anonymous", {"created": AT, "body": "Anonymous"}),
        ("Comment", "16/Jul/23 3:04 PM", {"created": AT, "body": ""}),
        ("Attachment", "photo.png", {"filename": "photo.png"}),
        ("Log Work", "16/Jul/23 3:04 PM;rob;an hour", {"comment": "16/Jul/23 3:04 PM;rob;an hour"}),
        ("Log Work", ";;;", {"comment": ";;;"}),
        ("Watchers Id", "5b-rob", {"accountId": "5b-rob"}),
    ],
)
def test_a_cell_in_another_form_is_kept_as_text(file: Path, heading: str, cell: str, item: Any) -> None:
    run(file, (heading, cell))
    (items,) = details().values()
    assert items == [item]


def test_dates_are_in_the_chosen_zone_and_format(file: Path) -> None:
    options = {"time_zone": "Europe/Berlin", "date_format": "%d.%m.%Y %H:%M"}
    run(file, ("Comment", "16.07.2023 17:04;rob;Hi"), **options)
    assert details()["Comment"][0]["created"] == AT


def test_a_file_without_a_column_leaves_it_and_an_empty_cell_removes_it(file: Path) -> None:
    comment = ("Comment", "16/Jul/23 3:04 PM;rob;Hi")
    assert "1 created" in run(file, comment, ("Custom field (A)", "1"), ("Sprint", "S"), ("Sub-tasks", "AC-2"))
    assert "1 unchanged" in run(file, comment)
    assert "1 unchanged" in run(file)
    assert len(details()) == 4
    assert "1 updated" in run(file, comment, ("Custom field (A)", ""), ("Sprint", ""))
    assert sorted(details()) == ["Comment", "Sub-tasks"]


def test_a_csv_and_a_json_file_agree_on_fields(file: Path, tmp_path: Path) -> None:
    """The JSON file's fields get their names only from the CSV or from `names`; then they are one field."""
    issue = {
        "id": "1",
        "key": "AC-1",
        "fields": {"project": {"key": "AC"}, "issuetype": {"id": "name:Bug", "name": "Bug"}, "customfield_9": 5.0},
    }
    other = tmp_path / "issues.json"
    other.write_text(json.dumps(issue))
    import_file(other)
    run(file, ("Custom field (Points)", "5.0"), ("Custom field (Team)", "Red"))
    assert DetailColumn.objects.count() == 3
    other.write_text(json.dumps(issue | {"names": {"customfield_9": "Points"}}))
    assert "1 unchanged" in import_file(other)
    assert details() == {"Custom field (Points)": ["5.0"], "Custom field (Team)": ["Red"]}
    assert "1 unchanged" in run(file, ("Custom field (Points)", "5.0"))
    points = IssueDetail.objects.get(column__name="Points")
    assert (points.value, points.column.field_id) == (5.0, "customfield_9")
    assert "1 updated" in run(file, ("Custom field (Points)", "6.0"))
    points.refresh_from_db()
    assert (points.items, points.value) == (["6.0"], None)


def test_two_headings_of_one_field_and_fields_without_a_name(file: Path, tmp_path: Path) -> None:
    (tmp_path / "issues.json").write_text(
        json.dumps(
            {
                "id": "1",
                "key": "AC-1",
                "fields": {"project": {"key": "AC"}, "issuetype": {"id": "1"}, "customfield_9": "unnamed"},
            }
        )
    )
    import_file(tmp_path / "issues.json")
    run(file, ("Sprint", "A"), ("Custom field (Sprint)", "B"), ("Custom field ()", "C"), ("\0Odd\0", "D"))
    assert details() == {
        "Custom field (customfield_9)": ["unnamed"],
        "Sprint": ["A", "B"],
        "Custom field ()": ["C"],
        "Odd": ["D"],
    }


def test_headings_that_jira_cannot_have_written_are_reported(file: Path) -> None:
    output = run(file, ("", "a"), ("x" * 300, "b"), ("bad \udcff heading", "c"))
    assert "3 columns with data were not imported: column 4 (1 cell), " in output
    assert "bad \ufffd heading (1 cell)" in output
    assert not IssueDetail.objects.exists()


def test_a_cell_that_is_not_utf_8_rejects_the_issue(file: Path, capsys: Any) -> None:
    with pytest.raises(CommandError, match="1 issues or files could not be imported"):
        run(file, ("Custom field (A)", "\udcff"))
    assert "Custom field (A) contains the byte 0xff, which isn't UTF-8." in capsys.readouterr().err
    assert not ArchivedIssue.objects.exists()


def test_the_formula_guard_is_removed(file: Path) -> None:
    guarded = (("Custom field (A)", "'=1"), ("Comment", "'=x"), ("Watchers", "'@rob"), ("Watchers Id", ""))
    run(file, *guarded, formula_guard="on")
    assert details() == {
        "Custom field (A)": ["=1"],
        "Comment": [{"body": "=x"}],
        "Watchers": [{"accountId": "@rob"}],
    }
