"""Issues as CSV: from Jira Cloud, from Data Center, and from this portal."""

import csv
import gzip
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive.models import Account, ArchivedIssue, IssueType, Project
from imports.references import derived_type_id
from tests.factories import make_type

pytestmark = pytest.mark.django_db

CLOUD = """\
Summary,Issue key,Issue id,Issue Type,Status,Project key,Project name,Project type,Project lead,Project lead id,\
Project description,Priority,Resolution,Assignee,Assignee Id,Reporter,Reporter Id,Creator,Creator Id,Created,Updated,\
Last Viewed,Resolved,Due date,Votes,Labels,Labels,Description,Environment,Original estimate,Work Ratio,\
Custom field (Rank),Comment,Comment,Parent,Parent key,Status Category,Status Category Changed
"One, ""two"", x",AC-1,10001,Bug,Done,AC,Acme,software,Lea,5b-lea,All of it,Medium,Fixed,Asa,5b-asa,Rob,5b-rob,,,\
16/Jul/23 3:04 PM,17/Jul/23 12:30 AM,,16/Jul/23 12:05 PM,18/Jul/23 12:00 AM,3,red,green,"First\r
second",here,3600,50%,0|i0:,"16/Jul/23 3:05 PM;5b-rob;Hi",,10000,AC-0,Done,16/Jul/23 3:04 PM
,AC-2,10002,Task,,AC,Acme,software,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,
"""


def run(path: Path, text: str | bytes, **options: Any) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    options = {"archived_by": "ops", "archived_date": "2024-02-03", "rejects": path.parent} | options
    call_command("import_issues", path, **options, stdout=(out := StringIO()))
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues.csv"


def test_it_works(file: Path) -> None:
    output = run(file, CLOUD, time_zone="Europe/Berlin")
    assert "2 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected" in output
    assert "  Also kept: 1 comment, 1 value of custom fields\n" in output
    one = ArchivedIssue.objects.get(key="AC-1")
    assert (one.pk, one.summary, one.description, one.environment) == (
        10001,
        'One, "two", x',
        "First\r\nsecond",
        "here",
    )
    assert (str(one.project), one.project.type, one.project.description) == ("Acme (AC)", "software", "All of it")
    assert one.project.lead == Account.objects.get(account_id="5b-lea", name="Lea")
    assert (one.issue_type.name, one.issue_type.type_id, one.status) == ("Bug", "name:Bug", "Done")
    assert (one.reporter, one.assignee) == (Account.objects.get(name="Rob"), Account.objects.get(account_id="5b-asa"))
    assert (one.creator, one.priority, one.resolution) == (None, "Medium", "Fixed")
    assert one.created == datetime(2023, 7, 16, 13, 4, tzinfo=UTC)
    assert one.updated == datetime(2023, 7, 16, 22, 30, tzinfo=UTC)
    assert one.resolved == datetime(2023, 7, 16, 10, 5, tzinfo=UTC)
    assert (one.due_date, one.votes, one.labels) == (date(2023, 7, 18), 3, ["red", "green"])
    assert (one.original_estimate, one.work_ratio, one.time_spent) == (3600, 50, None)
    assert (one.parent_id, one.parent_key, one.status_category) == (10000, "AC-0", "Done")
    assert (one.archived_by.account_id, one.archived_date) == ("ops", datetime(2024, 2, 3, tzinfo=UTC))
    two = ArchivedIssue.objects.get(key="AC-2")
    assert (two.summary, two.votes, two.labels, two.created, two.reporter) == ("", None, [], None, None)


DATA_CENTER = """\
Issue Type;Issue key;Issue id;Parent id;Summary;Assignee;Reporter;Creator;Created;Due Date;Affects Version/s;\
Affects Version/s;Fix Version/s;Component/s;Component/s;Project key;Project name;Project lead;Σ Time Spent
Story;DC-7;7007;7001;Uhr;asa;JIRAUSER1;rob;16/Jul/23 15:04;18/Jul/23;1.0;2.0;3.0;Core, CLI;UI;DC;Center;lea;60
"""


def test_data_center(file: Path) -> None:
    run(file, DATA_CENTER.replace("\n", "\r\n"))
    stored = ArchivedIssue.objects.get()
    assert (stored.affects_versions, stored.fix_versions, stored.components) == (
        ["1.0", "2.0"],
        ["3.0"],
        ["Core, CLI", "UI"],
    )
    assert (stored.created, stored.due_date) == (datetime(2023, 7, 16, 15, 4, tzinfo=UTC), date(2023, 7, 18))
    assert stored.reporter == Account.objects.get(account_id="JIRAUSER1", name="")
    assert stored.project.lead == Account.objects.get(account_id="lea")
    assert (stored.parent_id, stored.total_time_spent) == (7001, 60)


SMALL = "Issue id,Issue key,Issue Type,Summary\n1,AC-1,Bug,{}\n"

