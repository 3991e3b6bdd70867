"""What an export includes of the details of issues, byte by byte. PostgreSQL and SQLite write the same."""

import csv
import io
from typing import Any

import pytest
from django.db import connection

from archive.filters import IssueFilter
from archive.includes import Include
from archive.models import SPRINT, ArchivedIssue, DetailColumn, DetailKind, IssueDetail
from exports import storage
from exports.builder import build, postgresql, sqlite
from exports.builder.snapshot import wait_uninterrupted
from exports.options import ExportOptions
from tests.exports.builder.test_csv import GUARDED, HEADER, INNER, INNER_UNTOUCHED, UNTOUCHED, exported
from tests.factories import make_detail, make_issue

pytestmark = pytest.mark.django_db(transaction=True)

MODULES = {"postgresql": postgresql, "sqlite": sqlite}
ALL = tuple(Include)
ANN = {"accountId": "ann", "displayName": "Ann"}
AT = "2023-01-01T10:00:00.000+00:00"


def export_with(*includes: Include, guard: bool = True, **body: Any) -> str:
    """The file of the issues that the REST body selects."""
    with storage.begin(1, 1) as part:
        issues = IssueFilter.from_json(body).issues()
        build(issues, part, guard=guard, report=lambda _written, _expected: None, options=ExportOptions(includes))
        name = part.publish()
    with storage.open_file(name) as file:
        return file.read().decode()


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def details_in(text: str) -> list[list[str]]:
    """Headings and records without the columns of the ordinary export."""
    found = rows(text)
    start = found[0].index("Status Category Changed") + 1
    end = found[0].index("ArchivedBy")
    return [row[start:end] for row in found]


def commented(issue: ArchivedIssue, *bodies: str) -> None:
    items = [{"id": "1", "author": ANN, "created": AT, "updated": AT, "body": body} for body in bodies]
    make_detail(issue, DetailKind.COMMENT, items)


def test_it_works() -> None:
    issue = make_issue(7, project="FOO", summary="Plain")
    make_issue(8, project="FOO")
    commented(issue, 'Say "hi"', "two\nlines")
    make_detail(issue, DetailKind.CUSTOM, ["Blue"], name="Team", field_id="customfield_1", type="option")
    head, tail = HEADER.split(",ArchivedBy,")
    assert export_with(Include.CUSTOM_FIELDS, Include.COMMENTS) == (
        f"{head},Custom field (Team),Comment,Comment,ArchivedBy,{tail}"
        '"Plain","FOO-7",7,"Bug","","FOO","Project FOO","","","","","","","","","","","","",,,,"","","",,,"","",""'
        ',,,,,,,,"",,"","","",,'
        f'"Blue","{AT};ann;Say ""hi""","{AT};ann;two\nlines",'
        '"Ann","ann",2023-01-02T12:00:00+00:00\n'
        '"","FOO-8",8,"Bug","","FOO","Project FOO","","","","","","","","","","","","",,,,"","","",,,"","",""'
        ',,,,,,,,"",,"","","",,'
        '"","","",'
        '"Ann","ann",2023-01-02T12:00:00+00:00\n'
    )


def test_every_kind_has_the_form_of_jiras_file() -> None:
    issue = make_issue(1)
    worklog = {"author": ANN, "comment": "Fix; test", "started": AT, "timeSpentSeconds": 3600}
    file = {"author": ANN, "created": AT, "filename": "a.png", "content": "https://jira.example.com/1"}
    change = {"field": "status", "fromString": "Open", "toString": "Done"}
    moved = {"field": "Rank", "fromString": "", "toString": None, "to": "5"}
    commented(issue, "Hi")
    make_detail(issue, DetailKind.WORKLOG, [worklog])
    make_detail(issue, DetailKind.ATTACHMENT, [file])
    make_detail(issue, DetailKind.WATCHER, [ANN, {"accountId": "bob"}])
    make_detail(issue, DetailKind.HISTORY, [{"author": ANN, "created": AT, "items": [change, moved]}])
    make_detail(issue, DetailKind.SUBTASK, [{"id": "2", "key": "FOO-2"}])
    blocks = {"outwardIssue": {"key": "FOO-3"}}
    make_detail(issue, DetailKind.LINK, [blocks], name="Blocks", direction="outward")
    make_detail(issue, DetailKind.LINK, [{"inwardIssue": {"key": "FOO-4"}}], name="Blocks", direction="inward")
    make_detail(issue, DetailKind.FIELD, ["https://jira.example.com"], name="Project url")
    make_detail(issue, DetailKind.CUSTOM, ["Sprint 1", "Sprint 2"], name="Sprint", type=SPRINT)
    make_detail(issue, DetailKind.CUSTOM, ["3.0"], name="Story Points", field_id="customfield_2")
    assert list(zip(*details_in(export_with(*ALL)), strict=True)) == [
        ("Watchers", "Ann"),
        ("Watchers", ""),
        ("Watchers Id", "ann"),
        ("Watchers Id", "bob"),
        ("Log Work", f"Fix; test;{AT};ann;3600"),
        ("Sub-tasks", "FOO-2"),
        ("Inward issue link (Blocks)", "FOO-4"),
        ("Outward issue link (Blocks)", "FOO-3"),
        ("Attachment", f"{AT};ann;a.png;https://jira.example.com/1"),
        ("Project url", "https://jira.example.com"),
        ("Custom field (Story Points)", "3.0"),
        ("Sprint", "Sprint 1"),
        ("Sprint", "Sprint 2"),
        ("Comment", f"{AT};ann;Hi"),
        ("Change history", f"{AT};ann;status;Open;Done;Rank;;5"),
    ]


