"""Comments, custom fields, links and everything else that an issue in Jira's JSON has are kept."""

import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive.models import Account, ArchivedIssue, DetailColumn, DetailPerson, IssueDetail
from imports.jira_json import FIELDS
from imports.jira_json_details import STORED, STORED_MEMBERS

pytestmark = pytest.mark.django_db

ROB = {"self": "https://jira/rob", "accountId": "5b-rob", "displayName": "Rob Ray", "emailAddress": "rob@example.com"}
EVE = {"key": "JIRAUSER7", "name": "eve", "displayName": "Eve", "active": True, "timeZone": "UTC"}
COMMENT = {
    "self": "https://jira/comment/1",
    "id": "1",
    "author": ROB,
    "body": "Ask [~accountid:5b-rob]\x00 first",
    "updateAuthor": EVE,
    "created": "2023-07-16T15:04:05.678+0200",
    "updated": "2023-07-16T15:04:05+02:00",
    "visibility": {"type": "role", "value": "Administrators"},
    "jsdPublic": False,
}
KEPT_ROB = {"accountId": "5b-rob", "displayName": "Rob Ray"}
KEPT_EVE = {"key": "JIRAUSER7", "name": "eve", "displayName": "Eve"}
KEPT_COMMENT = {
    "id": "1",
    "author": KEPT_ROB,
    "body": "Ask [~accountid:5b-rob] first",
    "updateAuthor": KEPT_EVE,
    "created": "2023-07-16T13:04:05.678+00:00",
    "updated": "2023-07-16T13:04:05.000+00:00",
    "visibility": {"type": "role", "value": "Administrators"},
    "jsdPublic": False,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues.json"


def issue(number: int = 1, **fields: Any) -> dict[str, Any]:
    basic = {"project": {"key": "AC"}, "issuetype": {"id": "1", "name": "Bug"}}
    return {"id": str(number), "key": f"AC-{number}", "fields": basic | fields}


def run(path: Path, *values: Any, **options: Any) -> str:
    path.write_text("\n".join(json.dumps(value) for value in values))
    options = {"archived_by": "ops", "archived_date": "2024-02-03", "rejects": path.parent} | options
    call_command("import_issues", path, **options, stdout=(out := StringIO()))
    return out.getvalue()


def details(number: int = 1) -> dict[str, Any]:
    """What the archive has, by heading."""
    rows = IssueDetail.objects.filter(issue=number).select_related("column")
    return {str(row.column): row.items for row in rows}


def values(number: int = 1) -> dict[str, Any]:
    rows = IssueDetail.objects.filter(issue=number).exclude(value=None).select_related("column")
    return {str(row.column): row.value for row in rows}


def test_it_works(file: Path) -> None:
    run(file, issue(comment={"comments": [COMMENT], "total": 1, "maxResults": 50, "startAt": 0}))
    assert details() == {"Comment": [KEPT_COMMENT]}
    detail = IssueDetail.objects.get()
    assert (detail.item_count, detail.value) == (1, None)
    people = dict(Account.objects.values_list("account_id", "email"))
    assert people == {"5b-rob": "rob@example.com", "JIRAUSER7": "", "ops": ""}
    named = DetailPerson.objects.values_list("account__account_id", "issue")
    assert sorted(named) == [("5b-rob", 1), ("JIRAUSER7", 1)]


def test_work_logs_and_attachments(file: Path) -> None:
    worklog = {
        "author": EVE,
        "comment": "Found it",
        "started": "2023-07-16T15:04:05.000+0000",
        "timeSpent": "1h",
        "timeSpentSeconds": 3600,
        "id": "7",
        "issueId": "1",
    }
    attachment = {
        "id": "9",
        "filename": "a;b.png",
        "author": ROB,
        "created": "2023-07-16T15:04:05.000+0000",
        "size": 237814,
        "mimeType": "image/png",
        "content": "https://jira/content/9",
        "thumbnail": "https://jira/thumbnail/9",
    }
    run(file, issue(worklog={"worklogs": [worklog]}, attachment=[attachment]))
    at = "2023-07-16T15:04:05.000+00:00"
    del attachment["thumbnail"]
    assert details() == {
        "Log Work": [worklog | {"author": KEPT_EVE, "started": at}],
        "Attachment": [attachment | {"author": KEPT_ROB, "created": at}],
    }


def test_links_are_kept_by_type_and_direction_and_subtasks_with_what_pages_show(file: Path) -> None:
    blocks = {"id": "10", "name": "Blocks", "inward": "is blocked by", "outward": "blocks", "self": "https://jira"}
    other = {
        "id": "2",
        "key": "AC-2",
        "self": "https://jira/2",
        "fields": {
            "summary": "Other",
            "status": {"name": "Done", "id": "6", "statusCategory": {"id": 3}},
            "issuetype": {"name": "Bug", "iconUrl": "https://jira/icon"},
            "priority": None,
        },
    }
    kept = {
        "id": "2",
        "key": "AC-2",
        "fields": {"summary": "Other", "status": {"name": "Done"}, "issuetype": {"name": "Bug"}},
    }
    links = [
        {"id": "1", "type": blocks, "outwardIssue": other},
        {"id": "2", "type": blocks, "inwardIssue": other},
        {"id": "3", "type": {"name": "Relates"}, "inwardIssue": {"key": "X-1"}},
    ]
    run(file, issue(issuelinks=links, subtasks=[other]))
    del blocks["self"]
    assert details() == {
        "Outward issue link (Blocks)": [{"id": "1", "type": blocks, "outwardIssue": kept}],
        "Inward issue link (Blocks)": [{"id": "2", "type": blocks, "inwardIssue": kept}],
        "Inward issue link (Relates)": [{"id": "3", "type": {"name": "Relates"}, "inwardIssue": {"key": "X-1"}}],
        "Sub-tasks": [kept],
    }


def test_watchers_or_their_number(file: Path) -> None:
    watches = {"self": "https://jira", "watchCount": 2, "isWatching": True}
    run(file, issue(1, watches=watches), issue(2, watches=watches | {"watchers": [ROB, EVE]}))
    assert details(1) == {"watches": ["2"]}
    assert values(1) == {"watches": {"watchCount": 2}}
    assert details(2) == {"Watchers": [KEPT_ROB, KEPT_EVE]}


def test_the_history_names_people_by_their_ids(file: Path) -> None:
    change = {"field": "assignee", "fieldtype": "jira", "from": "5b-old", "fromString": "Olaf", "to": None}
    other = {"field": "status", "fieldtype": "jira", "from": "1", "fromString": "Open", "to": "2", "toString": "Done"}
    entry = {"id": "1", "author": ROB, "created": "2023-07-16T15:04:05.000+0000", "items": [change, other]}
    run(file, issue() | {"changelog": {"histories": [entry], "total": 1}})
    kept = entry | {"author": KEPT_ROB, "created": "2023-07-16T15:04:05.000+00:00"}
    assert details() == {"Change history": [kept]}
    people = set(DetailPerson.objects.values_list("account__account_id", "account__name"))
    assert people == {("5b-rob", "Rob Ray"), ("5b-old", "")}


SPRINT = "com.atlassian.greenhopper.service.sprint.Sprint@1f[id=1,rapidViewId=2,state=CLOSED,name=Sprint 1, a,goal=]"


@pytest.mark.parametrize(
    ("value", "texts", "kept"),
    [
        ("text", ["text"], None),
        (13.0, ["13.0"], 13.0),
        (0, ["0"], 0),
        (False, ["false"], False),
        (["a", "b"], ["a", "b"], ["a", "b"]),
        ({"self": "https://x", "value": "Red", "id": "7"}, ["Red"], {"value": "Red", "id": "7"}),
        ({"value": "A", "child": {"value": "B"}}, ["A -> B"], {"value": "A", "child": {"value": "B"}}),
        ([ROB, EVE], ["Rob Ray", "Eve"], [KEPT_ROB, KEPT_EVE]),
        ([SPRINT], ["Sprint 1, a"], [SPRINT]),
        ({"name": "1.0", "released": True}, ["1.0"], {"name": "1.0", "released": True}),
        ({"a": [1]}, ['{"a":[1]}'], {"a": [1]}),
        ({"type": "doc", "content": [{"type": "text", "text": "Rich"}]}, ["Rich"], None),
        (float("inf"), ["inf"], None),
    ],
)
def test_values_of_custom_fields(file: Path, value: Any, texts: list[str], kept: Any) -> None:
    run(file, issue(customfield_10=value))
    assert details() == {"Custom field (customfield_10)": texts}
    assert list(values().values()) == ([] if kept is None else [kept])
    assert "1 unchanged" in run(file, issue(customfield_10=value))


def test_fields_get_their_names_and_types_wherever_the_file_has_them(file: Path) -> None:
    page = {
        "issues": [issue(1, customfield_10=5, lastViewed="2023"), issue(2, customfield_20=[{"name": "Sprint 1"}])],
        "names": {"customfield_10": "Story Points", "customfield_20": "Sprint", "summary": "Summary"},
        "schema": {
            "customfield_10": {"type": "number"},
            "customfield_20": {"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint"},
        },
    }
    single = issue(3, customfield_30=["a"]) | {
        "names": {"customfield_30": "Tags", "lastViewed": "Last Viewed"},
        "schema": {"customfield_30": {"type": "array", "items": "string"}},
    }
    run(file, page, single)
    columns = sorted(DetailColumn.objects.values_list("field_id", "name", "type"))
    assert columns == [
        ("customfield_10", "Story Points", "number"),
        ("customfield_20", "Sprint", "sprint"),
        ("customfield_30", "Tags", "array of string"),
        ("lastViewed", "Last Viewed", ""),
    ]
    assert details(1).keys() == {"Custom field (Story Points)", "Last Viewed"}
    assert [*details(2), *details(3)] == ["Sprint", "Custom field (Tags)"]


def test_names_are_read_from_a_search_response_over_several_lines(file: Path) -> None:
    page = {"issues": [issue(customfield_10=5)], "names": {"customfield_10": "Story Points"}}
    file.write_text(json.dumps(page, indent=2))
    call_command("import_issues", file, stdout=StringIO())
    assert details() == {"Custom field (Story Points)": ["5"]}


def test_what_a_file_does_not_know_stays_and_what_it_lacks_goes(file: Path) -> None:
    full = issue(customfield_10="x", comment={"comments": [COMMENT]}, attachment=[{"id": "9"}])
    assert "1 created" in run(file, full | {"changelog": {"histories": [{"id": "3"}]}})
    assert "1 unchanged" in run(file, issue())
    assert "1 unchanged" in run(file, full)
    assert len(details()) == 4
    again = issue(customfield_10=None, comment={"comments": [COMMENT, COMMENT | {"id": "2"}]}, attachment=[])
    assert "0 created, 1 updated" in run(file, again)
    assert details() == {"Comment": [KEPT_COMMENT, KEPT_COMMENT | {"id": "2"}], "Change history": [{"id": "3"}]}


def test_a_new_comment_alone_makes_an_issue_updated(file: Path) -> None:
    run(file, issue(1), issue(2))
    assert "0 created, 1 updated, 1 unchanged" in run(file, issue(1, comment={"comments": [COMMENT]}), issue(2))


def test_a_part_of_a_list_does_not_replace_a_longer_one(file: Path) -> None:
    both = [COMMENT, COMMENT | {"id": "2"}]
    run(file, issue(comment={"comments": both, "total": 2}))
    assert "1 unchanged" in run(file, issue(comment={"comments": both[:1], "total": 2}))
    output = run(file, issue(comment={"comments": [], "total": 2}))
    assert "1 unchanged" in output
    assert "  1 issue with more comments in Jira than in the file\n" in output
    assert "1 updated" in run(file, issue(comment={"comments": [*both, COMMENT], "total": 9}))
    assert IssueDetail.objects.get().item_count == 3


def test_a_dry_run_keeps_nothing(file: Path) -> None:
    run(file, issue(comment={"comments": [COMMENT]}), dry_run=True)
    assert not ArchivedIssue.objects.exists()
    assert not DetailColumn.objects.exists()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"customfield_1": "\ud800"}, "fields.customfield_1 contains half of a surrogate pair"),
        ({"customfield_1": json.loads("[" * 150 + "]" * 150)}, "fields.customfield_1 is nested more than 100 levels"),
        ({"comment": {"comments": [COMMENT | {"author": ROB | {"accountId": "x" * 200}}]}}, "account_id has 200"),
        ({"x" * 300: "y"}, "field_id has 300 characters"),
    ],
)
def test_what_cannot_be_stored_is_rejected(file: Path, fields: dict[str, Any], reason: str, capsys: Any) -> None:
    with pytest.raises(CommandError, match="1 issues or files could not be imported"):
        run(file, issue(1, **fields), issue(2))
    assert reason in capsys.readouterr().err
    assert ArchivedIssue.objects.get().pk == 2
    assert not DetailColumn.objects.exists()


