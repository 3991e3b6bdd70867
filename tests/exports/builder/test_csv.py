"""The CSV file, byte by byte. PostgreSQL and SQLite write the same."""

import csv
import datetime
import io
from typing import Any

import pytest

from archive.columns import COLUMNS
from archive.filters import IssueFilter
from archive.models import ArchivedIssue, Project
from exports import storage
from exports.builder import build
from tests.factories import NOON, make_account, make_issue

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = (
    "Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Project type,Project lead,"
    "Project lead id,Project description,Priority,Resolution,Assignee,Assignee Id,Reporter,Reporter Id,Creator,"
    "Creator Id,Created,Updated,Resolved,Affects versions,Fix versions,Components,Due date,Votes,Labels,"
    "Description,Environment,Original estimate,Remaining Estimate,Time Spent,Work Ratio,Σ Original Estimate,"
    "Σ Remaining Estimate,Σ Time Spent,Security Level,Parent,Parent key,Parent summary,Status Category,"
    "Status Category Changed,ArchivedBy,ArchivedBy Id,ArchivedDate\n"
)


def exported(*, guard: bool = True, **body: Any) -> str:
    """The file of the issues that the REST body selects."""
    with storage.begin(1, 1) as part:
        issues = IssueFilter.from_json(body).issues()
        built = build(issues, part, guard=guard, report=lambda _written, _expected: None)
        assert built.row_count == issues.count()
        name = part.publish()
    with storage.open_file(name) as file:
        content = file.read()
    assert len(content) == part.bytes
    return content.decode()


