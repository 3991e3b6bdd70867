"""Jira's REST JSON, v2 and v3, as Cloud and Data Center write it: one issue, an array of issues, a search
response (`{"issues": […]}` in either paging style), or such values one a line (NDJSON).

Whatever the form, one issue is read at a time, so memory does not grow with the file.
"""

import datetime
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from imports.adf import read_adf
from imports.json_stream import read_values
from imports.line_reader import LONGEST_PIECE, join_lines, read_pieces
from imports.records import IssueRecord, Person, ProjectRecord, Reading, TypeRecord, UnreadableRecord, read_instant

WHOLE_NUMBER = re.compile(r"-?\d{1,19}", re.ASCII)
BOM = b"\xef\xbb\xbf"
PAGE_HEAD = 2000  # bytes within which a search response names its issues


def is_jira_json(head: bytes) -> bool:
    """Whether a file that begins so can only be JSON."""
    return head.removeprefix(BOM).lstrip()[:1] in {b"{", b"["}


def read_issues(stream: BinaryIO, file: str, reading: Reading) -> Iterator[IssueRecord | UnreadableRecord]:
    """Every issue in the stream in its order; what cannot be read takes its place as an error, not raised.

    Raises:
        UnreadableFile: a document that is no JSON, or a line without end.
    """
    pieces = read_pieces(stream)
    start = list(_take_start(pieces))
    rest = itertools.chain(start, pieces)
    if _is_ndjson([piece.removeprefix(BOM) for piece in start if not piece.isspace()]):
        return _read_lines(join_lines(rest, file), file, reading)
    return _read_document(rest, file, reading)


def _take_start(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """As much as tells NDJSON from a document: two lines that are not blank, or the beginning of a long one."""
    filled = 0
    for piece in pieces:
        yield piece
        filled += not piece.removeprefix(BOM).isspace()
        if filled == 2 or not piece.endswith(b"\n"):
            return


def _is_ndjson(start: list[bytes]) -> bool:
    """A document's second line never begins with a brace in the first column after a first line that does."""
    if len(start) == 1 and len(start[0]) == LONGEST_PIECE:
        return start[0].startswith(b"{") and b'"issues"' not in start[0][:PAGE_HEAD]
    return len(start) == 2 and all(line.startswith(b"{") for line in start)


def _read_lines(lines: Iterator[bytes], file: str, reading: Reading) -> Iterator[IssueRecord | UnreadableRecord]:
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        place = f"line {number}"
        try:
            value = json.loads(line.removeprefix(BOM) if number == 1 else line)
        except (ValueError, RecursionError) as error:
            yield UnreadableRecord(file=file, place=place, key="", reason=f"is no JSON: {error}.", raw=line)
            continue
        issues = _issues_in(value)
        for issue in issues:
            raw = line if issue is value else json.dumps(issue).encode() + b"\n"
            yield _read_issue(issue, file, place, raw, reading)


def _read_document(chunks: Iterator[bytes], file: str, reading: Reading) -> Iterator[IssueRecord | UnreadableRecord]:
    for number, (issue, raw) in enumerate(read_values(chunks, file), 1):
        yield _read_issue(issue, file, f"issue {number}", raw, reading)


def _issues_in(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and isinstance(value.get("issues"), list):
        value = value["issues"]
    return value if isinstance(value, list) else [value]


def _read_issue(issue: Any, file: str, place: str, raw: bytes, reading: Reading) -> IssueRecord | UnreadableRecord:
    try:
        return _to_record(issue, place, raw, reading)
    except (ValueError, RecursionError) as error:
        key = str(issue.get("key") or "")[:96] if isinstance(issue, Mapping) else ""
        return UnreadableRecord(file=file, place=place, key=key, reason=str(error), raw=raw)


def _to_record(issue: Any, place: str, raw: bytes, reading: Reading) -> IssueRecord:
    if not isinstance(issue, dict):
        raise ValueError("is no issue: a JSON object with id, key and fields is needed.")  # noqa: TRY004
    values: dict[str, Any] = {"place": place, "raw": raw}
    for item in FIELDS:
        # By far the most fields of most issues are absent: nothing more is done about these.
        if (value := item.value_in(issue)) is not None:
            values[item.name] = item.read_value(value, reading)
    for item in REQUIRED:
        if values.get(item.name) in (None, ""):
            raise ValueError(f"{item.path} is missing{item.needs}.")
    return IssueRecord(**values)


# -- How each kind of JSON value is read, null excepted; ValueError says what is wrong with the field -------


def _read_text(value: Any, reading: Reading) -> str:
    if not isinstance(value, str):
        raise ValueError(f"is {_shown(value)}, not a text.")  # noqa: TRY004
    return reading.text(value)


def _read_rich_text(value: Any, reading: Reading) -> str:
    """v2 writes texts, v3 writes ADF documents."""
    return reading.text(read_adf(value)) if isinstance(value, dict) else _read_text(value, reading)


def _read_number(value: Any, _reading: Reading) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value):
        return int(value)
    raise ValueError(f"is {_shown(value)}, not a whole number.")


def _read_instant(value: Any, reading: Reading) -> datetime.datetime | None:
    text = _read_text(value, reading)
    return read_instant(text) if text else None


def _read_date(value: Any, reading: Reading) -> datetime.date | None:
    text = _read_text(value, reading)
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError(f"is {_shown(text)}, not a date such as 2016-10-07.") from None


def _read_texts(value: Any, reading: Reading) -> tuple[str, ...]:
    return tuple([_read_text(item, reading) for item in _list(value)])


def _read_names(value: Any, reading: Reading) -> tuple[str, ...]:
    return tuple([_text_in(item, "name", reading) for item in _list(value)])


def _read_person(value: Any, reading: Reading) -> Person | None:
    """Cloud names people by accountId, Data Center by key (or, in old answers, only by name)."""
    if isinstance(value, str):
        return reading.same(Person(reading.text(value))) if value else None
    _check_object(value)
    account_id = value.get("accountId") or value.get("key") or value.get("name")
    if not account_id:
        raise ValueError("is a person without accountId, key and name.")
    name, email = _text_in(value, "displayName", reading), _text_in(value, "emailAddress", reading)
    return reading.same(Person(_read_text(account_id, reading), name, email))


def _read_project(value: Any, reading: Reading) -> ProjectRecord | None:
    _check_object(value)
    key, name, kind = (_text_in(value, part, reading) for part in ("key", "name", "projectTypeKey"))
    if not key:
        return None
    description, lead = value.get("description"), value.get("lead")
    project = ProjectRecord(
        key,
        name,
        kind,
        "" if description is None else _read_rich_text(description, reading),
        None if lead is None else _read_person(lead, reading),
    )
    return reading.same(project)


def _read_type(value: Any, reading: Reading) -> TypeRecord | None:
    _check_object(value)
    type_id = value.get("id")
    if not isinstance(type_id, str | int) or type_id == "":
        return None
    return reading.same(TypeRecord(reading.text(str(type_id)), _text_in(value, "name", reading)))


def _text_in(value: Any, name: str, reading: Reading) -> str:
    _check_object(value)
    text = value.get(name)
    return "" if text is None else _read_text(text, reading)


def _check_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"is {_shown(value)}, not an object.")  # noqa: TRY004


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"is {_shown(value)}, not a list.")  # noqa: TRY004
    return value