def test_limits_are_bounds_on_items_and_on_fields(file: Path, settings: Any, capsys: Any) -> None:
    settings.IMPORT_MAX_DETAIL_ITEMS = 2
    settings.IMPORT_MAX_DETAIL_COLUMNS = 2
    with pytest.raises(CommandError, match="2 issues or files could not be imported"):
        run(file, issue(1, customfield_1=[1, 2, 3]), issue(2, customfield_1=1, customfield_2=2), issue(3, a=1))
    errors = capsys.readouterr().err
    assert "Custom field (customfield_1) has 3 items; at most 2 are allowed (IMPORT_MAX_DETAIL_ITEMS)." in errors
    assert "more than 2 custom fields and types of links (IMPORT_MAX_DETAIL_COLUMNS)" in errors
    assert ArchivedIssue.objects.get().pk == 2


def test_members_beside_the_fields_are_kept_apart_from_fields_of_the_same_name(file: Path) -> None:
    run(file, issue(a="field") | {"a": "member", "b": "alone"})
    assert details() == {"a": ["field"], "issue.a": ["member"], "b": ["alone"]}


def test_a_name_that_cannot_be_stored_is_left_out(file: Path) -> None:
    page = {"issues": [issue(customfield_1="x")], "names": {"customfield_1": "\ud800"}}
    run(file, page)
    file.write_text(json.dumps(page, indent=2))
    call_command("import_issues", file, stdout=StringIO())
    assert details() == {"Custom field (customfield_1)": ["x"]}


