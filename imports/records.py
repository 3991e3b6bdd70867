"""One issue as any of Jira's formats describes it, before the archive's own keys are known.

A format (jira_json, jira_csv) turns bytes into these records, and load writes them. Attributes of IssueRecord have
the names of ArchivedIssue's fields, so that a new field needs one line here and one in each format.
"""

import datetime
import functools
import sys
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archive.models import STORED_FIELDS, detail_heading
from core.errors import PortalError

MAX_REASON_LENGTH = 500
MENTION_BYTES = 100
USUAL_MENTIONS = 1_000  # most records share them
DETAIL_BYTES = 200  # what each detail takes in memory, whatever it says


class UnreadableRecord(PortalError):
    """One issue that can't be imported: its place in the file, its key if known, the reason and its own bytes."""

    def __init__(self, *, file: str, place: str, key: str, reason: str, raw: bytes = b"") -> None:
        self.file = file
        self.place = place
        self.key = key
        self.reason = reason
        self.raw = raw
        key_in_brackets = f" ({key})" if key else ""
        super().__init__(f"{file}, {place}{key_in_brackets}: {_shortened(reason)}")

    def size(self) -> int:
        """About how many bytes the record takes in memory, apart from what every record takes."""
        return len(self.raw)

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickle, which can't pass an exception's arguments by name."""
        again = functools.partial(
            UnreadableRecord, file=self.file, place=self.place, key=self.key, reason=self.reason, raw=self.raw
        )
        return again, ()


def _shortened(reason: str) -> str:
    if len(reason) <= MAX_REASON_LENGTH:
        return reason
    return reason[:MAX_REASON_LENGTH] + "…"


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


class ColumnRecord(NamedTuple):
    """What kind of detail it is; the attributes are those of DetailColumn.

    A field of a JSON file has its ID; its name and type are found in another part of the file (ReadContext.fields). A
    field of a CSV file has only its name.
    """

    kind: str
    name: str = ""
    direction: str = ""
    field_id: str = ""
    type: str = ""

    @property
    def heading(self) -> str:
        return detail_heading(self.kind, self.name or self.field_id, self.direction, self.type)


class Detail(NamedTuple):
    """What an issue has of one kind; `items` and `value` are JSON, as IssueDetail has them.

    `item_count` is their number. `is_partial`: the file says that Jira has more of them.
    """

    column: ColumnRecord
    item_count: int
    items: str
    value: str | None = None
    is_partial: bool = False

    def size(self) -> int:
        return len(self.items) + len(self.value or "")


NOTHING: frozenset[str] = frozenset()


def count_characters(reference: Reference) -> int:
    """How long the reference's texts are together."""
    count = 0
    for value in reference:
        if isinstance(value, str):
            count += len(value)
        elif value is not None:
            count += count_characters(value)
    return count


@dataclass(slots=True, kw_only=True)
class IssueRecord:
    """An issue; units and absent values as in ArchivedIssue. Date-times have an offset.

    issue_type is None if the file has no column for it. `details` are what the file has beside these fields, at most
    one for each column, and `people` are the people in them. `mentions` has the headings, or the names of JSON members,
    that the file has for this issue: details that are mentioned but absent are removed from the archive, and details
    that aren't mentioned stay. `place` says where in the file the issue was, such as "line 12", and `raw` is its bytes;
    neither belongs to the issue.
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
    details: tuple[Detail, ...] = ()
    people: tuple[Person, ...] = ()
    mentions: frozenset[str] = field(default=NOTHING, compare=False)
    place: str = field(default="", compare=False)
    raw: bytes = field(default=b"", compare=False, repr=False)

    def references(self) -> list[Reference]:
        """What must be in the archive before the issue can be: people, then its type, then its project."""
        people = (self.assignee, self.reporter, self.creator, self.archived_by, self.project.lead)
        references: list[Reference] = [person for person in people if person is not None]
        if self.issue_type is not None:
            references.append(self.issue_type)
        references.append(self.project)
        references.extend(self.people)
        return references

    def size(self) -> int:
        """About how many bytes the record takes in memory, apart from what every record takes."""
        list_count = len(self.labels) + len(self.components) + len(self.fix_versions) + len(self.affects_versions)
        texts_size = sys.getsizeof(self.description) + sys.getsizeof(self.environment)
        details_size = MENTION_BYTES * max(0, len(self.mentions) - USUAL_MENTIONS)
        for detail in self.details:
            details_size += DETAIL_BYTES + detail.size()
        return texts_size + 80 * list_count + len(self.raw) + details_size


_missing = {column.name for column in STORED_FIELDS} - IssueRecord.__dataclass_fields__.keys()
if _missing:
    raise TypeError(f"IssueRecord lacks fields of ArchivedIssue: {', '.join(sorted(_missing))}.")
