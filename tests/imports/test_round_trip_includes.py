"""An archive as CSV with all details, imported into an empty archive, has the same in what CSV can carry.

The cells are made here of the items in plain Python, as docs/csv.md describes them, for the file and both archives.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from archive.detail_values import to_json
from archive.includes import Include
from archive.models import SPRINT, ArchivedIssue, DetailKind, IssueDetail
from core.formula_guard import remove_guard
from exports.options import ExportOptions
from imports.records import ColumnRecord, Detail
from tests.imports.kept import empty_archive, export_to
from tests.imports.test_round_trip import ARCHIVES, TEXTS, fill

pytestmark = pytest.mark.django_db(transaction=True)

REAL = Path(django_settings.BASE_DIR).parent / "shared" / "data"
EVERYTHING = ExportOptions(tuple(Include))
MANY = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
Cells = dict[tuple[int, str], list[str]]


def text(item: Any, *path: str) -> str:
    for name in path:
        item = item.get(name) if isinstance(item, dict) else None
    return item if isinstance(item, str) else ""


def person(item: Any) -> str:
    return text(item, "accountId") or text(item, "key") or text(item, "name")


def author(item: Any) -> str:
    return person(item.get("author"))


def seconds(item: Any) -> str:
    value = item.get("timeSpentSeconds")
    return str(value) if isinstance(value, int) else ""


def cell_of(kind: str, item: Any) -> str:
    if not isinstance(item, dict):
        return item if isinstance(item, str) else ""
    created = text(item, "created")
    if kind == DetailKind.COMMENT:
        return f"{created};{author(item)};{text(item, 'body')}" if created else text(item, "body")
    if kind == DetailKind.WORKLOG:
        started = f";{text(item, 'started')};{author(item)};{seconds(item)}" if text(item, "started") else ""
        return text(item, "comment") + started
    if kind == DetailKind.ATTACHMENT:
        address = f";{text(item, 'content')}" if text(item, "content") else ""
        return f"{created};{author(item)};{text(item, 'filename')}{address}" if created else text(item, "filename")
    if kind == DetailKind.HISTORY:
        parts = [created, author(item)]
        for change in item.get("items") or []:
            parts += [text(change, "field"), *(text(change, f"{end}String") or text(change, end) for end in ENDS)]
        return ";".join(parts)
    return text(item, "outwardIssue", "key") or text(item, "inwardIssue", "key") or text(item, "key")


ENDS = ("from", "to")


def cells_in_archive() -> Cells:
    cells: Cells = defaultdict(list)
    for detail in IssueDetail.objects.select_related("column").order_by("issue_id", "column_id"):
        kind = detail.column.kind
        if kind == DetailKind.WATCHER:
            cells[detail.issue_id, "Watchers"] += [text(item, "displayName") for item in detail.items]
            cells[detail.issue_id, "Watchers Id"] += [person(item) for item in detail.items]
        else:
            cells[detail.issue_id, heading_of(detail.column)] += [cell_of(kind, item) for item in detail.items]
    return without_empty(cells)


def heading_of(column: Any) -> str:
    """A field that has the name of another column has its ID as heading. One that is called sprint becomes Sprint."""
    if column.field_id == "watches":
        return "watches"
    if column.heading == "sprint":
        return "Sprint"
    return " ".join(column.heading.split())


def cells_in_file(path: Path) -> Cells:
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))
    start = header.index("Status Category Changed") + 1
    cells: Cells = defaultdict(list)
    for row in rows:
        for heading, cell in zip(header[start:-3], row[start:-3], strict=True):
            place = (int(row[2]), remove_guard(heading).replace("sprint", "Sprint"))
            cells[place].append(remove_guard(cell))
    return without_empty(cells)


def without_empty(cells: Cells) -> Cells:
    """Without empty cells, which a file has for whatever is missing. Columns of one name are one."""
    found = {}
    for place, texts in cells.items():
        kept = sorted(filter(None, texts))
        if kept:
            found[place] = kept
    return found


def assert_same_after_moving(folder: Path) -> None:
    count = ArchivedIssue.objects.count()
    before = cells_in_archive()
    path = folder / "archive.csv"
    export_to(path, EVERYTHING)
    assert cells_in_file(path) == before
    empty_archive()
    call_command("import_issues", path, rejects=folder, stdout=(report := StringIO()))
    assert f"{count:,} created" in report.getvalue()
    assert cells_in_archive() == before


PERSON = st.sampled_from(["ann", "712020:0f1e", "rob smith"]).map(lambda name: {"accountId": name, "displayName": "N"})
AT = st.sampled_from(["2023-01-01T10:00:00.000+00:00", "1999-12-31T23:59:59.999+00:00"])
KEYS = st.sampled_from(["FOO-1", "BAR-22"])
NO_SEMICOLON = TEXTS.map(lambda value: value.replace(";", ""))
CHANGE = st.fixed_dictionaries({"field": NO_SEMICOLON, "fromString": NO_SEMICOLON, "toString": NO_SEMICOLON})
KINDS: dict[ColumnRecord, st.SearchStrategy[Any]] = {
    ColumnRecord(DetailKind.COMMENT): st.fixed_dictionaries({"author": PERSON, "created": AT, "body": TEXTS}),
    ColumnRecord(DetailKind.WORKLOG): st.fixed_dictionaries(
        {"author": PERSON, "started": AT, "comment": TEXTS, "timeSpentSeconds": st.integers(0, 10**9)}
    ),
    ColumnRecord(DetailKind.ATTACHMENT): st.fixed_dictionaries(
        {"author": PERSON, "created": AT, "filename": TEXTS, "content": st.just("https://jira.example.com/1")}
    ),
    ColumnRecord(DetailKind.WATCHER): PERSON,
    ColumnRecord(DetailKind.HISTORY): st.fixed_dictionaries(
        {"author": PERSON, "created": AT, "items": st.lists(CHANGE, min_size=1, max_size=3)}
    ),
    ColumnRecord(DetailKind.SUBTASK): st.fixed_dictionaries({"key": KEYS}),
    ColumnRecord(DetailKind.LINK, "Blocks", "outward"): st.fixed_dictionaries(
        {"outwardIssue": st.fixed_dictionaries({"key": KEYS})}
    ),
    ColumnRecord(DetailKind.CUSTOM, 'Te"am, =1', field_id="customfield_1"): TEXTS,
    ColumnRecord(DetailKind.CUSTOM, "Sprint", field_id="customfield_2", type=SPRINT): TEXTS,
    ColumnRecord(DetailKind.FIELD, "Last Viewed", field_id="lastViewed"): TEXTS,
}


def details_for(count: int) -> st.SearchStrategy[Any]:
    one = st.fixed_dictionaries({}, optional={kind: st.lists(items, max_size=4) for kind, items in KINDS.items()})
    return st.lists(one, min_size=count, max_size=count)


@MANY
@given(drawn=ARCHIVES.flatmap(lambda records: st.tuples(st.just(records), details_for(len(records)))))
def test_it_works(tmp_path: Path, drawn: Any) -> None:
    empty_archive()
    records, details = drawn
    for record, by_kind in zip(records, details, strict=True):
        record.details = tuple(made(by_kind))
    fill(records)
    assert_same_after_moving(tmp_path)


def made(by_kind: dict[ColumnRecord, list[Any]]) -> Iterator[Detail]:
    for column, items in by_kind.items():
        if items:
            yield Detail(column, len(items), to_json(items))


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
    options = {"archived_by": "ops", "archived_date": "2024-02-03"}
    call_command("import_issues", *paths, **options, stdout=StringIO())
    assert cells_in_archive()
    assert_same_after_moving(tmp_path)
