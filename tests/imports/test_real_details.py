"""Everything beside the columns of the export in other people's real files is kept, compared with its source.

The sources are read here without any of the portal's code. Skipped if the files are absent.
"""

import csv
import gzip
import json
from collections import Counter
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from archive.models import Account, DetailPerson, IssueDetail

REAL = Path(settings.BASE_DIR).parent / "shared" / "data"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"the real files are not at {REAL}"),
]

Kept = dict[tuple[int, str], list[Any]]

# What the export has as columns, and what follows from it.
SYSTEM = {
    "project", "issuetype", "summary", "status", "statuscategorychangedate", "priority", "resolution", "assignee",
    "reporter", "creator", "created", "updated", "resolutiondate", "duedate", "versions", "fixVersions", "components",
    "labels", "votes", "description", "environment", "timeoriginalestimate", "timeestimate", "timespent", "workratio",
    "aggregatetimeoriginalestimate", "aggregatetimeestimate", "aggregatetimespent", "security", "parent", "progress",
    "aggregateprogress", "timetracking", "comment", "worklog", "attachment", "issuelinks", "subtasks", "watches",
}  # fmt: skip
PICTURES = {"self", "avatarUrls", "avatarId", "iconUrl"}


def import_files(*paths: Path) -> str:
    options = {"archived_by": "ops", "archived_date": "2024-02-03"}
    call_command("import_issues", *paths, **options, stdout=(out := StringIO()))
    return out.getvalue()


def issues_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        return [json.loads(path.read_bytes())]
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def clean(value: Any) -> Any:
    """Without NUL, pictures and REST addresses."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {name: clean(member) for name, member in value.items() if name not in PICTURES}
    return value


def date(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def person(value: dict[str, Any]) -> dict[str, Any]:
    return {name: value[name] for name in ("accountId", "key", "name", "displayName") if name in value}


def written(item: dict[str, Any]) -> dict[str, Any]:
    """A comment, work log, attachment or entry of the history."""
    kept: dict[str, Any] = clean(item)
    for name in ("author", "updateAuthor"):
        if name in kept:
            kept[name] = person(kept[name])
    for name in ("created", "updated", "started"):
        if name in kept:
            kept[name] = date(kept[name])
    return kept


def other(issue: dict[str, Any]) -> dict[str, Any]:
    fields = issue["fields"]
    shown = {"summary": fields.get("summary")}
    for name in ("status", "priority", "issuetype"):
        if fields.get(name):
            shown[name] = {"name": fields[name]["name"]}
    kept: dict[str, Any] = clean({"id": issue["id"], "key": issue["key"], "fields": shown})
    return kept


def expected_of(issue: dict[str, Any]) -> Kept:
    """What the archive must have of one issue, by heading or, for fields, by ID."""
    fields = issue["fields"]
    kept: dict[str, list[Any]] = {
        "Comment": [written(item) for item in (fields.get("comment") or {}).get("comments", [])],
        "Log Work": [written(item) for item in (fields.get("worklog") or {}).get("worklogs", [])],
        "Attachment": [written(item) for item in fields.get("attachment") or []],
        "Change history": [written(item) for item in (issue.get("changelog") or {}).get("histories", [])],
        "Sub-tasks": [other(item) for item in fields.get("subtasks") or []],
    }
    for link in fields.get("issuelinks") or []:
        for direction in ("Outward", "Inward"):
            member = f"{direction.lower()}Issue"
            if member in link:
                heading = f"{direction} issue link ({link['type']['name']})"
                item = clean({"id": link["id"], "type": link["type"]}) | {member: other(link[member])}
                kept.setdefault(heading, []).append(item)
    if (fields.get("watches") or {}).get("watchCount"):
        kept["watches"] = [{"watchCount": fields["watches"]["watchCount"]}]
    others = {name: value for name, value in fields.items() if name not in SYSTEM}
    if "ghissue" in issue:
        others["ghissue"] = issue["ghissue"]
    for name, value in others.items():
        if value not in (None, [], ""):
            kept[name] = [clean(value)]
    number = int(issue["id"])
    return {(number, heading): items for heading, items in kept.items() if items}


def kept_in_archive() -> Kept:
    kept: Kept = {}
    for row in IssueDetail.objects.select_related("column"):
        items = row.items
        if row.column.field_id:
            items = [row.value if row.value is not None else row.items[0]]
        kept[row.issue_id, row.column.field_id or str(row.column)] = [_with_equal_dates(item) for item in items]
    return kept


def _with_equal_dates(item: Any) -> Any:
    if isinstance(item, dict):
        for name in {"created", "updated", "started"} & item.keys():
            item[name] = datetime.fromisoformat(item[name]).isoformat()
    return item


def people_in(issue: dict[str, Any]) -> set[str]:
    """The account IDs of those who wrote something, or to whom the issue was assigned."""
    fields = issue["fields"]
    histories = (issue.get("changelog") or {}).get("histories", [])
    entries = [*(fields.get("comment") or {}).get("comments", []), *(fields.get("attachment") or []), *histories]
    found = set()
    for entry in entries:
        for name in ("author", "updateAuthor"):
            if name in entry:
                found.add(entry[name].get("accountId") or entry[name]["key"])
        for change in entry.get("items", []):
            if change["field"] in ("assignee", "reporter"):
                found |= {change["from"], change["to"]} - {None}
    return found


@pytest.mark.parametrize(
    "path",
    [
        REAL / "titanium-AC.ndjson.gz",
        REAL / "titanium-ALOY-DAEMON-MOD.ndjson.gz",
        *sorted((REAL / "jira-cloud-json").glob("*.json")),
    ],
    ids=lambda path: path.name,
)
def test_everything_in_a_json_file_is_kept(path: Path) -> None:
    report = import_files(path)
    assert "not imported" not in report
    expected: Kept = {}
    people = set()
    for issue in issues_of(path):
        expected |= expected_of(issue)
        people |= {(int(issue["id"]), account_id) for account_id in people_in(issue)}
    kept = kept_in_archive()
    assert kept.keys() == expected.keys()
    for place, items in expected.items():
        assert kept[place] == items, place
    assert set(DetailPerson.objects.values_list("issue", "account__account_id")) == people


def test_so_much_is_in_the_files() -> None:
    """So that the test above can't pass because nothing was found."""
    counts: Counter[str] = Counter()
    for path in (REAL / "titanium-AC.ndjson.gz", REAL / "titanium-ALOY-DAEMON-MOD.ndjson.gz"):
        for issue in issues_of(path):
            for (_, heading), items in expected_of(issue).items():
                counts[heading.split(" issue link")[0]] += len(items)
    assert counts == {
        "Comment": 20275,
        "Attachment": 4456,
        "Outward": 1110,
        "Inward": 899,
        "Sub-tasks": 99,
        "flagged": 6686,
        "closedSprints": 885,
        "epic": 119,
        "sprint": 1,
        "ghissue": 1,
    }


