"""Other people's real files, compared with their source field by field; skipped if the files are absent."""

import csv
import gzip
import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Model

from archive.models import Account, ArchivedIssue, IssueType, Project

REAL = Path(settings.BASE_DIR).parent / "shared" / "data"
TITANIUM, MODULES, CLOUD = (
    REAL / "titanium-AC.ndjson.gz",
    REAL / "titanium-ALOY-DAEMON-MOD.ndjson.gz",
    "jira-cloud-json",
)
ARCHIVED = {"archived_by": "ops", "archived_date": "2024-02-03T04:05:06+00:00"}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not REAL.is_dir(), reason=f"the real files are not at {REAL}"),
]


def import_files(*paths: Path) -> str:
    call_command("import_issues", *paths, **ARCHIVED, stdout=(out := StringIO()))
    return out.getvalue()


def issues_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        return [json.loads(path.read_bytes())]
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def without_nul(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value


def instant(text: str | None) -> datetime | None:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z") if text else None


def name(value: dict[str, Any] | None) -> str:
    return value["name"] if value else ""


def person(value: dict[str, Any] | None) -> str | None:
    return value.get("accountId") or value["key"] if value else None


def names(values: list[dict[str, Any]] | None) -> list[str]:
    return [value["name"] for value in values or []]


def expected_of(issue: dict[str, Any]) -> dict[str, Any]:
    fields, parent = issue["fields"], issue["fields"].get("parent") or {}
    return {
        "id": int(issue["id"]),
        "key": issue["key"],
        "project__key": fields["project"]["key"],
        "project__name": fields["project"]["name"],
        "project__type": fields["project"].get("projectTypeKey", ""),
        "issue_type__type_id": fields["issuetype"]["id"],
        "issue_type__name": fields["issuetype"]["name"],
        "summary": fields.get("summary") or "",
        "status": name(fields["status"]),
        "status_category": name(fields["status"]["statusCategory"]),
        "status_category_changed": instant(fields.get("statuscategorychangedate")),
        "priority": name(fields.get("priority")),
        "resolution": name(fields.get("resolution")),
        "assignee__account_id": person(fields.get("assignee")),
        "reporter__account_id": person(fields.get("reporter")),
        "creator__account_id": person(fields.get("creator")),
        "created": instant(fields["created"]),
        "updated": instant(fields["updated"]),
        "resolved": instant(fields.get("resolutiondate")),
        "due_date": date.fromisoformat(fields["duedate"]) if fields.get("duedate") else None,
        "affects_versions": names(fields.get("versions")),
        "fix_versions": names(fields.get("fixVersions")),
        "components": names(fields.get("components")),
        "labels": fields.get("labels") or [],
        "votes": (fields.get("votes") or {}).get("votes"),
        "description": fields.get("description") or "",
        "environment": fields.get("environment") or "",
        "original_estimate": fields.get("timeoriginalestimate"),
        "remaining_estimate": fields.get("timeestimate"),
        "time_spent": fields.get("timespent"),
        "work_ratio": fields.get("workratio"),
        "parent_id": int(parent["id"]) if parent else None,
        "parent_key": parent.get("key", ""),
        "parent_summary": parent["fields"]["summary"] if parent else "",
        "archived_by__account_id": "ops",
        "archived_date": datetime(2024, 2, 3, 4, 5, 6, tzinfo=UTC),
    }


def texts_of(expected: dict[str, Any]) -> list[str]:
    return [value for value in expected.values() if isinstance(value, str)]


def assert_equal_to_source(path: Path) -> None:
    expected = {values["id"]: values for values in map(expected_of, issues_of(path))}
    columns = next(iter(expected.values())).keys()
    found = {row["id"]: row for row in ArchivedIssue.objects.filter(pk__in=list(expected)).values(*columns)}
    assert found.keys() == expected.keys()
    for issue_id, values in expected.items():
        assert found[issue_id] == {name: without_nul(value) for name, value in values.items()}


def test_every_field_of_4503_issues_is_as_in_the_source() -> None:
    report = import_files(TITANIUM)
    nuls = sum(text.count("\0") for issue in issues_of(TITANIUM) for text in texts_of(expected_of(issue)))
    assert nuls > 0
    assert f"4,503 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected; {nuls:,} NUL characters dropped" in report
    assert ArchivedIssue.objects.count() == 4503
    assert_equal_to_source(TITANIUM)


def test_three_projects_in_one_file() -> None:
    assert "2,183 created" in import_files(MODULES)
    counts = {project.key: project.issues.count() for project in Project.objects.all()}
    assert counts == {"ALOY": 1499, "DAEMON": 317, "MOD": 367}
    assert_equal_to_source(MODULES)


def test_people_keep_their_names() -> None:
    import_files(MODULES)
    people = []
    for issue in issues_of(MODULES):
        fields = issue["fields"]
        people += [fields[role] for role in ("assignee", "reporter", "creator") if fields.get(role)]
        for entry in (*fields["comment"]["comments"], *(fields.get("attachment") or [])):
            people += [entry[role] for role in ("author", "updateAuthor") if role in entry]
    assert dict(Account.objects.exclude(account_id="ops").values_list("account_id", "name")) == {
        value["key"]: value["displayName"] for value in people
    }


def test_responses_of_jira_cloud() -> None:
    paths = sorted((REAL / CLOUD).glob("testdata-*.json"))
    import_files(*paths)
    assert ArchivedIssue.objects.count() == len(paths) == 6
    for path in paths:
        assert_equal_to_source(path)
    author = Account.objects.get(account_id="557058:13cc9354-0be8-432f-959a-13d34c55315f")
    assert (author.name, author.email) == ("Mike Bowler", "mbowler@gargoylesoftware.com")


def test_twelve_responses_are_ten_issues_two_of_them_at_two_times() -> None:
    import_files(REAL / CLOUD)
    assert len(list((REAL / CLOUD).iterdir())) == 12
    assert ArchivedIssue.objects.count() == 10


def test_the_other_responses_of_jira_cloud() -> None:
    paths = sorted((REAL / CLOUD).glob("complete_sample-*.json"))
    import_files(*paths)
    for path in paths:
        assert_equal_to_source(path)


# -- CSV ------------------------------------------------------------------------------------------------

TEXTS = {
    "Summary": "summary",
    "Issue key": "key",
    "Issue Type": "issue_type__name",
    "Status": "status",
    "Project key": "project__key",
    "Project name": "project__name",
    "Project type": "project__type",
    "Project lead": "project__lead__name",
    "Project lead id": "project__lead__account_id",
    "Project description": "project__description",
    "Priority": "priority",
    "Resolution": "resolution",
    "Assignee": "assignee__name",
    "Assignee Id": "assignee__account_id",
    "Reporter": "reporter__name",
    "Reporter Id": "reporter__account_id",
    "Creator": "creator__name",
    "Creator Id": "creator__account_id",
    "Description": "description",
    "Environment": "environment",
    "Security Level": "security_level",
    "Status Category": "status_category",
}
NUMBERS = {"Issue id": "id", "Votes": "votes", "Original estimate": "original_estimate", "Time Spent": "time_spent"}
TIMES = {
    "Created": "created",
    "Updated": "updated",
    "Resolved": "resolved",
    "Status Category Changed": "status_category_changed",
}


def csv_time(text: str) -> datetime | None:
    return datetime.strptime(text, "%d/%b/%y %I:%M %p").replace(tzinfo=UTC) if text else None


@pytest.mark.parametrize(("name", "count"), [("testautogen-22rows.csv", 22), ("rocks-50rows.csv", 50)])
def test_every_column_of_a_cloud_csv_is_as_in_the_source(name: str, count: int) -> None:
    assert f"{count} created, 0 updated, 0 unchanged, 0 skipped, 0 rejected" in import_files(REAL / name)
    with (REAL / name).open(encoding="utf-8-sig", newline="") as lines:
        source = list(csv.DictReader(lines))
    assert len(source) == count
    columns = (*TEXTS.values(), *NUMBERS.values(), *TIMES.values(), "labels", "due_date")
    found = {row["key"]: row for row in ArchivedIssue.objects.values(*columns)}
    for cells in source:
        row = found[cells["Issue key"]]
        assert {heading: row[name] or "" for heading, name in TEXTS.items()} == {name: cells[name] for name in TEXTS}
        assert {heading: row[name] for heading, name in NUMBERS.items()} == {
            name: int(cells[name]) if cells[name] else None for name in NUMBERS
        }
        assert {heading: row[name] for heading, name in TIMES.items()} == {
            name: csv_time(cells[name]) for name in TIMES
        }
        assert row["labels"] == [cells[name] for name in cells if name.startswith("Labels") and cells[name]]
        due = csv_time(cells["Due date"])
        assert row["due_date"] == (due.date() if due else None)


def test_csv_and_json_together_keep_two_jiras_apart(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The rocks have IDs, 10008 to 10022, of another Jira's issues: they are reported, not overwritten."""
    with pytest.raises(CommandError, match="9 issues or files could not be imported"):
        call_command("import_issues", REAL, **ARCHIVED, rejects=tmp_path, stdout=(out := StringIO()))
    assert out.getvalue().count("It was skipped.") == 4
    assert ArchivedIssue.objects.count() == 4503 + 2183 + 22 + 50 + 10 - 9
    errors = capsys.readouterr().err
    assert errors.count("An archive holds the issues of one Jira") == 9
    with (tmp_path / "rocks-50rows.rejects.csv").open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 9


def rows() -> list[list[Any]]:
    kinds: tuple[type[Model], ...] = (ArchivedIssue, Account, Project, IssueType)
    return [list(kind._default_manager.order_by("pk").values_list()) for kind in kinds]


def test_importing_twice_changes_nothing() -> None:
    import_files(TITANIUM, MODULES)
    before = rows()
    report = import_files(TITANIUM, MODULES)
    assert "0 created, 0 updated, 4,503 unchanged" in report
    assert "0 created, 0 updated, 2,183 unchanged" in report
    assert rows() == before