FORMS = {
    "byte order mark": b"\xef\xbb\xbf" + SMALL.format("Plain").encode(),
    "CRLF": SMALL.format("Plain").replace("\n", "\r\n").encode(),
    "any order, any case": b"SUMMARY,issue type,ISSUE KEY,Issue ID\nPlain,Bug,AC-1,1\n",
    "no line end": SMALL.format("Plain").rstrip().encode(),
    "blank lines": b"\r\n" + SMALL.format("Plain").replace("\n", "\n\n").encode(),
    "tabs": SMALL.format("Plain").replace(",", "\t").encode(),
    "gzip": gzip.compress(SMALL.format("Plain").encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(file: Path, form: str) -> None:
    run(file, FORMS[form])
    assert ArchivedIssue.objects.values_list("id", "key", "summary", "issue_type__name", "project__key").get() == (
        (1, "AC-1", "Plain", "Bug", "AC")
    )


TEXTS = [
    "=1+1",
    "'=1+1",
    "-",
    " outer blanks ",
    "\t\x01\x1f",
    "line\r\nline\rline\nline",
    "👩‍👩‍👧 مرحبا e\u0301 \u2028",
    'say "hi", then',
    "\ufeff",
]


@pytest.mark.parametrize("text", TEXTS)
def test_jiras_texts_are_unchanged(file: Path, text: str) -> None:
    run(file, SMALL.format('"' + text.replace('"', '""') + '"'))
    assert ArchivedIssue.objects.get().summary == text


def test_a_description_of_a_million_characters(file: Path) -> None:
    run(file, "Issue id,Issue key,Issue Type,Description\n1,AC-1,Bug," + '"' + "long, \n" * 200_000 + '"\n')
    assert len(ArchivedIssue.objects.get().description) == 1_400_000


def test_nul_is_dropped_and_counted(file: Path) -> None:
    assert "2 NUL characters dropped" in run(file, SMALL.format("a\0b\0"))
    assert ArchivedIssue.objects.get().summary == "ab"


def test_37_labels_in_repeated_or_numbered_columns(file: Path) -> None:
    labels = [f"l{number}" for number in range(37)]
    start, row = "Issue id,Issue key,Issue Type,", "\n1,AC-1,Bug,"
    for heading in ("Labels", "Labels{}", "Labels.{}"):
        columns = ",".join(heading.format(number) for number in range(40))
        run(file, start + columns + row + ",".join([*labels, "", "", ""]) + "\n")
        assert ArchivedIssue.objects.get().labels == labels


def test_a_type_known_by_name_is_that_type(file: Path) -> None:
    make_type("10004", "Bug")
    make_type("10099", "Bug")
    run(file, SMALL.format("one"))
    assert ArchivedIssue.objects.get().issue_type.type_id == "10004"
    assert IssueType.objects.count() == 2


def test_a_derived_type_id_is_stable_and_fits() -> None:
    assert derived_type_id("Bug") == "name:Bug"
    assert len(derived_type_id("ä" * 255)) <= 64
    assert derived_type_id("a" * 70 + "1") != derived_type_id("a" * 70 + "2")


def test_fields_without_a_column_are_unchanged(file: Path) -> None:
    run(file, CLOUD)
    before = ArchivedIssue.objects.filter(pk=10001).values().get()
    assert "1 updated" in run(file, "Issue id,Issue key,Status\n10001,AC-1,Reopened\n")
    assert ArchivedIssue.objects.filter(pk=10001).values().get() == before | {"status": "Reopened"}
    assert "1 unchanged" in run(file, "Issue id,Issue key\n10001,AC-1\n")
    assert Project.objects.get().name == "Acme"


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("2023-07-16 15:04", {}, "2023-07-16T15:04:00+00:00"),
        ("16/jul/2023 15:04:05", {}, "2023-07-16T15:04:05+00:00"),
        ("16.07.2023 15:04", {"date_format": "%d.%m.%Y %H:%M"}, "2023-07-16T15:04:00+00:00"),
        ("16.07.2023 15:04", {"date_format": "%d.%m.%Y %H:%M", "time_zone": "Asia/Tokyo"}, "2023-07-16T06:04:00+00:00"),
        ("2016-10-07T10:53:25.12+02:00", {"time_zone": "Asia/Tokyo"}, "2016-10-07T08:53:25.120000+00:00"),
        ("31/Dec/99 12:00 AM", {}, "1999-12-31T00:00:00+00:00"),
    ],
)
def test_dates(file: Path, text: str, options: dict[str, Any], expected: str) -> None:
    run(file, f"Issue id,Issue key,Issue Type,Created\n1,AC-1,Bug,{text}\n", **options)
    created = ArchivedIssue.objects.get().created
    assert created
    assert created.astimezone(UTC).isoformat() == expected