def test_importing_twice_changes_nothing() -> None:
    path = REAL / "titanium-ALOY-DAEMON-MOD.ndjson.gz"
    import_files(path)
    before = (kept_in_archive(), list(Account.objects.order_by("pk").values_list()))
    assert "0 created, 0 updated, 2,183 unchanged" in import_files(path)
    assert (kept_in_archive(), list(Account.objects.order_by("pk").values_list())) == before


# -- CSV ------------------------------------------------------------------------------------------------

# Headings of the export's columns in these two files; numbers of headings are ignored.
CSV_SYSTEM = {
    "Summary", "Issue key", "Issue id", "Issue Type", "Status", "Project key", "Project name", "Project type",
    "Project lead", "Project lead id", "Project description", "Priority", "Resolution", "Assignee", "Assignee Id",
    "Reporter", "Reporter Id", "Creator", "Creator Id", "Created", "Updated", "Resolved", "Due date", "Votes",
    "Description", "Environment", "Original estimate", "Remaining Estimate", "Time Spent", "Work Ratio",
    "Σ Original Estimate", "Σ Remaining Estimate", "Σ Time Spent", "Security Level", "Status Category",
    "Status Category Changed", "Fix versions", "Labels",
}  # fmt: skip
CLOUD_DATE = "%d/%b/%y %I:%M %p"


def csv_expected(path: Path) -> dict[tuple[int, str], list[str]]:
    """The cells of each issue that have data, by heading."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        headings, *rows = csv.reader(lines)
    expected: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        for heading, cell in zip(headings, row, strict=True):
            name = heading.rstrip("0123456789")
            if cell and name not in CSV_SYSTEM:
                expected.setdefault((int(row[headings.index("Issue id")]), name), []).append(cell)
    return expected


def as_cell(row: IssueDetail, item: Any) -> str:
    """The item as Jira's CSV writes it."""
    heading = str(row.column)
    if isinstance(item, str):
        return item
    if heading == "Watchers":
        return str(item["displayName"])
    date = datetime.fromisoformat(item["created"]).strftime(CLOUD_DATE).replace(" 0", " ")
    parts = [date, item["author"]["accountId"], item.get("body"), item.get("filename"), item.get("content")]
    return ";".join(part for part in parts if part is not None)


@pytest.mark.parametrize(
    ("name", "comments", "attachments"), [("testautogen-22rows.csv", 17, 3), ("rocks-50rows.csv", 3, 87)]
)
def test_everything_in_a_csv_file_is_kept(name: str, comments: int, attachments: int) -> None:
    report = import_files(REAL / name)
    assert "not imported" not in report
    assert f"Also kept: {comments} comments, {attachments} attachments, " in report
    kept: dict[tuple[int, str], list[str]] = {}
    for row in IssueDetail.objects.select_related("column"):
        kept[row.issue_id, str(row.column)] = [as_cell(row, item) for item in row.items]
        if str(row.column) == "Watchers":
            kept[row.issue_id, "Watchers Id"] = [item["accountId"] for item in row.items]
    assert kept == csv_expected(REAL / name)
