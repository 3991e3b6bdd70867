"""Issues as Jira's REST JSON, v2 and v3, from Cloud and Data Center.

A file holds one issue, an array of issues, a search response (`{"issues": […]}` with either kind of paging), or several
of these, one after another. If its first line is one of them, the file is NDJSON, and each line is read by itself.
One issue is read at a time, so that memory use does not grow with the file.
"""

import datetime
import itertools
import json
import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BufferedReader
from typing import Any

from imports.adf import read_document
from imports.dates import read_instant
from imports.jira_json_details import DetailReader, learn_fields
from imports.json_stream import BrokenJson, TooLarge, read_values
from imports.line_reader import PIECE_BYTES, LineReader
from imports.read_context import ReadContext
from imports.records import IssueRecord, Person, ProjectRecord, TypeRecord, UnreadableFile, UnreadableRecord

WHOLE_NUMBER = re.compile(r"-?\d{1,19}", re.ASCII)
BOM = b"\xef\xbb\xbf"
BLANK = b" \t\r\n"
MAX_KEY_LENGTH = 96
LONG_LINE_BYTES = 1024 * 1024  # longer lines are read one issue at a time

Item = IssueRecord | UnreadableRecord

_SHORTENER = reprlib.Repr()
_SHORTENER.maxstring = 80
_SHORTENER.maxother = 80

Read = Callable[[Any, ReadContext], Any]


def is_jira_json(head: bytes) -> bool:
    """Whether a file with these first bytes can only be JSON."""
    return head.removeprefix(BOM).lstrip()[:1] in {b"{", b"["}


def read_issues(stream: "BufferedReader[Any]", file: str, context: ReadContext) -> Iterator[Item]:
    """Every issue in the stream's order. One that can't be read is yielded as an error, not raised.

    Raises:
        UnreadableFile: a document isn't valid JSON, or an issue exceeds a limit.
    """
    lines = LineReader(stream, BLANK)
    first = lines.read_filled(context.limits.issue_bytes)
    if _is_json(first, context):
        return _read_lines(first, lines, _Reader(file, context))
    return _read_document(itertools.chain(_pieces_of(first), lines.rest_of_file()), _Reader(file, context))


class _Reader:
    """What one file's issues are read with."""

    def __init__(self, file: str, context: ReadContext) -> None:
        self.file = file
        self.context = context
        self.details = DetailReader(context)

    def values(self, pieces: Iterable[bytes]) -> Iterator[tuple[Any, bytes]]:
        """Raises TooLarge, BrokenJson."""
        return read_values(pieces, self.context.limits, self.take_members)

    def take_members(self, members: Mapping[str, Any]) -> None:
        """The members of a search response beside its issues may say what its fields are."""
        learn_fields(members, self.context)

    def read_issue(self, issue: Any, place: str, raw: bytes) -> Item:
        try:
            return _to_record(issue, place, raw, self)
        except (ValueError, RecursionError) as error:
            reason = str(error)
            if isinstance(error, RecursionError):
                reason = "the issue is nested too deeply."
            return UnreadableRecord(file=self.file, place=place, key=_find_key(issue), reason=reason, raw=raw)


def _is_json(line: bytes, context: ReadContext) -> bool:
    """Whether the line is JSON by itself, as in NDJSON."""
    try:
        if not _is_long(line, context):
            json.loads(line)
            return True
        for _ in read_values(_pieces_of(line), context.limits):
            pass
    except TooLarge:
        return not _is_cut(line, context)
    except (ValueError, RecursionError):
        return False
    return True


def _is_long(line: bytes, context: ReadContext) -> bool:
    """Whether the line must be read one issue at a time."""
    return len(line) > LONG_LINE_BYTES or _is_cut(line, context)


def _is_cut(line: bytes, context: ReadContext) -> bool:
    """Whether there may be more of the line than has been read."""
    return len(line) == context.limits.issue_bytes and not line.endswith(b"\n")


def _pieces_of(line: bytes) -> Iterator[bytes]:
    for start in range(0, len(line), PIECE_BYTES):
        yield line[start : start + PIECE_BYTES]


def _read_lines(first: bytes, lines: LineReader, reader: _Reader) -> Iterator[Item]:
    line = first
    del first
    while line:
        if _is_long(line, reader.context):
            yield from _read_long_line(line, lines, reader)
        else:
            yield from _read_line(line, lines.number, reader)
        line = b""  # while the next line is read, memory must not hold this one
        line = lines.read_filled(reader.context.limits.issue_bytes)


def _read_line(line: bytes, number: int, reader: _Reader) -> Iterator[Item]:
    place = f"line {number}"
    try:
        value = json.loads(line)  # accepts a byte order mark, too
    except (ValueError, RecursionError) as error:
        yield _unreadable_line(line, place, error, reader.file)
        return
    issues = _issues_in(value)
    for issue in issues:
        raw = line
        if issue is not value:
            raw = json.dumps(issue).encode() + b"\n"
        yield reader.read_issue(issue, place, raw)
    if isinstance(value, Mapping) and issues is value.get("issues"):
        reader.take_members(value)