def test_what_jira_did_not_write_in_its_form_is_a_text() -> None:
    issue = make_issue(1)
    make_detail(issue, DetailKind.COMMENT, [{"body": "No date; no author"}, "only text", 5, [1], None, {"body": {}}])
    make_detail(issue, DetailKind.ATTACHMENT, [{"filename": "a.png"}, {"created": AT, "filename": "b;c.png"}])
    make_detail(issue, DetailKind.WORKLOG, [{"comment": "no date"}, {"started": AT, "timeSpentSeconds": 1.5}])
    make_detail(issue, DetailKind.HISTORY, [{"items": "none"}, {"created": AT, "items": [1, {"field": 7}]}])
    make_detail(issue, DetailKind.WATCHER, [{"key": "rob", "name": "robert"}, {"accountId": "", "name": "eve"}])
    make_detail(issue, DetailKind.LINK, [{"type": {}}, {"outwardIssue": "FOO-1"}])
    assert details_in(export_with(*ALL))[1] == [
        *["", "", "rob", "eve"],
        *["no date", f";{AT};;"],
        *["", ""],
        *["a.png", f"{AT};;b;c.png"],
        *["No date; no author", "only text", "", "", "", ""],
        *[";", f"{AT};;;;"],
    ]


def test_columns_repeat_as_often_as_this_export_needs() -> None:
    for number in range(3):
        issue = make_issue(number, project=f"P{number}")
        commented(issue, *["x"] * (number + 1))
        make_detail(issue, DetailKind.CUSTOM, ["x"], name=f"Team {number}", field_id=f"customfield_{number}")
    narrow = details_in(export_with(Include.COMMENTS, Include.CUSTOM_FIELDS, projects=["P1"]))
    assert narrow[0] == ["Custom field (Team 1)", "Comment", "Comment"]
    wide = details_in(export_with(Include.COMMENTS, Include.CUSTOM_FIELDS))
    names = [f"Custom field (Team {number})" for number in range(3)]
    assert wide[0] == [*names, *["Comment"] * 3]
    comment = f"{AT};ann;x"
    assert wide[1:] == [
        ["x", "", "", comment, "", ""],
        ["", "x", "", comment, comment, ""],
        ["", "", "x", comment, comment, comment],
    ]


def test_what_was_included_has_a_column_even_if_no_issue_has_any() -> None:
    make_issue(1)
    assert details_in(export_with(*ALL)) == [
        ["Watchers", "Watchers Id", "Log Work", "Attachment", "Comment", "Change history"],
        [""] * 6,
    ]


def test_only_what_was_asked_for_is_included() -> None:
    issue = make_issue(1)
    commented(issue, "Hi")
    make_detail(issue, DetailKind.WATCHER, [ANN])
    assert details_in(export_with(Include.WATCHERS)) == [["Watchers", "Watchers Id"], ["Ann", "ann"]]


def test_without_includes_the_file_is_the_ordinary_one_and_no_detail_is_read() -> None:
    issue = make_issue(1, labels=["a"])
    before = exported()
    commented(issue, "Hi")
    assert export_with() == before == exported()
    module: Any = MODULES[connection.vendor]
    issues = IssueFilter().issues()
    with module.open_snapshot(issues, True, wait_uninterrupted) as snapshot:
        statement_of = getattr(module, {"postgresql": "copy_sql", "sqlite": "line_sql"}[connection.vendor])
        assert "detail" not in statement_of(issues, snapshot.form)[0]


