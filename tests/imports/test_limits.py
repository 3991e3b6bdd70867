"""A hostile or damaged file is not imported: the reason names the limit's setting and the place in the file."""

import gzip
import json
import time
import zipfile
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from archive.models import ArchivedIssue
from imports import jira_csv, jira_json, json_stream, key_conflicts, read_context, unpacking, zip_archive
from imports.importer import Observer, import_one_by_one
from imports.options import COMMAND_HINTS, ImportOptions, InvalidOption
from imports.read_context import ReadContext
from imports.records import Person
from imports.sources import Source

pytestmark = pytest.mark.django_db

HEAD = b"Issue id,Issue key,Issue Type,Summary\n"


def issue(number: int = 1, **fields: Any) -> dict[str, Any]:
    defaults = {"project": {"key": "AC"}, "issuetype": {"id": "1", "name": "Bug"}}
    return {"id": str(1000 + number), "key": f"AC-{number}", "fields": defaults | fields}


def text(number: int = 1, **fields: Any) -> bytes:
    return json.dumps(issue(number, **fields)).encode() + b"\n"


def run(*paths: Path, **options: Any) -> str:
    options = {"archived_by": "ops", "archived_date": "2024-02-03", "rejects": paths[0].parent} | options
    output = StringIO()
    call_command("import_issues", *paths, **options, stdout=output)
    return output.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues"