def records(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_it_works() -> None:
    make_issue(7, project="FOO", summary="Plain")
    assert exported() == HEADER + (
        '"Plain","FOO-7",7,"Bug","","FOO","Project FOO","","","","","","","","","","","","",,,,"","","",,,"","",""'
        ',,,,,,,,"",,"","","",,"Ann","ann",2023-01-02T12:00:00+00:00\n'
    )


def test_every_column_is_filled_from_its_field() -> None:
    moment = datetime.datetime(2016, 10, 7, 10, 53, 25, 120_000, tzinfo=datetime.UTC)
    issue = make_issue(
        7,
        summary='Say "hi", then\r\nleave',
        status="Closed",
        priority="Low",
        resolution="Done",
        assignee="asa",
        reporter="rob",
        creator="cid",
        created=moment,
        updated=moment + datetime.timedelta(microseconds=3456),
        resolved=moment.replace(microsecond=0),
        affects_versions=["1.0", "2.0"],
        fix_versions=["3.0"],
        components=["Core, CLI"],
        due_date=datetime.date(2024, 2, 29),
        votes=3,
        labels=["a", "ü", "🎉"],
        description="text",
        environment="prod",
        original_estimate=3600,
        remaining_estimate=1800,
        time_spent=900,
        work_ratio=-1,
        total_original_estimate=7200,
        total_remaining_estimate=0,
        total_time_spent=1,
        security_level="Internal",
        parent_id=6,
        parent_key="FOO-6",
        parent_summary="Parent",
        status_category="Done",
        status_category_changed=moment,
    )
    Project.objects.update(lead=make_account("lea"), type="software", description="About foo")
    header = HEADER.replace("Affects versions", "Affects versions,Affects versions").replace(
        "Labels", "Labels,Labels,Labels"
    )
    assert exported() == header + (
        '"Say ""hi"", then\r\nleave","FOO-7",7,"Bug","Closed","FOO","Project FOO","software","Lea","lea",'
        '"About foo","Low","Done","Asa","asa","Rob","rob","Cid","cid",2016-10-07T10:53:25.12+00:00,'
        '2016-10-07T10:53:25.123456+00:00,2016-10-07T10:53:25+00:00,"1.0","2.0","3.0","Core, CLI",2024-02-29,3,'
        '"a","ü","🎉","text","prod",3600,1800,900,-1,7200,0,1,"Internal",6,"FOO-6","Parent","Done",'
        '2016-10-07T10:53:25.12+00:00,"Ann","ann",2023-01-02T12:00:00+00:00\n'
    )
    assert issue.project.key == "FOO"


GUARDED = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝x", "＋x", "－x", "＠x", "'=x", "''+x", "="]
UNTOUCHED = ["", "x", "'", "''", "'x", " =x", "1", "Ax", "😀", "é", "a=b", "《"]


@pytest.mark.parametrize("text", GUARDED)
def test_cells_that_look_like_formulas_start_with_a_quote(text: str) -> None:
    make_issue(1, summary=text, labels=[text])
    (record,) = records(exported())
    assert (record[0], record[27]) == ("'" + text, "'" + text)


@pytest.mark.parametrize("text", UNTOUCHED)
def test_other_text_is_not_changed(text: str) -> None:
    make_issue(1, summary=text)
    assert records(exported())[0][0] == text


# What stands in the archive, and what in the file, if a spreadsheet may separate columns by ";".
INNER = [
    ("x;=cmd|' /C calc'!A0;y", "x;'=cmd|' /C calc'!A0;y"),
    ("x\n=1", "x\n'=1"),
    ("x\r\n-1", "x\r\n'-1"),
    ("x\r@a", "x\r'@a"),
    ("x\t+1", "x\t'+1"),
    ("x;＝1", "x;'＝1"),
    ('x;"=1', "x;\"'=1"),
    ("x;'=1", "x;''=1"),
    ("=1;=2\n=3", "'=1;'=2\n'=3"),
    ("\n=1", "'\n'=1"),
]
INNER_UNTOUCHED = ["a;b", "a; =b", "a\nb", "a;'b", 'a;"b"', "a\n'b'", "a;b=c", "a;;b", "a;\n", "a\tb", "a\\nb", "a,=b"]


@pytest.mark.parametrize(("text", "written"), INNER)
def test_formulas_after_a_separator_inside_a_cell_are_guarded(text: str, written: str) -> None:
    make_issue(1, summary=text, description=text, labels=["plain", text])
    (record,) = records(exported())
    assert [record[0], *record[27:30]] == [written, "plain", written, written]


@pytest.mark.parametrize("text", INNER_UNTOUCHED)
def test_separators_without_a_formula_change_nothing(text: str) -> None:
    make_issue(1, summary=text, description=text, labels=[text])
    (record,) = records(exported())
    assert [record[0], *record[27:29]] == [text, text, text]


def test_what_belongs_to_an_issue_is_guarded_too() -> None:
    make_issue(1, reporter="rob;=1")
    Project.objects.update(description="About\n-foo", lead=make_account("lea", "Lea\t@x"))
    (record,) = records(exported())
    assert (record[8], record[10], record[16]) == ("Lea\t'@x", "About\n'-foo", "rob;'=1")


def test_without_the_guard_no_text_is_changed() -> None:
    for number, text in enumerate(GUARDED + UNTOUCHED):
        make_issue(number, summary=text)
    assert [record[0] for record in records(exported(guard=False))] == GUARDED + UNTOUCHED


def test_numbers_and_dates_are_never_guarded() -> None:
    make_issue(1, work_ratio=-1, votes=-5)
    record = records(exported())[0]
    assert (record[26], record[33]) == ("-5", "-1")


def test_records_are_ordered_by_archived_date_then_issue_id() -> None:
    make_issue(3, archived_date=NOON)
    make_issue(1, archived_date=NOON)
    make_issue(2, archived_date=NOON - datetime.timedelta(days=1))
    assert [record[2] for record in records(exported())] == ["2", "1", "3"]


def test_if_no_issue_matches_the_file_has_only_the_header() -> None:
    make_issue(1)
    dates = {"dateAfter": "1999-01-01", "dateBefore": "1999-01-02"}
    assert exported(archivedDate=dates) == HEADER


def test_a_list_has_as_many_columns_as_this_export_needs() -> None:
    make_issue(1, project="FOO", labels=["x"] * 37)
    make_issue(2, project="BAR", labels=["y"])
    make_issue(3, project="BAZ")
    assert exported().splitlines()[0].count("Labels") == 37
    assert exported(projects=["BAR"]).splitlines()[0].count("Labels") == 1
    assert exported(projects=["BAZ"]).splitlines()[0].count("Labels") == 1


def test_more_cells_than_one_printf_can_have() -> None:
    make_issue(1, labels=[str(number) for number in range(300)])
    record = records(exported())[0]
    assert record[27:327] == [str(number) for number in range(300)]
    assert len(record) == len(COLUMNS) + 299


def test_the_file_is_one_snapshot_even_if_issues_change_during_the_build() -> None:
    for number in range(3):
        make_issue(number)

    def change_issues(written: int, _expected: int) -> None:
        if written == 0:
            make_issue(99)
            ArchivedIssue.objects.filter(pk=2).update(summary="changed")

    with storage.begin(1, 1) as part:
        built = build(IssueFilter().issues(), part, guard=True, report=change_issues)
        name = part.publish()
    with storage.open_file(name) as file:
        rows = records(file.read().decode())
    assert built.row_count == 3
    assert [(row[2], row[0]) for row in rows] == [("0", ""), ("1", ""), ("2", "")]