def _read_long_line(line: bytes, lines: LineReader, reader: _Reader) -> Iterator[Item]:
    """A line that memory may be too small for: only one issue in it must fit.

    Raises:
        UnreadableFile: the line isn't valid JSON, and too long to be kept as rejected; or an issue exceeds a limit.
    """
    place = f"line {lines.number}"
    is_whole = not _is_cut(line, reader.context)
    pieces = itertools.chain(_pieces_of(line), lines.rest_of_line())
    try:
        for issue, raw in reader.values(pieces):
            yield reader.read_issue(issue, place, raw)
            del issue, raw  # while the next issue is read, memory must not hold this one
    except TooLarge as error:
        raise UnreadableFile(reader.file, f"can't be imported: {place}, {error}") from error
    except BrokenJson as error:
        if not is_whole:
            raise UnreadableFile(reader.file, f"can't be imported: {place} isn't valid JSON: {error}.") from error
        yield _unreadable_line(line, place, error, reader.file)


def _unreadable_line(line: bytes, place: str, error: Exception, file: str) -> UnreadableRecord:
    reason = f"the line isn't valid JSON: {error}."
    if isinstance(error, RecursionError):
        reason = "the line isn't valid JSON: it is nested too deeply."
    return UnreadableRecord(file=file, place=place, key="", reason=reason, raw=line)


def _read_document(pieces: Iterable[bytes], reader: _Reader) -> Iterator[Item]:
    number = 0
    try:
        for issue, raw in reader.values(pieces):
            number += 1
            yield reader.read_issue(issue, f"issue {number}", raw)
            del issue, raw  # while the next issue is read, memory must not hold this one
    except TooLarge as error:
        raise UnreadableFile(reader.file, f"can't be imported: {error}") from error
    except BrokenJson as error:
        raise UnreadableFile(reader.file, f"isn't valid JSON: {error}. Export it from Jira again.") from error


def _issues_in(value: Any) -> list[Any]:
    if isinstance(value, Mapping) and isinstance(value.get("issues"), list):
        value = value["issues"]
    if isinstance(value, list):
        return value
    return [value]


def _find_key(issue: Any) -> str:
    """The key as far as it can be shown; "" if there is none."""
    if isinstance(issue, Mapping) and isinstance(issue.get("key"), str):
        return str(issue["key"])[:MAX_KEY_LENGTH]
    return ""


def _to_record(issue: Any, place: str, raw: bytes, reader: _Reader) -> IssueRecord:
    if not isinstance(issue, dict):
        raise ValueError("not an issue. An issue is a JSON object with id, key and fields.")  # noqa: TRY004
    values: dict[str, Any] = {"place": place, "raw": raw}
    for item in FIELDS:
        value = item.value_in(issue)
        if value is not None:  # most fields of most issues are absent: skip them as early as possible
            values[item.name] = item.read_value(value, reader.context)
    for item in REQUIRED:
        if values.get(item.name) in (None, ""):
            raise ValueError(f"{item.path} {item.if_missing}.")
    details, people, mentions = reader.details.read(issue, issue["fields"])
    return IssueRecord(**values, details=details, people=people, mentions=mentions)


# -- How each kind of JSON value other than null is read; a ValueError says what is wrong with the field ----


def _read_text(value: Any, context: ReadContext) -> str:
    if not isinstance(value, str):
        raise ValueError(f"is {_shown(value)}, which isn't text.")  # noqa: TRY004
    return context.text(value)


def _read_rich_text(value: Any, context: ReadContext) -> str:
    """v2 has text, v3 has documents in Atlassian's format (ADF)."""
    if isinstance(value, dict):
        return context.text(read_document(value))
    return _read_text(value, context)


def _read_number(value: Any, _context: ReadContext) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value):
        return int(value)
    raise ValueError(f"is {_shown(value)}, which isn't a whole number.")


def _read_instant(value: Any, context: ReadContext) -> datetime.datetime | None:
    text = _read_text(value, context)
    if not text:
        return None
    return read_instant(text)


def _read_day(value: Any, context: ReadContext) -> datetime.date | None:
    text = _read_text(value, context)
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is {_shown(text)}, which isn't a date such as 2016-10-07.") from None


def _read_texts(value: Any, context: ReadContext) -> tuple[str, ...]:
    return tuple([_read_text(item, context) for item in _list(value)])


def _read_names(value: Any, context: ReadContext) -> tuple[str, ...]:
    return tuple([_text_in(item, "name", context) for item in _list(value)])


def _read_person(value: Any, context: ReadContext) -> Person | None:
    """Cloud identifies people by accountId, Data Center by key or, in old responses, only by name."""
    if value == "":
        return None
    if isinstance(value, str):
        return context.same(Person(context.text(value)))
    _check_object(value)
    account_id = value.get("accountId") or value.get("key") or value.get("name")
    if not account_id:
        raise ValueError("is a person without accountId, key and name.")
    name = _text_in(value, "displayName", context)
    email = _text_in(value, "emailAddress", context)
    return context.same(Person(_read_text(account_id, context), name, email))