def refuse(file: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> str:
    """Import the file, of which nothing must be imported. Returns the reason, without the file's name."""
    file.write_bytes(content)
    with pytest.raises(CommandError, match="1 issues or files could not be imported"):
        run(file)
    assert ArchivedIssue.objects.count() == 0
    reason = capsys.readouterr().err
    assert reason.startswith(f"{file} can't be imported: ")
    assert reason.endswith(" Nothing of it was imported.\n")
    assert len(reason) < 600
    return reason.removeprefix(f"{file} can't be imported: ").removesuffix(" Nothing of it was imported.\n")


# -- CSV ------------------------------------------------------------------------------------------------


def test_a_quotation_mark_that_is_never_closed(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_ISSUE_BYTES = 1000
    content = HEAD + b"1,AC-1,Bug,one\n" + b'2,AC-2,Bug,"open\n' + b"3,AC-3,Bug,three\n" * 100
    assert refuse(file, content, capsys) == (
        "from line 3 on it has a record of more than 1,000 bytes. If Jira wrote the file, set IMPORT_MAX_ISSUE_BYTES "
        "higher. Otherwise look for a quotation mark that is missing there."
    )


def test_a_record_of_the_greatest_size_is_imported(file: Path, settings: Any) -> None:
    settings.IMPORT_MAX_ISSUE_BYTES = 1000
    start = b'1,AC-1,Bug,"'
    file.write_bytes(HEAD + start + b"a\n" * 493 + b'"\n')
    assert len(file.read_bytes().removeprefix(HEAD)) == 1000
    assert "1 created" in run(file)


def test_a_long_header(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_HEADER_BYTES = 1000
    reason = refuse(file, HEAD.rstrip() + b",more" * 300 + b"\n", capsys)
    assert reason.startswith("from line 1 on it has a record of more than 1,000 bytes.")
    assert "IMPORT_MAX_HEADER_BYTES" in reason


def test_a_header_with_a_carriage_return_inside(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfIssue key\rIssue id\n")
    errors = StringIO()
    with pytest.raises(CommandError, match="1 issues or files could not be imported"):
        run(file, stderr=errors)
    assert errors.getvalue().startswith(f"{file} has a header that isn't valid CSV: new-line character seen in")


def test_many_columns(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_COLUMNS = 20
    reason = refuse(file, HEAD.rstrip() + b",more" * 17 + b"\n", capsys)
    assert reason == "it has more than 20 columns. If Jira wrote the file, set IMPORT_MAX_COLUMNS higher."


def test_many_cells_in_a_long_record(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_COLUMNS = 20
    reason = refuse(file, HEAD + b"1,AC-1,Bug" + b",ab" * 400_000 + b"\n", capsys)
    assert reason.startswith("from line 2 on it has a record of more than 20 cells.")
    assert "IMPORT_MAX_COLUMNS" in reason


def test_commas_inside_a_cell_are_not_counted(file: Path, settings: Any) -> None:
    settings.IMPORT_MAX_COLUMNS = 20
    file.write_bytes(HEAD.replace(b"Summary", b"Description") + b'1,AC-1,Bug,"' + b"a, b\n" * 300_000 + b'"\n')
    assert "1 created" in run(file)


def test_a_long_cell(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_TEXT_CHARACTERS = 1000
    settings.IMPORT_MAX_HEADER_BYTES = 1000
    reason = refuse(file, HEAD + b"1,AC-1,Bug," + b"x" * 1001 + b"\n", capsys)
    assert reason.startswith("from line 2 on it has a cell of more than 1,000 characters.")
    assert "IMPORT_MAX_TEXT_CHARACTERS" in reason


def test_a_heading_of_many_digits_takes_no_time(file: Path) -> None:
    file.write_bytes(HEAD.rstrip() + b"," + b"1" * 500_000 + b"x\n1,AC-1,Bug,one,\n")
    start = time.process_time()
    assert "1 created" in run(file)
    assert time.process_time() - start < 5


def test_a_long_heading_is_shortened_in_the_report(file: Path) -> None:
    file.write_bytes(HEAD.rstrip() + b"," + b"x" * 5_000 + b"\n1,AC-1,Bug,one,data\n")
    assert f"1 column with data was not imported: {'x' * 80} (1 cell)" in run(file)


@pytest.mark.parametrize("heading", ["Labels", "labels1", "Labels.12", "LABELS_3", "Labels 4"])
def test_numbered_headings_of_lists_are_still_known(file: Path, heading: str) -> None:
    file.write_bytes(HEAD.rstrip() + f",{heading}\n1,AC-1,Bug,one,red\n".encode())
    run(file)
    assert ArchivedIssue.objects.get().labels == ["red"]


# -- JSON -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"issues": [\n' + text(1) + b",\n" + text(2, summary="x" * 1000) + b"]}", id="in a document"),
        pytest.param(b"[\n" + text(1) + b',{"id": "' + b"x" * 5_000_000, id="a text that does not end"),
    ],
)
def test_a_large_issue(file: Path, settings: Any, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    settings.IMPORT_MAX_ISSUE_BYTES = 1000
    assert refuse(file, content, capsys) == (
        "issue 2 has more than 1,000 bytes. If Jira wrote the file, set IMPORT_MAX_ISSUE_BYTES higher."
    )


def test_a_large_issue_on_a_line(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_ISSUE_BYTES = 1000
    assert refuse(file, text(1) + text(2, summary="x" * 1000) + text(3), capsys) == (
        "line 2, issue 1 has more than 1,000 bytes. If Jira wrote the file, set IMPORT_MAX_ISSUE_BYTES higher."
    )


def test_an_object_of_many_members(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_ISSUE_BYTES = 1000
    members = b",\n".join(b'"m%d": "x"' % number for number in range(500))
    assert "IMPORT_MAX_ISSUE_BYTES" in refuse(file, b"{" + members + b"}", capsys)


@pytest.mark.parametrize("start", [b"[\n", b'{"id": 1,\n"values": ', b""], ids=["array", "object", "line"])
def test_an_issue_of_many_values(
    file: Path, settings: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    monkeypatch.setattr(json_stream, "UNCOUNTED_LENGTH", 100_000)
    settings.IMPORT_MAX_JSON_VALUES = 10_000
    reason = refuse(file, start + b'{"a": [' + b"[]," * 700_000, capsys)
    assert "issue 1 has more than 10,000 values." in reason
    assert "IMPORT_MAX_JSON_VALUES" in reason


def nested(depth: int) -> bytes:
    return b'{"id": ' + b"[" * depth + b"]" * depth + b"}"


def test_values_that_are_nested_deeply(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(text(1) + nested(5_000) + b"\n" + nested(500) + b"\n" + text(2))
    with pytest.raises(CommandError, match="2 issues or files"):
        run(file)
    errors = capsys.readouterr().err
    assert f"{file}, line 2: the line isn't valid JSON: it is nested too deeply." in errors
    assert f"{file}, line 3: id is [[[[[[[...]]]]]]], which isn't a whole number." in errors
    assert ArchivedIssue.objects.count() == 2


def in_lists(depth: int, inner: Any) -> Any:
    for _ in range(depth):
        inner = {"type": "bulletList", "content": [{"type": "listItem", "content": [inner]}]}
    return {"type": "doc", "content": [inner]}


def test_a_document_whose_lists_make_its_text_much_longer(
    file: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.IMPORT_MAX_TEXT_CHARACTERS = 10_000
    many_lines = {"type": "codeBlock", "content": [{"type": "text", "text": "\n" * 5_000}]}
    file.write_bytes(
        text(1, description=in_lists(1, many_lines))
        + text(2, description=in_lists(20, many_lines))
        + text(3, description=in_lists(60, {"type": "text", "text": "deep"}))
    )
    with pytest.raises(CommandError, match="3 issues or files"):
        run(file)
    errors = capsys.readouterr().err
    assert "line 1 (AC-1): fields.description has 15,002 characters; at most 10,000 are allowed" in errors
    assert "line 2 (AC-2): fields.description has more than 10,000 characters of text (IMPORT_MAX_TEXT" in errors
    assert "line 3 (AC-3): fields.description is nested more than 100 levels deep." in errors


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customfield_1", "x" * 1_001),
        ("customfield_1", ["short", {"value": "x" * 1_001}]),
        ("comment", {"comments": [{"id": "1", "body": "x" * 1_001}]}),
    ],
)
def test_a_long_text_anywhere_in_an_issue(
    file: Path, settings: Any, capsys: pytest.CaptureFixture[str], field: str, value: Any
) -> None:
    settings.IMPORT_MAX_TEXT_CHARACTERS = 1_000
    file.write_bytes(text(1, customfield_2="x" * 1_000) + text(2, **{field: value}))
    with pytest.raises(CommandError, match="1 issues or files"):
        run(file)
    expected = f"line 2 (AC-2): fields.{field} has 1,001 characters; at most 1,000 are allowed (IMPORT_MAX_TEXT_CHARACT"
    assert expected in capsys.readouterr().err


# -- Compressed files and archives ----------------------------------------------------------------------


@pytest.fixture
def small_allowance(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FREE_BYTES", 100_000)
    settings.IMPORT_MAX_UNPACK_RATIO = 50


@pytest.mark.usefixtures("small_allowance")
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(text(1) + b"\n" * 5_000_000, id="blank lines after NDJSON"),
        pytest.param(HEAD + b"1,AC-1,Bug,one\n" + b"\n" * 5_000_000, id="blank lines after CSV"),
        pytest.param(b"[\n" + text(1) + b" " * 5_000_000, id="blanks in a document"),
        pytest.param(text(1) * 50_000, id="the same issue again and again"),
    ],
)
def test_a_file_that_unpacks_to_very_much(file: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    assert refuse(file, gzip.compress(content), capsys) == (
        "it unpacks to more than 50 times its size. If Jira wrote the file, set IMPORT_MAX_UNPACK_RATIO higher."
    )


@pytest.mark.usefixtures("small_allowance")
def test_a_small_file_may_unpack_to_more(file: Path) -> None:
    file.write_bytes(gzip.compress(text(1) + b"\n" * 90_000))
    assert "1 created" in run(file)


@pytest.mark.usefixtures("small_allowance")
def test_members_of_an_archive_share_its_allowance(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            archive.writestr(f"{number}.json", text(number) + b"\n" * 50_000)
    with pytest.raises(CommandError):
        run(file)
    errors = capsys.readouterr().err
    assert f"{file}/9.json can't be imported: it unpacks to more than 50 times its size." in errors
    assert 0 < ArchivedIssue.objects.count() < 5


def test_an_archive_of_many_files(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_ZIP_MEMBERS = 5
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(6):
            archive.writestr(f"{number}.json", text(number))
    assert refuse(file, file.read_bytes(), capsys) == (
        "it has more than 5 files. If Jira wrote the file, set IMPORT_MAX_ZIP_MEMBERS higher. "
        "Or unpack it, and import the folder."
    )


def test_an_archive_with_a_long_directory(
    file: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.IMPORT_MAX_ZIP_MEMBERS = 100
    monkeypatch.setattr(zip_archive, "DIRECTORY_BYTES_A_MEMBER", 1)
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(99):
            archive.writestr(f"{number:0200}.json", text(number))
    assert "IMPORT_MAX_ZIP_MEMBERS" in refuse(file, file.read_bytes(), capsys)


def test_an_archive_is_opened_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(20):
            archive.writestr(f"{number}.json", text(number))
    opened = []

    class Counted(zipfile.ZipFile):
        def __init__(self, *args: Any, **options: Any) -> None:
            opened.append(args)
            super().__init__(*args, **options)

    monkeypatch.setattr(zipfile, "ZipFile", Counted)
    assert run(file).count(": 1 created") == 20
    assert len(opened) == 1


# -- Rejected issues ------------------------------------------------------------------------------------


def test_many_rejected_issues(file: Path, tmp_path: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_REJECTS = 3
    file.write_bytes(text(1) + b"{}\n" * 4)
    with pytest.raises(CommandError):
        run(file)
    assert (
        f"{file} can't be imported: it has more than 3 issues that can't be imported. "
        "If Jira wrote the file, set IMPORT_MAX_REJECTS higher. The last one: id is missing. "
        "Nothing of it was imported."
    ) in capsys.readouterr().err
    assert ArchivedIssue.objects.count() == 0
    assert [path for path in tmp_path.iterdir() if "rejects" in path.name] == []


def test_large_rejected_issues(file: Path, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.IMPORT_MAX_REJECT_BYTES = 1000
    file.write_bytes(text(1) + json.dumps({"a": "x" * 1000}).encode() + b"\n")
    with pytest.raises(CommandError):
        run(file)
    assert "set IMPORT_MAX_REJECT_BYTES higher. The last one: id is missing." in capsys.readouterr().err
    assert ArchivedIssue.objects.count() == 0


def test_rejected_issues_that_can_be_read_count_too(
    file: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.IMPORT_MAX_REJECTS = 3
    wrong = b"".join(text(number).replace(b'"AC-', b'"ac-') for number in range(2, 5))
    file.write_bytes(text(1) + wrong)
    with pytest.raises(CommandError, match="3 issues or files"):
        run(file)
    file.write_bytes(text(1) + wrong + b"{}\n")
    with pytest.raises(CommandError, match="1 issues or files"):
        run(file)
    assert "set IMPORT_MAX_REJECTS higher" in capsys.readouterr().err


def test_a_long_reason_is_shortened(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(text(1) + text(2, labels="x" * 100_000) + text(3, summary={"x" * 100_000: []}))
    with pytest.raises(CommandError, match="2 issues or files"):
        run(file)
    assert max(map(len, capsys.readouterr().err.splitlines())) < 1000


@pytest.mark.parametrize("stem", ["i" * 250, "ü" * 120])
def test_a_long_file_name(tmp_path: Path, stem: str) -> None:
    path = tmp_path / stem
    path.write_bytes(text(1) + b"{}\n")
    with pytest.raises(CommandError, match="1 issues or files"):
        run(path)
    [rejects] = tmp_path.glob("*.rejects.ndjson")
    assert rejects.read_bytes() == b"{}\n"
    assert rejects.name.startswith(stem[:70])


# -- Options and what an import remembers ---------------------------------------------------------------


@pytest.mark.parametrize("date_format", ["%d.%m.%Y %d", "%Q", "%Y-%m-%d %"])
def test_a_date_format_that_cannot_be_used(date_format: str) -> None:
    with pytest.raises(InvalidOption, match=r"date_format is .* which isn't a date format such as"):
        ImportOptions(date_format=date_format)


@pytest.mark.parametrize("date_format", ["%d.%m.%Y %H:%M", "%d/%b/%y %I:%M %p", "%Y-%m-%dT%H:%M:%S%z", "%d %B %Y"])
def test_usual_date_formats_can_be_used(date_format: str) -> None:
    assert ImportOptions(date_format=date_format).date_format == date_format


@pytest.mark.parametrize("date", ["01/Jan/0001 1:00 AM", "31/Dec/9999 11:00 PM", " " * 200 + "16/Jul/23"])
def test_a_date_that_no_zone_can_show_is_rejected(file: Path, capsys: pytest.CaptureFixture[str], date: str) -> None:
    file.write_bytes(b"Issue id,Issue key,Issue Type,Created\n1,AC-1,Bug," + date.encode() + b"\n2,AC-2,Bug,\n")
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        with pytest.raises(CommandError, match="1 issues or files"):
            run(file, time_zone=zone)
        assert f"{file}, line 2 (AC-1): " in capsys.readouterr().err
    assert ArchivedIssue.objects.get().key == "AC-2"


def test_people_are_remembered_up_to_a_number_of_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_context, "MAX_REMEMBERED_CHARACTERS", 1000)
    context = ReadContext()
    for number in range(100):
        context.same(Person(f"{number}", "x" * 100))
    assert len(context.known) <= 11
    assert context.same(Person("99", "x" * 100)) is context.same(Person("99", "x" * 100))


def test_issues_that_wait_for_a_key_are_limited_by_size(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(b"".join(text(number) for number in range(1, 6)))
    run(file)
    monkeypatch.setattr(key_conflicts, "MAX_WAITING_BYTES", 5_000)
    moved = [issue(number, description="x" * 5_000) | {"key": f"AC-{number % 5 + 1}"} for number in range(1, 6)]
    file.write_bytes(b"".join(json.dumps(value).encode() + b"\n" for value in moved))
    with pytest.raises(CommandError, match="5 issues or files"):
        run(file)
    assert capsys.readouterr().err.count("also has this key") == 5


# -- Looking at the clock -------------------------------------------------------------------------------


class Stopped(Exception):
    pass


class Looker:
    """Counts how often it is called, and stops the import at a certain call."""

    def __init__(self, stop_at: int) -> None:
        self.count = 0
        self.stop_at = stop_at

    def __call__(self) -> None:
        self.count += 1
        if self.count == self.stop_at:
            raise Stopped


LONG = {
    "blank lines": text(1) + b"\n" * 3_000_000,
    "one line": HEAD + b"1,AC-1,Bug," + b"x" * 3_000_000,
    "blank lines, compressed": gzip.compress(text(1) + b"\n" * 3_000_000),
    "empty parts, compressed": gzip.compress(text(1)) + gzip.compress(b"", mtime=0) * 150_000,
}


@pytest.mark.parametrize("form", LONG)
def test_somebody_looks_at_every_piece_and_can_stop_the_import(file: Path, form: str) -> None:
    file.write_bytes(LONG[form])
    look = Looker(stop_at=8)
    read = jira_csv.read_issues if form == "one line" else jira_json.read_issues
    context = ReadContext(look=look)
    with pytest.raises(Stopped), Source("issues", file).open(context.look) as (stream, _):
        list(read(stream, "issues", context))
    assert look.count == 8


def test_an_import_stops_when_its_look_says_so(file: Path, tmp_path: Path) -> None:
    file.write_bytes(text(1) + b"\n" * 3_000_000)
    plan = ImportOptions().make_plan(
        operator="ops", now=datetime.now(UTC), rejects=tmp_path, hints=COMMAND_HINTS, look=Looker(stop_at=8)
    )
    with pytest.raises(Stopped):
        list(import_one_by_one([Source("issues", file)], plan, Observer(), lambda _report: None))
    assert ArchivedIssue.objects.count() == 0