UNREADABLE = [
    ("9,AC-9,Bug,a,b", "the line should have 4 cells, but has 5."),
    ("9,AC-9,Bug", "the line should have 4 cells, but has 3."),
    (",AC-9,Bug,a", "Issue id is missing."),
    ("AC-9,AC-9,Bug,a", "Issue id is 'AC-9', which isn't a whole number."),
    ("9,,Bug,a", "Issue key is missing."),
    ("9,9,Bug,a", "Project key is missing."),
    ('9,AC-9,Bug,"a"b', "the line isn't valid CSV: ',' expected after '\"'."),
    ("9,AC-9,Bug,\udcff", "Summary contains the byte 0xff, which isn't UTF-8"),
    (f"9,AC-9,{'t' * 256},a", "name has 256 characters; at most 255 can be stored."),
]


@pytest.mark.parametrize(("row", "reason"), UNREADABLE)
def test_an_unreadable_issue_is_reported_and_kept_and_the_others_are_imported(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, reason: str
) -> None:
    wrong = row.encode("utf-8", "surrogateescape") + b"\n"
    head = b"Issue id,Issue key,Issue Type,Summary\n"
    with pytest.raises(CommandError) as refusal:
        run(file, head + b'1,AC-1,Bug,"two\nlines"\n' + wrong + b"3,AC-3,Bug,last\n")
    assert refusal.value.returncode == 3
    errors = capsys.readouterr().err
    assert f"{file}, line 4" in errors
    assert reason in errors
    assert sorted(ArchivedIssue.objects.values_list("pk", flat=True)) == [1, 3]
    assert (tmp_path / "issues.rejects.csv").read_bytes() == head + wrong


def test_a_fixed_file_of_rejects_is_imported(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(file, "Issue id,Issue key,Issue Type,Created\n1,AC-1,Bug,now\n2,AC-2,Bug,\n")
    fixed = (tmp_path / "issues.rejects.csv").read_text().replace("now", "16/Jul/23 3:04 PM")
    assert "1 created" in run(file, fixed)
    assert ArchivedIssue.objects.count() == 2


def test_a_date_in_an_unknown_format(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("16/juil./23 15:04", "16/Jul/23 13:04 PM", "31/Feb/23 1:00 PM", "tomorrow"):
        with pytest.raises(CommandError):
            run(file, f"Issue id,Issue key,Issue Type,Created\n1,AC-1,Bug,{text}\n")
        errors = capsys.readouterr().err
        assert (
            f"Created is {text!r}, which isn't a date such as 16/Jul/23 3:04 PM. Set the format with --date-format."
            in (errors)
        )


def test_a_file_cut_off_inside_a_cell_is_not_taken_as_complete(file: Path) -> None:
    with pytest.raises(CommandError, match="1 issues or files"):
        run(file, SMALL.format("one") + '2,AC-2,Bug,"and the rest is')
    assert ArchivedIssue.objects.count() == 1


def test_the_formula_guard_is_removed_from_our_files_only(file: Path) -> None:
    head = "Issue id,Issue key,Issue Type,Summary,ArchivedBy,ArchivedBy Id,ArchivedDate\n"
    rows = ["'=1", "''=1", "'no formula", "=1"]
    text = head + "".join(
        f"{n},AC-{n},Bug,{cell},Ann,ann,2023-01-02T12:00:00+00:00\n" for n, cell in enumerate(rows, 1)
    )
    run(file, text, archived_by=None, archived_date=None)
    assert list(ArchivedIssue.objects.order_by("pk").values_list("summary", flat=True)) == [
        "=1", "'=1", "'no formula", "=1",
    ]  # fmt: skip
    assert set(ArchivedIssue.objects.values_list("archived_by__name", "archived_date")) == {
        ("Ann", datetime(2023, 1, 2, 12, tzinfo=UTC))
    }
    run(file, text, formula_guard="off")
    assert list(ArchivedIssue.objects.order_by("pk").values_list("summary", flat=True)) == rows


@pytest.mark.parametrize(
    ("guard", "summary"),
    [("auto", "=1;=2"), ("on", "=1;=2"), ("start", "=1;'=2"), ("off", "'=1;'=2")],
)
def test_the_guard_after_separators_is_removed_except_from_files_of_earlier_versions(
    file: Path, guard: str, summary: str
) -> None:
    head = "Issue id,Issue key,Issue Type,Summary,ArchivedBy,ArchivedBy Id,ArchivedDate\n"
    run(file, head + "1,AC-1,Bug,'=1;'=2,Ann,ann,2023-01-02T12:00:00+00:00\n", formula_guard=guard)
    assert ArchivedIssue.objects.get().summary == summary


def test_pythons_csv_module_reads_the_same_cells(file: Path) -> None:
    run(file, CLOUD)
    one, two = csv.DictReader(StringIO(CLOUD, newline=""))
    assert list(ArchivedIssue.objects.order_by("pk").values_list("key", "description")) == [
        (one["Issue key"], one["Description"]),
        (two["Issue key"], two["Description"]),
    ]