def test_the_name_in_an_issues_own_fields_wins(file: Path) -> None:
    comments = {"comments": [COMMENT | {"author": ROB | {"displayName": "Robert"}}]}
    run(file, issue(1, comment=comments), issue(2, reporter=ROB), issue(3, comment=comments))
    assert Account.objects.get(account_id="5b-rob").name == "Rob Ray"


def test_an_issue_may_name_thousands_of_people(file: Path) -> None:
    comments = [{"author": {"accountId": f"5b-{number}"}, "body": "x"} for number in range(5_000)]
    start = time.process_time()
    run(file, issue(comment={"comments": comments}))
    assert time.process_time() - start < 10
    assert DetailPerson.objects.count() == 5_000


def test_unusual_shapes_are_kept_as_they_are(file: Path) -> None:
    run(file, issue(1, comment="none", worklog={"total": 3}, attachment=["x"], subtasks={"a": 1}, issuelinks=["y"]))
    assert details() == {
        "comment": ["none"],
        "worklog": ['{"total":3}'],
        "Attachment": ["x"],
        "subtasks": ['{"a":1}'],
        "issue link ()": ["y"],
    }


def test_every_field_that_has_a_column_is_left_out_of_the_details() -> None:
    stored = set()
    members = set()
    for field in FIELDS:
        first, _, rest = field.path.partition(".")
        members.add(first)
        stored.add(rest.partition(".")[0])
    assert stored - {""} == STORED
    assert members | {"names", "schema"} == STORED_MEMBERS
