"""The forms of JSON that Jira and other programs write: NDJSON or documents, however they are broken into lines."""

import io
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive.models import ArchivedIssue
from imports import jira_json
from imports.read_context import ReadContext
from imports.records import UnreadableFile

pytestmark = pytest.mark.django_db


def issue(number: int, **fields: Any) -> dict[str, Any]:
    defaults = {"project": {"key": "AC"}, "issuetype": {"id": "1", "name": "Bug"}, "summary": f"Issue {number}"}
    return {"id": str(1000 + number), "key": f"AC-{number}", "fields": defaults | fields}


def text(number: int, **fields: Any) -> bytes:
    return json.dumps(issue(number, **fields)).encode()


def indented(number: int) -> bytes:
    return json.dumps(issue(number), indent=2).encode()


def page(*numbers: int) -> bytes:
    return json.dumps({"isLast": True, "issues": [issue(number) for number in numbers]}).encode()


def run(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    output = StringIO()
    call_command(
        "import_issues", path, archived_by="ops", archived_date="2024-02-03", rejects=path.parent, stdout=output
    )
    return output.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues"


FORMS = {
    "a search response with an issue a line": b'{"issues":[\n' + text(1) + b",\n" + text(2) + b"\n]}\n",
    "an array with an issue a line": b"[" + text(1) + b",\n" + text(2) + b"]\n",
    "an issue with a line break inside": text(1).replace(b'"fields": {', b'"fields": {\n') + b"\n" + text(2),
    "NDJSON with an array a line": b"[" + text(1) + b"]\n[" + text(2) + b"]\n",
    "NDJSON with indented lines": b"  " + text(1) + b"\n\t" + text(2) + b"\n",
    "NDJSON after lines that hold only spaces": b"   \n\t\r\n" + text(1) + b"\n   \n" + text(2) + b"\n",
    "NDJSON after many blank lines": b"\n" * 5_000 + text(1) + b"\n" * 5_000 + text(2) + b"\n" * 5_000,
    "indented issues, one after another": indented(1) + indented(2),
    "search responses, one after another": page(1).replace(b"{", b"{\n", 1) + b"\n" + page(2),
    "an issue whose summary has an escaped quote and a brace": text(1, summary='"}]') + b"\n" + text(2),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_both_issues(file: Path, form: str) -> None:
    output = run(file, FORMS[form])
    assert "2 created, 0 updated, 0 unchanged, 0 skipped, 0 rejected" in output
    assert sorted(ArchivedIssue.objects.values_list("key", flat=True)) == ["AC-1", "AC-2"]


def test_a_line_may_be_longer_than_an_issue_may_be(file: Path, settings: Any) -> None:
    settings.IMPORT_MAX_ISSUE_BYTES = 1000
    long_page = page(*range(1, 40))
    assert len(long_page) > 1000
    assert "39 created" in run(file, long_page)
    assert "2 created, 0 updated, 39 unchanged" in run(file, text(41) + b"\n" + long_page + b"\n" + text(42) + b"\n")


def test_a_long_line_is_read_one_issue_at_a_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira_json, "LONG_LINE_BYTES", 1000)
    assert "41 created" in run(file, text(41) + b"\n" + page(*range(1, 40)) + b"\n" + text(42) + b"\n")


def test_a_long_line_that_is_not_json_is_rejected_and_the_others_are_imported(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(jira_json, "LONG_LINE_BYTES", 1000)
    broken = b'{"issues": [' + b" " * 1000 + b'{"id": 1,}]}\n'
    with pytest.raises(CommandError, match="1 issues or files could not be imported"):
        run(file, text(1) + b"\n" + broken + text(2) + b"\n")
    assert f"{file}, line 2: the line isn't valid JSON: " in capsys.readouterr().err
    assert ArchivedIssue.objects.count() == 2
    assert file.with_name("issues.rejects.ndjson").read_bytes() == broken


def test_a_rejected_issue_of_a_document_can_be_fixed_and_imported(file: Path) -> None:
    wrong = json.dumps(issue(2, summary=["größe"], labels=[]), indent=2, ensure_ascii=False).encode()
    with pytest.raises(CommandError):
        run(file, b'{"issues": [\n' + text(1) + b",\n" + wrong + b"]}")
    rejects = file.with_name("issues.rejects.ndjson")
    [line] = rejects.read_bytes().splitlines()
    assert json.loads(line) == json.loads(wrong)
    fixed = json.loads(line)
    fixed["fields"]["summary"] = "size"
    assert "1 created" in run(rejects, json.dumps(fixed).encode())


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b'[\n{"id": 1},\n{"id": nope}]', "isn't valid JSON: issue 2: Expecting value before 'nope}]'"),
        (b'{"issues": [\n{"id": "1" "key": 2}]}', "isn't valid JSON: issue 1: Expecting ',' delimiter before"),
        (b'[\n{"id": "\x01"}]', "isn't valid JSON: issue 1: Invalid control character before"),
        (b"[\n1, 2", "isn't valid JSON: , or ] is missing before ''"),
        (b"[\n" * 5_000, "isn't valid JSON: issue 1 is nested too deeply"),
    ],
)
def test_a_broken_document_is_reported_with_the_place(
    file: Path, capsys: pytest.CaptureFixture[str], document: bytes, reason: str
) -> None:
    with pytest.raises(CommandError):
        run(file, document)
    assert f"{file} {reason}" in capsys.readouterr().err
    assert ArchivedIssue.objects.count() == 0


class CountingBytes(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def readinto(self, buffer: Any) -> int:
        read = super().readinto(buffer)
        self.count += read
        return read


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b'[\n{"id": 1}, {"id": nope}, ', id="a bad token"),
        pytest.param(b'{"issues": [\n{"id": "1" "key": 2}, ', id="a missing comma"),
    ],
)
def test_reading_ends_at_the_fault(start: bytes) -> None:
    raw = CountingBytes(start + b'{"id": 2}, ' * 1_000_000)
    with pytest.raises(UnreadableFile):
        list(jira_json.read_issues(io.BufferedReader(raw, 4096), "issues", ReadContext()))
    assert raw.count < 1_000_000
