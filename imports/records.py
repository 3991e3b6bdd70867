"""One issue as any of Jira's formats gives it, before the archive's own keys are known.

A format (jira_json, jira_csv) turns its bytes into these records; load writes them. Attributes of IssueRecord
bear the names of ArchivedIssue's fields, so that a new field needs a line here and one in each format.
"""

import datetime
from collections import Counter
from dataclasses import dataclass, field, fields
from operator import attrgetter, gt
from typing import Any, NamedTuple, TypeVar

from django.db import models
from django.utils import timezone

from archive.models import STORED_FIELDS, Account, ArchivedIssue, IssueType, Project
from core.errors import PortalError


class UnreadableRecord(PortalError):
    """One issue that cannot be imported: where it stands, its key as far as known, why, and its own bytes."""

    def __init__(self, *, file: str, place: str, key: str, reason: str, raw: bytes = b"") -> None:
        self.file, self.place, self.key, self.reason, self.raw = file, place, key, reason, raw
        super().__init__(f"{file}, {place}{f' ({key})' if key else ''}: {reason}")


class UnreadableFile(PortalError):
    """A file that as a whole cannot be read; nothing of it is imported."""

    def __init__(self, file: str, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(f"{file}: {reason}")


class Person(NamedTuple):
    account_id: str
    name: str = ""
    email: str = ""


class ProjectRecord(NamedTuple):
    key: str
    name: str = ""
    type: str = ""
    description: str = ""
    lead: Person | None = None


class TypeRecord(NamedTuple):
    """An issue type; CSV files tell its name alone, then type_id is empty."""

    type_id: str
    name: str = ""


Reference = Person | ProjectRecord | TypeRecord
ReferenceT = TypeVar("ReferenceT", Person, ProjectRecord, TypeRecord)
MOST_MET = 100_000


@dataclass(slots=True, kw_only=True)
class IssueRecord:
    """An issue; units and absent values as in ArchivedIssue. Date-times carry an offset. A file that has no
    column for the type leaves issue_type None.

    `place` says where in the file it stood, such as "line 12", and `raw` how; they are no part of the issue.
    """

    id: int
    key: str
    project: ProjectRecord
    issue_type: TypeRecord | None
    summary: str = ""
    status: str = ""
    status_category: str = ""
    status_category_changed: datetime.datetime | None = None
    priority: str = ""
    resolution: str = ""
    assignee: Person | None = None
    reporter: Person | None = None
    creator: Person | None = None
    created: datetime.datetime | None = None
    updated: datetime.datetime | None = None
    resolved: datetime.datetime | None = None
    due_date: datetime.date | None = None
    affects_versions: tuple[str, ...] = ()
    fix_versions: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    votes: int | None = None
    description: str = ""
    environment: str = ""
    original_estimate: int | None = None
    remaining_estimate: int | None = None
    time_spent: int | None = None
    work_ratio: int | None = None
    total_original_estimate: int | None = None
    total_remaining_estimate: int | None = None
    total_time_spent: int | None = None
    security_level: str = ""
    parent_id: int | None = None
    parent_key: str = ""
    parent_summary: str = ""
    archived_by: Person | None = None
    archived_date: datetime.datetime | None = None
    place: str = field(default="", compare=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    def references(self) -> list[Reference]:
        """What must stand in the archive before the issue can."""
        people = (self.assignee, self.reporter, self.creator, self.archived_by, self.project.lead)
        return [*(item for item in (*people, self.issue_type) if item is not None), self.project]


NO_FIELDS: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reading:
    """How one file is read, and what reading it has found out so far.

    `zone` is where date-times without offset are taken to be; `date_format` (as strptime has it) comes before
    the forms that are known; `guarded` says whether texts stand behind the formula guard, None: see the header.
    The format fills the rest: fields the file has no column for (`untold`), headings that are not stored, with
    the number of cells filled (`unread`), and how a file of rejected issues begins and is called.
    """

    zone: datetime.tzinfo = field(default_factory=timezone.get_default_timezone)
    date_format: str = ""
    guarded: bool | None = None
    nuls: int = 0
    untold: frozenset[str] = NO_FIELDS
    unread: Counter[str] = field(default_factory=Counter)
    reject_head: bytes = b""
    reject_suffix: str = ".ndjson"
    met: dict[Any, Any] = field(default_factory=dict)

    def text(self, value: str) -> str:
        """Drop NUL, which PostgreSQL cannot store; outer blanks, CRLF and control characters stay.

        Raises:
            ValueError: half of a surrogate pair, which JSON can spell but UTF-8 cannot, or bytes that are no UTF-8.
        """
        if "\0" in value:
            self.nuls += value.count("\0")
            value = value.replace("\0", "")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ValueError(_half_words(value)) from None
        return value

    def same(self, reference: ReferenceT) -> ReferenceT:
        """An equal reference met before, or this one: equal ones are then one object, which saves memory."""
        if len(self.met) > MOST_MET:
            self.met.clear()
        known: ReferenceT = self.met.setdefault(reference, reference)
        return known


def _half_words(value: str) -> str:
    half = next(char for char in value if "\ud800" <= char <= "\udfff")
    if half >= "\udc80" and half <= "\udcff":
        return f"holds the byte {ord(half) - 0xDC00:#x}, which is no UTF-8; save the file as UTF-8."
    return "holds half of a surrogate pair, which no database can store; mend the text."


def read_instant(text: str, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    """An ISO 8601 date or date-time, without offset taken in the zone (the site's by default), in UTC.

    Raises:
        ValueError: it is none.
    """
    try:
        instant = datetime.datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=zone or timezone.get_default_timezone())
        return instant.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text[:80]!r} is no date or date-time such as 2016-10-07T10:53:25.000+0000.") from None


_MODELS: dict[type, type[models.Model]] = {
    IssueRecord: ArchivedIssue,
    Person: Account,
    ProjectRecord: Project,
    TypeRecord: IssueType,
}
_LENGTHS = {
    record: {
        column.name: column.max_length
        for column in model._meta.concrete_fields
        if isinstance(column, models.CharField) and column.max_length
    }
    for record, model in _MODELS.items()
}
_NUMBERS = {
    column.name: 2**63 if isinstance(column, models.BigIntegerField) else 2**31
    for column in STORED_FIELDS
    if isinstance(column, models.IntegerField)
}
_TEXTS_OF = {record: attrgetter(*lengths, "__class__") for record, lengths in _LENGTHS.items()}
_LONGEST = {record: tuple(lengths.values()) for record, lengths in _LENGTHS.items()}
_NUMBERS_OF = attrgetter(*_NUMBERS)


def find_misfit(record: IssueRecord | Reference) -> str:
    """Why the database cannot hold the record, found before it refuses the whole file; "" when it can."""
    kind = type(record)
    *texts, _ = _TEXTS_OF[kind](record)
    if any(map(gt, map(len, texts), _LONGEST[kind])):
        return _long_words(record, _LENGTHS[kind])
    if isinstance(record, IssueRecord):
        for number, (name, limit) in zip(_NUMBERS_OF(record), _NUMBERS.items(), strict=True):
            if number is not None and not -limit <= number < limit:
                return f"{name} is {number}, which is beyond what can be stored."
    return ""


def _long_words(record: IssueRecord | Reference, lengths: dict[str, int]) -> str:
    name, most = next((name, most) for name, most in lengths.items() if len(getattr(record, name)) > most)
    return f"{name} has {len(getattr(record, name)):,} characters; at most {most:,} can be stored."


if unknown := {column.name for column in STORED_FIELDS} - {item.name for item in fields(IssueRecord)}:
    raise TypeError(f"IssueRecord lacks fields of ArchivedIssue: {', '.join(sorted(unknown))}.")
