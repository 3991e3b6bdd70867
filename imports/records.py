"""One issue as any of Jira's formats describes it, before the archive's own keys are known.

A format (jira_json, jira_csv) turns bytes into these records, and load writes them. Attributes of IssueRecord have
the names of ArchivedIssue's fields, so that a new field needs one line here and one in each format.
"""

import datetime
from dataclasses import dataclass, field
from operator import attrgetter, gt
from typing import NamedTuple

from django.db import models

from archive.models import STORED_FIELDS, Account, ArchivedIssue, IssueType, Project
from core.errors import PortalError


class UnreadableRecord(PortalError):
    """One issue that can't be imported: its place in the file, its key if known, the reason and its own bytes."""

    def __init__(self, *, file: str, place: str, key: str, reason: str, raw: bytes = b"") -> None:
        self.file = file
        self.place = place
        self.key = key
        self.reason = reason
        self.raw = raw
        key_in_brackets = f" ({key})" if key else ""
        super().__init__(f"{file}, {place}{key_in_brackets}: {reason}")


class UnreadableFile(PortalError):
    """A file that can't be read to its end; nothing of it is imported. The reason continues the file's name."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file} {reason}")


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
    """An issue type. CSV files have only its name; type_id is then empty."""

    type_id: str
    name: str = ""


Reference = Person | ProjectRecord | TypeRecord


@dataclass(slots=True, kw_only=True)
class IssueRecord:
    """An issue; units and absent values as in ArchivedIssue. Date-times have an offset.

    issue_type is None if the file has no column for it. `place` says where in the file the issue was, such as
    "line 12", and `raw` is its bytes; neither belongs to the issue.
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
        """What must be in the archive before the issue can be: people, then its type, then its project."""
        people = (self.assignee, self.reporter, self.creator, self.archived_by, self.project.lead)
        references: list[Reference] = [person for person in people if person is not None]
        if self.issue_type is not None:
            references.append(self.issue_type)
        references.append(self.project)
        return references


# -- Does a record fit into the database? -----------------------------------------------------------------

_MODELS: dict[type, type[models.Model]] = {
    IssueRecord: ArchivedIssue,
    Person: Account,
    ProjectRecord: Project,
    TypeRecord: IssueType,
}


def _max_lengths(model: type[models.Model]) -> dict[str, int]:
    """The most characters each of the model's texts may have."""
    lengths = {}
    for column in model._meta.concrete_fields:
        if isinstance(column, models.CharField) and column.max_length:
            lengths[column.name] = column.max_length
    return lengths


def _number_limits() -> dict[str, int]:
    """For each of an issue's numbers, the first one that is too large to be stored."""
    limits = {}
    for column in STORED_FIELDS:
        if isinstance(column, models.BigIntegerField):
            limits[column.name] = 2**63
        elif isinstance(column, models.IntegerField):
            limits[column.name] = 2**31
    return limits


# Getters are made once, and lengths compared by `map`, because this runs for every issue of a file.
_MAX_LENGTHS: dict[type, dict[str, int]] = {}
_MAX_LENGTH_VALUES: dict[type, tuple[int, ...]] = {}
_TEXTS_OF: dict[type, "attrgetter[tuple[str, ...]]"] = {}
for _record, _model in _MODELS.items():
    _MAX_LENGTHS[_record] = _max_lengths(_model)
    _MAX_LENGTH_VALUES[_record] = tuple(_MAX_LENGTHS[_record].values())
    # With the class as one more attribute, the getter returns a tuple for a single text, too.
    _TEXTS_OF[_record] = attrgetter(*_MAX_LENGTHS[_record], "__class__")
_NUMBER_LIMITS = _number_limits()
_NUMBERS_OF = attrgetter(*_NUMBER_LIMITS)


def find_misfit(record: IssueRecord | Reference) -> str:
    """Why the database can't store the record, found before it refuses the whole file; "" if it can."""
    kind = type(record)
    *texts, _ = _TEXTS_OF[kind](record)
    if any(map(gt, map(len, texts), _MAX_LENGTH_VALUES[kind])):
        return _describe_long_text(record, _MAX_LENGTHS[kind])
    if isinstance(record, IssueRecord):
        for number, (name, limit) in zip(_NUMBERS_OF(record), _NUMBER_LIMITS.items(), strict=True):
            if number is not None and not -limit <= number < limit:
                return f"{name} is {number}, which is too large to be stored."
    return ""


def _describe_long_text(record: IssueRecord | Reference, max_lengths: dict[str, int]) -> str:
    for name, max_length in max_lengths.items():
        length = len(getattr(record, name))
        if length > max_length:
            return f"{name} has {length:,} characters; at most {max_length:,} can be stored."
    return ""


_missing = {column.name for column in STORED_FIELDS} - IssueRecord.__dataclass_fields__.keys()
if _missing:
    raise TypeError(f"IssueRecord lacks fields of ArchivedIssue: {', '.join(sorted(_missing))}.")
