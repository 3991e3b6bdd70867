"""An archive as NDJSON, imported into an empty archive, is the same archive: in everything that is kept."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.models import ArchivedIssue, DetailColumn, DetailKind, IssueDetail
from exports.options import ExportOptions, FileFormat
from tests.factories import make_account, make_detail, make_issue
from tests.imports.kept import empty_archive, export_to, read_kept
from tests.imports.test_odd_details import MEMBERS, TEXTS, VALUES
from tests.imports.test_round_trip import ARCHIVES, fill

pytestmark = pytest.mark.django_db(transaction=True)

REAL = Path(django_settings.BASE_DIR).parent / "shared" / "data"
DOCUMENTS = ExportOptions(file_format=FileFormat.NDJSON)
MANY = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a whole archive takes many minutes
)
LATEST = {"archived_by": "ops", "archived_date": "2024-02-03"}


def run(*paths: Path, **options: Any) -> str:
    out = StringIO()
    try:
        call_command("import_issues", *paths, rejects=paths[0].parent, **options, stdout=out, stderr=StringIO())
    except CommandError as error:
        assert "issues or files could not be imported" in str(error)  # noqa: PT017
    return out.getvalue()


def assert_same_after_moving(folder: Path) -> None:
    before = read_kept()
    path = folder / "archive.ndjson"
    export_to(path, DOCUMENTS)
    empty_archive()
    report = run(path)
    count = len(before["issues"])
    assert f"{count:,} created" in report
    after = read_kept()
    for part, kept in before.items():
        assert after[part] == kept, part
    assert f"0 created, 0 updated, {count:,} unchanged" in run(path)
    assert read_kept() == before


def test_it_works(tmp_path: Path) -> None:
    issue = make_issue(7, summary="Größe", labels=["a"], reporter="rob", parent_key="FOO-1", votes=2)
    ann = make_account("ann")
    ann.email = "ann@example.com"
    ann.save()
    author = {"accountId": "ann", "displayName": "Ann, before she married"}
    make_detail(issue, DetailKind.COMMENT, [{"id": "1", "author": author, "created": "2023-01-01", "body": "Hi"}])
    make_detail(issue, DetailKind.LINK, [{"type": {"name": "Blocks"}, "outwardIssue": {"key": "FOO-8"}}],
                name="Blocks", direction="outward")  # fmt: skip
    make_detail(issue, DetailKind.CUSTOM, ["3.0"], value=3.0, name="Points", field_id="customfield_1", type="number")
    make_detail(issue, DetailKind.CUSTOM, ["a", "b"], name="Teams", field_id="customfield_2", type="array of option")
    make_detail(issue, DetailKind.CUSTOM, ["Red", "Blue"], name="Team")
    path = tmp_path / "archive.ndjson"
    export_to(path, DOCUMENTS)
    (line,) = path.read_text().splitlines()
    document = json.loads(line)
    assert list(document) == ["id", "key", "fields", "names", "schema", "changelog", "archive"]
    fields = document["fields"]
    assert (document["id"], document["key"], fields["summary"]) == ("7", "FOO-7", "Größe")
    assert fields["reporter"] == {"accountId": "rob", "displayName": "Rob"}
    assert fields["archivedby"] == {"accountId": "ann", "displayName": "Ann", "emailAddress": "ann@example.com"}
    assert fields["archiveddate"] == "2023-01-02T12:00:00.000+0000"
    assert (fields["votes"], fields["parent"], fields["priority"]) == ({"votes": 2}, {"key": "FOO-1"}, None)
    assert fields["comment"]["comments"][0]["body"] == "Hi"
    assert fields["issuelinks"][0]["outwardIssue"] == {"key": "FOO-8"}
    assert fields["customfield_1"] == 3.0
    assert document["names"] == {"customfield_1": "Points"}
    assert document["schema"] == {"customfield_1": {"type": "number"}}
    assert document["archive"]["details"] == [
        {"kind": "custom", "name": "Team", "items": ["Red", "Blue"]},
        {"kind": "custom", "name": "Teams", "fieldId": "customfield_2", "type": "array of option", "items": ["a", "b"]},
    ]


@pytest.mark.parametrize("has_details", [True, False])
def test_members_are_sorted_so_that_both_databases_write_the_same_bytes(tmp_path: Path, has_details: bool) -> None:
    issue = make_issue(7, priority="Low", parent_id=6, parent_key="FOO-6", parent_summary="P", status="x")
    issue.project.description = "About"
    issue.project.save()
    if has_details:
        make_detail(issue, DetailKind.COMMENT, [{"id": "1", "created": "2023-01-01", "body": "Hi", "author": {"b": 1}}])
        make_detail(issue, DetailKind.FIELD, ["x"], value={"zz": 1, "b": {"d": 1, "ccc": [2.0]}}, field_id="thing")
    path = tmp_path / "archive.ndjson"
    export_to(path, DOCUMENTS)
    text = path.read_text()
    document = json.loads(text)
    members = [f'"{name}":{to_json_sorted(value)}' for name, value in document.items()]
    assert text == f"{{{','.join(members)}}}\n"


def to_json_sorted(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def test_names_that_differ_by_a_nul_do_not_stop_an_import(tmp_path: Path) -> None:
    fields = {"project": {"key": "AC"}, "issuetype": {"id": "1"}, "a\0": 1, "a": 2, "x": 3, "issue.x": 4}
    path = tmp_path / "issues.ndjson"
    path.write_text(json.dumps({"id": "1", "key": "AC-1", "fields": fields, "x": 5}) + "\n")
    assert "1 created" in run(path, **LATEST)
    items = IssueDetail.objects.order_by("column__field_id").values_list("column__field_id", "items")
    assert list(items) == [("a", ["1"]), ("issue.x", ["4"]), ("x", ["3"])]
    assert_same_after_moving(tmp_path)


@MANY
@given(records=ARCHIVES)
def test_issues_of_any_kind(tmp_path: Path, records: Any) -> None:
    empty_archive()
    fill(records)
    assert_same_after_moving(tmp_path)


@MANY
@given(issues=st.lists(st.tuples(MEMBERS, MEMBERS, st.dictionaries(TEXTS, VALUES, max_size=3)), max_size=3))
def test_details_of_any_kind_from_json(tmp_path: Path, issues: Any) -> None:
    empty_archive()
    lines = []
    for number, (fields, members, others) in enumerate(issues, 1):
        basic = {"project": {"key": "AC"}, "issuetype": {"id": "1"}}
        document = members | {"id": str(number), "key": f"AC-{number}", "fields": others | fields | basic}
        lines.append(json.dumps(document))
    path = tmp_path / "issues.ndjson"
    path.write_text("\n".join(lines))
    run(path, **LATEST)
    if ArchivedIssue.objects.exists():
        assert_same_after_moving(tmp_path)


@MANY
@given(archive=VALUES | st.fixed_dictionaries({"people": st.lists(VALUES), "details": st.lists(VALUES)}))
def test_whatever_the_member_archive_is_the_issue_is_imported_or_rejected(tmp_path: Path, archive: Any) -> None:
    empty_archive()
    basic = {"project": {"key": "AC"}, "issuetype": {"id": "1"}}
    path = tmp_path / "issues.ndjson"
    path.write_text(json.dumps({"id": "1", "key": "AC-1", "fields": basic, "archive": archive}) + "\n")
    report = run(path, **LATEST)
    assert ("1 created" in report) is ArchivedIssue.objects.exists()
    assert ("1 rejected" in report) is not ArchivedIssue.objects.exists()
    if ArchivedIssue.objects.exists():
        assert_same_after_moving(tmp_path)


def test_a_field_given_by_its_name_and_its_id_is_rejected(tmp_path: Path) -> None:
    basic = {"project": {"key": "AC"}, "issuetype": {"id": "1"}}
    detail = {"kind": "custom", "name": "Team", "items": ["Red"]}
    both = [detail | {"fieldId": "customfield_1"}, detail]
    path = tmp_path / "issues.ndjson"
    path.write_text(json.dumps({"id": "1", "key": "AC-1", "fields": basic, "archive": {"details": both}}) + "\n")
    run(path, **LATEST)
    assert not ArchivedIssue.objects.exists()
    DetailColumn.objects.create(kind="custom", name="Team", field_id="customfield_1")
    path.write_text(
        json.dumps(
            {"id": "1", "key": "AC-1", "fields": basic | {"customfield_1": "x"}, "archive": {"details": [detail]}}
        )
    )
    run(path, **LATEST)
    assert not ArchivedIssue.objects.exists()


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real files are not at {REAL}")
@pytest.mark.parametrize(
    "names",
    [
        ["titanium-ALOY-DAEMON-MOD.ndjson.gz"],
        ["testautogen-22rows.csv", "rocks-50rows.csv"],
        ["jira-cloud-json"],
        ["titanium-AC.ndjson.gz"],
    ],
)
def test_real_files(tmp_path: Path, names: list[str]) -> None:
    paths = []
    for name in names:
        path = REAL / name
        paths.extend(sorted(path.glob("*.json")) if path.is_dir() else [path])
    call_command("import_issues", *paths, **LATEST, stdout=StringIO())
    assert IssueDetail.objects.exists()
    assert_same_after_moving(tmp_path)
