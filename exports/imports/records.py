"""One issue as any of Jira's formats gives it, before the archive's own keys are known.

A format (jira_json) turns its bytes into these records; load writes them. Attributes of IssueRecord bear
the names of ArchivedIssue's fields, so that a new field needs a line here and one in each format.
"""

import datetime
from dataclasses import dataclass, field, fields

from django.db import models
from django.utils import timezone

from exports.errors import ExportError
from exports.models import Account, ArchivedIssue, IssueType, Project


class UnreadableRecord(ExportError):
    """One issue that cannot be imported: where it stands, its key as far as known, and why."""

    def __init__(self, *, file: str, place: str, key: str, reason: str) -> None:
        self.file, self.place, self.key, self.reason = file, place, key, reason
        super().__init__(f"{file}, {place}{f' ({key})' if key else ''}: {reason}")


class UnreadableFile(ExportError):
    """A file that as a whole cannot be read; nothing of it is imported."""

    def __init__(self, file: str, reason: str) -> None:
        self.file, self.reason = file, reason
        super().__init__(f"{file}: {reason}")


@dataclass(frozen=True, slots=True)
class Person:
    account_id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    key: str
    name: str = ""
    type: str = ""
    description: str = ""
    lead: Person | None = None


@dataclass(frozen=True, slots=True)
class TypeRecord:
    type_id: str
    name: str = ""


Reference = Person | ProjectRecord | TypeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """An issue; units and absent values as in ArchivedIssue. Date-times carry an offset.

    `place` says where in the file it stood, such as "line 12"; it is no part of the issue.
    """

    id: int
    key: str
    project: ProjectRecord
    issue_type: TypeRecord
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

    def references(self) -> list[Reference]:
        """What must stand in the archive before the issue can."""
        people = (self.assignee, self.reporter, self.creator, self.archived_by, self.project.lead)
        return [*(person for person in people if person is not None), self.project, self.issue_type]


class Cleaner:
    """Makes texts storable and counts what that took."""

    def __init__(self) -> None:
        self.nuls = 0

    def text(self, value: str) -> str:
        """Drop NUL, which PostgreSQL cannot store; outer blanks, CRLF and control characters stay.

        Raises:
            ValueError: half of a surrogate pair, which JSON can spell but UTF-8 cannot.
        """
        if "\0" in value:
            self.nuls += value.count("\0")
            value = value.replace("\0", "")
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise ValueError("holds half of a surrogate pair, which no database can store; mend the text.")
        return value


def read_instant(text: str) -> datetime.datetime:
    """An ISO 8601 date or date-time, without offset taken in the site's time zone, in UTC.

    Raises:
        ValueError: it is none.
    """
    try:
        instant = datetime.datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=timezone.get_default_timezone())
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
    record: tuple(
        (column.name, column.max_length)
        for column in model._meta.concrete_fields
        if isinstance(column, models.CharField) and column.max_length
    )
    for record, model in _MODELS.items()
}
_NUMBERS = {
    column.name: 2**63 if isinstance(column, models.BigIntegerField) else 2**31
    for column in ArchivedIssue._meta.concrete_fields
    if isinstance(column, models.IntegerField)
}


def find_misfit(record: IssueRecord | Reference) -> str:
    """Why the database cannot hold the record, found before it refuses the whole file; "" when it can."""
    for name, most in _LENGTHS[type(record)]:
        if len(value := getattr(record, name)) > most:
            return f"{name} has {len(value):,} characters; at most {most:,} can be stored."
    if isinstance(record, IssueRecord):
        for name, limit in _NUMBERS.items():
            if (number := getattr(record, name)) is not None and not -limit <= number < limit:
                return f"{name} is {number}, which is beyond what can be stored."
    return ""


if unknown := {column.name for column in ArchivedIssue._meta.concrete_fields} - {
    item.name for item in fields(IssueRecord)
}:
    raise TypeError(f"IssueRecord lacks fields of ArchivedIssue: {', '.join(sorted(unknown))}.")