HOSTILE_KINDS: dict[DetailKind, Any] = {
    DetailKind.COMMENT: lambda text: {"created": AT, "author": {"accountId": text}, "body": text},
    DetailKind.WORKLOG: lambda text: {"started": AT, "comment": text, "author": {"accountId": text}},
    DetailKind.ATTACHMENT: lambda text: {"created": AT, "filename": text, "content": text},
    DetailKind.WATCHER: lambda text: {"accountId": text, "displayName": text},
    DetailKind.HISTORY: lambda text: {
        "created": AT,
        "items": [{"field": text, "fromString": text, "toString": text}],
    },
    DetailKind.SUBTASK: lambda text: {"key": text},
    DetailKind.LINK: lambda text: {"outwardIssue": {"key": text}},
    DetailKind.CUSTOM: lambda text: text,
    DetailKind.FIELD: lambda text: text,
}
HOSTILE = [*GUARDED, *UNTOUCHED[1:], *[text for text, _ in INNER], *INNER_UNTOUCHED, 'a"b,c;"=1', "=1\r\n'=2;@"]


@pytest.mark.parametrize("kind", HOSTILE_KINDS)
def test_every_column_is_guarded(kind: DetailKind) -> None:
    from core.formula_guard import add_guard

    for number, text in enumerate(HOSTILE):
        make_detail(make_issue(number), kind, [HOSTILE_KINDS[kind](text)], name="x", direction="outward")
    plain = details_in(export_with(*ALL, guard=False))
    guarded = details_in(export_with(*ALL))
    assert len(plain) == len(HOSTILE) + 1
    assert any(HOSTILE[0] in cell for cell in plain[1])
    assert guarded[1:] == [[add_guard(cell) for cell in row] for row in plain[1:]]


def test_headings_are_guarded_and_quoted() -> None:
    issue = make_issue(1)
    make_detail(issue, DetailKind.FIELD, ["x"], name='=cmd,"a"')
    make_detail(issue, DetailKind.CUSTOM, ["y"], name="a,b;=1", field_id="customfield_1")
    text = export_with(Include.CUSTOM_FIELDS)
    assert details_in(text) == [['\'=cmd,"a"', "Custom field (a,b;'=1)"], ["x", "y"]]
    assert "'=cmd" not in export_with(Include.CUSTOM_FIELDS, guard=False)


def test_a_field_with_the_heading_of_another_column_has_its_id_as_heading() -> None:
    issue = make_issue(1)
    make_detail(issue, DetailKind.FIELD, ["2"], value={"watchCount": 2}, name="Watchers", field_id="watches")
    assert details_in(export_with(Include.CUSTOM_FIELDS)) == [["watches"], ["2"]]


@pytest.mark.parametrize("row_count", [1, 3, 50])
def test_the_bytes_do_not_depend_on_connections_or_ranges(
    settings: Any, monkeypatch: pytest.MonkeyPatch, row_count: int
) -> None:
    for number in range(20):
        commented(make_issue(number, labels=["x"] * (number % 4)), *["-text"] * (number % 3))
    settings.EXPORT_CONNECTIONS = 1
    alone = export_with(*ALL)
    monkeypatch.setattr(MODULES[connection.vendor], "RANGE_ROWS", row_count)
    for count in (2, 3):
        settings.EXPORT_CONNECTIONS = count
        assert export_with(*ALL) == alone
    assert len(alone.splitlines()) == 21


def test_an_issue_with_very_many_values_of_every_kind() -> None:
    names = [f"Field {number:03}" for number in range(900)]
    issue = make_issue(1, labels=[str(number) for number in range(1_000)])
    make_issue(2)
    columns = DetailColumn.objects.bulk_create(
        [DetailColumn(kind=DetailKind.CUSTOM, name=name, field_id=f"customfield_{name}") for name in names]
    )
    IssueDetail.objects.bulk_create([IssueDetail(issue=issue, column=column, items=["-x"]) for column in columns])
    commented(issue, *[f"text {number}" for number in range(400)])
    make_detail(issue, DetailKind.WATCHER, [{"accountId": str(number)} for number in range(300)])
    header, full, empty = details_in(export_with(*ALL))
    assert len(header) == len(full) == len(empty) == 2 * 300 + 3 + 900 + 400
    assert full[300:600] == [str(number) for number in range(300)]
    start = header.index("Custom field (Field 000)")
    assert header[start : start + 900] == [f"Custom field ({name})" for name in names]
    assert full[start : start + 900] == ["'-x"] * 900
    assert full[start + 900 : start + 1_300] == [f"{AT};ann;text {number}" for number in range(400)]
    assert set(empty) == {""}