def _read_project(value: Any, context: ReadContext) -> ProjectRecord | None:
    _check_object(value)
    key = _text_in(value, "key", context)
    name = _text_in(value, "name", context)
    kind = _text_in(value, "projectTypeKey", context)
    if not key:
        return None
    description = ""
    if value.get("description") is not None:
        description = _read_rich_text(value["description"], context)
    lead = None
    if value.get("lead") is not None:
        lead = _read_person(value["lead"], context)
    return context.same(ProjectRecord(key, name, kind, description, lead))


def _read_type(value: Any, context: ReadContext) -> TypeRecord | None:
    _check_object(value)
    type_id = value.get("id")
    if not isinstance(type_id, str | int) or type_id == "":
        return None
    return context.same(TypeRecord(context.text(str(type_id)), _text_in(value, "name", context)))


def _text_in(value: Any, name: str, context: ReadContext) -> str:
    _check_object(value)
    text = value.get(name)
    if text is None:
        return ""
    return _read_text(text, context)


def _check_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"is {_shown(value)}, which isn't an object.")  # noqa: TRY004


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"is {_shown(value)}, which isn't a list.")  # noqa: TRY004
    return value


def _shown(value: Any) -> str:
    """The value as Python writes it, shortened."""
    return _SHORTENER.repr(value)


class _Field:
    """One attribute of IssueRecord: its path in Jira's JSON, how it is read, and the error if it must not be missing.

    `if_missing` continues the path in an error message; "" means that the field may be missing.
    """

    def __init__(self, name: str, read: Read, path: str, if_missing: str = "") -> None:
        self.name = name
        self.read = read
        self.path = path
        self.if_missing = if_missing
        self._first, *self._rest = path.split(".")

    def value_in(self, issue: dict[str, Any]) -> Any:
        """The value at the end of the path; None if any part of the path is missing."""
        value = issue.get(self._first)
        for name in self._rest:
            if value is None:
                return None
            if not isinstance(value, dict):
                raise ValueError(f"{self.path} is {_shown(value)}, which isn't an object.")  # noqa: TRY004
            value = value.get(name)
        return value

    def read_value(self, value: Any, context: ReadContext) -> Any:
        try:
            return self.read(value, context)
        except ValueError as error:
            raise ValueError(f"{self.path} {error}") from error


FIELDS = (
    _Field("id", _read_number, "id", "is missing"),
    _Field("key", _read_text, "key", "is missing"),
    _Field("project", _read_project, "fields.project", "is missing or has no key"),
    _Field("issue_type", _read_type, "fields.issuetype", "is missing or has no id"),
    _Field("summary", _read_text, "fields.summary"),
    _Field("status", _read_text, "fields.status.name"),
    _Field("status_category", _read_text, "fields.status.statusCategory.name"),
    _Field("status_category_changed", _read_instant, "fields.statuscategorychangedate"),
    _Field("priority", _read_text, "fields.priority.name"),
    _Field("resolution", _read_text, "fields.resolution.name"),
    _Field("assignee", _read_person, "fields.assignee"),
    _Field("reporter", _read_person, "fields.reporter"),
    _Field("creator", _read_person, "fields.creator"),
    _Field("created", _read_instant, "fields.created"),
    _Field("updated", _read_instant, "fields.updated"),
    _Field("resolved", _read_instant, "fields.resolutiondate"),
    _Field("due_date", _read_day, "fields.duedate"),
    _Field("affects_versions", _read_names, "fields.versions"),
    _Field("fix_versions", _read_names, "fields.fixVersions"),
    _Field("components", _read_names, "fields.components"),
    _Field("labels", _read_texts, "fields.labels"),
    _Field("votes", _read_number, "fields.votes.votes"),
    _Field("description", _read_rich_text, "fields.description"),
    _Field("environment", _read_rich_text, "fields.environment"),
    _Field("original_estimate", _read_number, "fields.timeoriginalestimate"),
    _Field("remaining_estimate", _read_number, "fields.timeestimate"),
    _Field("time_spent", _read_number, "fields.timespent"),
    _Field("work_ratio", _read_number, "fields.workratio"),
    _Field("total_original_estimate", _read_number, "fields.aggregatetimeoriginalestimate"),
    _Field("total_remaining_estimate", _read_number, "fields.aggregatetimeestimate"),
    _Field("total_time_spent", _read_number, "fields.aggregatetimespent"),
    _Field("security_level", _read_text, "fields.security.name"),
    _Field("parent_id", _read_number, "fields.parent.id"),
    _Field("parent_key", _read_text, "fields.parent.key"),
    _Field("parent_summary", _read_text, "fields.parent.fields.summary"),
    _Field("archived_by", _read_person, "fields.archivedby"),
    _Field("archived_date", _read_instant, "fields.archiveddate"),
)
REQUIRED = tuple(item for item in FIELDS if item.if_missing)