def _shown(value: Any) -> str:
    return repr(value)[:80]


class _Field:
    """One attribute of IssueRecord, where Jira writes it, how it is read, and what is needed of it."""

    def __init__(self, name: str, read: Callable[[Any, Reading], Any], path: str, needs: str | None = None) -> None:
        self.name, self.read, self.path, self.needs = name, read, path, needs
        self._first, *self._rest = path.split(".")

    def value_in(self, issue: dict[str, Any]) -> Any:
        """What stands at the end of the path, None where it breaks off."""
        value = issue.get(self._first)
        for name in self._rest:
            if value is None:
                return None
            if not isinstance(value, dict):
                raise ValueError(f"{self.path} is {_shown(value)}, not an object.")  # noqa: TRY004
            value = value.get(name)
        return value

    def read_value(self, value: Any, reading: Reading) -> Any:
        try:
            return self.read(value, reading)
        except ValueError as error:
            raise ValueError(f"{self.path} {error}") from error


def _field(name: str, read: Callable[[Any, Reading], Any], path: str, needs: str | None = None) -> _Field:
    return _Field(name, read, f"fields.{path}", needs)


FIELDS = (
    _Field("id", _read_number, "id", ""),
    _Field("key", _read_text, "key", ""),
    _field("project", _read_project, "project", " or has no key"),
    _field("issue_type", _read_type, "issuetype", " or has no id"),
    _field("summary", _read_text, "summary"),
    _field("status", _read_text, "status.name"),
    _field("status_category", _read_text, "status.statusCategory.name"),
    _field("status_category_changed", _read_instant, "statuscategorychangedate"),
    _field("priority", _read_text, "priority.name"),
    _field("resolution", _read_text, "resolution.name"),
    _field("assignee", _read_person, "assignee"),
    _field("reporter", _read_person, "reporter"),
    _field("creator", _read_person, "creator"),
    _field("created", _read_instant, "created"),
    _field("updated", _read_instant, "updated"),
    _field("resolved", _read_instant, "resolutiondate"),
    _field("due_date", _read_date, "duedate"),
    _field("affects_versions", _read_names, "versions"),
    _field("fix_versions", _read_names, "fixVersions"),
    _field("components", _read_names, "components"),
    _field("labels", _read_texts, "labels"),
    _field("votes", _read_number, "votes.votes"),
    _field("description", _read_rich_text, "description"),
    _field("environment", _read_rich_text, "environment"),
    _field("original_estimate", _read_number, "timeoriginalestimate"),
    _field("remaining_estimate", _read_number, "timeestimate"),
    _field("time_spent", _read_number, "timespent"),
    _field("work_ratio", _read_number, "workratio"),
    _field("total_original_estimate", _read_number, "aggregatetimeoriginalestimate"),
    _field("total_remaining_estimate", _read_number, "aggregatetimeestimate"),
    _field("total_time_spent", _read_number, "aggregatetimespent"),
    _field("security_level", _read_text, "security.name"),
    _field("parent_id", _read_number, "parent.id"),
    _field("parent_key", _read_text, "parent.key"),
    _field("parent_summary", _read_text, "parent.fields.summary"),
    _field("archived_by", _read_person, "archivedby"),
    _field("archived_date", _read_instant, "archiveddate"),
)
REQUIRED = tuple(item for item in FIELDS if item.needs is not None)
