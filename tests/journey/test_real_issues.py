"""4,503 issues of a real Jira are imported, exported and read back without loss."""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from core.formula_guard import FORMULA_SIGNS
from tests.running import RunningPortal, new_database

SOURCE = settings.BASE_DIR.parent / "shared" / "data" / "titanium-AC.ndjson.gz"
BUILD = """
from accounts.models import User
from exports import services, storage, tasks
from archive.filters import IssueFilter
job = services.request_export(User.objects.get(), IssueFilter())
tasks.build_export(job.pk)
job.refresh_from_db()
print(job.status, job.rows_written, job.sha256, storage.folder() / job.file_name)
"""

pytestmark = [pytest.mark.skipif(not SOURCE.exists(), reason=f"{SOURCE} does not exist"), pytest.mark.processes]


def export_real_issues(folder: Path, database_url: str) -> tuple[str, Path]:
    """Import the file into an empty archive and export it; returns the SHA-256 and path of the CSV."""
    portal = RunningPortal(folder, database_url, "console:")
    portal.manage("migrate", "-v0")
    portal.manage("create_admin", "alice@example.com", "--keep-password")
    when = ["--archived-by", "archivist", "--archived-date", "2023-05-01T12:00:00+02:00"]
    portal.manage("import_issues", str(SOURCE), *when)
    status, rows, sha256, path = portal.manage("shell", "-v0", "-c", BUILD).split()
    assert (status, rows) == ("COMPLETE", "4503")
    return sha256, Path(path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("real")
    with new_database(folder) as database_url:
        yield export_real_issues(folder, database_url)


@pytest.fixture(scope="module")
def source() -> dict[str, dict[str, Any]]:
    """The fields of each issue by key, as Jira wrote them."""
    with gzip.open(SOURCE, "rt", encoding="utf-8") as lines:
        return {issue["key"]: issue["fields"] | {"id": issue["id"]} for issue in map(json.loads, lines)}


@pytest.fixture(scope="module")
def table(exported: tuple[str, Path]) -> tuple[list[str], list[list[str]]]:
    csv.field_size_limit(10_000_000)  # one description has over a million characters
    headings, *records = csv.reader(io.StringIO(exported[1].read_bytes().decode(), newline=""))
    return headings, records


def written(text: str | None) -> str:
    """The text as docs/csv.md says it is written: without NUL, and with a `'` if it looks like a formula."""
    text = (text or "").replace("\0", "")
    text = re.sub(r"""([;\t\r\n]"*)('*[=+\-@＝＋－＠])""", r"\1'\2", text)
    return "'" + text if re.match(rf"'*[{re.escape(FORMULA_SIGNS)}]", text) else text


def test_every_issue_is_there_once(table: tuple[list[str], list[list[str]]], source: dict[str, dict[str, Any]]) -> None:
    headings, records = table
    assert len(records) == len(source) == 4503
    assert all(len(record) == len(headings) for record in records)
    assert {record[1]: record[2] for record in records} == {key: fields["id"] for key, fields in source.items()}


@pytest.mark.parametrize(
    ("heading", "field"), [("Summary", "summary"), ("Description", "description"), ("Environment", "environment")]
)
def test_every_text_is_unchanged(
    table: tuple[list[str], list[list[str]]], source: dict[str, dict[str, Any]], heading: str, field: str
) -> None:
    headings, records = table
    column = headings.index(heading)
    differing = [record[1] for record in records if record[column] != written(source[record[1]].get(field))]
    assert differing == []


@pytest.mark.parametrize(("heading", "field"), [("Labels", "labels"), ("Components", "components")])
def test_every_list_is_unchanged(
    table: tuple[list[str], list[list[str]]], source: dict[str, dict[str, Any]], heading: str, field: str
) -> None:
    headings, records = table
    columns = [index for index, name in enumerate(headings) if name == heading]
    for record in records:
        values = [value if isinstance(value, str) else value["name"] for value in source[record[1]].get(field) or []]
        filled = [record[index] for index in columns][: len(values)]
        assert filled == [written(value) for value in values], record[1]
        assert not any(record[index] for index in columns[len(values) :])
    assert len(columns) == max(len(fields.get(field) or []) for fields in source.values())


def test_sqlite_and_postgresql_write_the_same_bytes(exported: tuple[str, Path], tmp_path: Path) -> None:
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        pytest.skip("the run on PostgreSQL compares both")
    sha256, path = export_real_issues(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite3'}")
    assert sha256 == exported[0]
    assert path.read_bytes() == exported[1].read_bytes()
