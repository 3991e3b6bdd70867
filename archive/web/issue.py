"""One issue: every field of the one table of columns, in the order people read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.columns import COLUMNS, Column, Kind
from archive.models import ArchivedIssue

# The page shows these in places of their own: its head, its texts, and behind the name of the project or person.
HEAD = {"Summary", "Issue key", "ArchivedBy", "ArchivedDate"}
TEXTS = ("Description", "Environment", "Project description")
BEHIND = {"Project key", "Project lead id", "Assignee Id", "Reporter Id", "Creator Id", "ArchivedBy Id", "Parent"}
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Details": (
        "Issue Type", "Status", "Status Category", "Priority", "Resolution", "Security Level", "Labels", "Components",
        "Affects versions", "Fix versions", "Parent key", "Parent summary", "Votes", "Issue id",
    ),
    "People": ("Assignee", "Reporter", "Creator"),
    "Project": ("Project name", "Project type", "Project lead"),
    "Dates": ("Created", "Updated", "Resolved", "Due date", "Status Category Changed"),
    "Time": (
        "Original estimate", "Remaining Estimate", "Time Spent", "Work Ratio",
        "Σ Original Estimate", "Σ Remaining Estimate", "Σ Time Spent",
    ),
}  # fmt: skip
IDS = {
    "Project name": "Project key", "Project lead": "Project lead id", "Assignee": "Assignee Id",
    "Reporter": "Reporter Id", "Creator": "Creator Id", "ArchivedBy": "ArchivedBy Id", "Parent key": "Parent",
}  # fmt: skip
BY_HEADING = {column.heading: column for column in COLUMNS}
FIRST_CHARACTERS = 20_000


@dataclass(frozen=True)
class Fact:
    """A field that has a value; `kind` says how the page writes it, `id` is the key or ID behind a name."""

    heading: str
    kind: str
    value: Any
    id: str = ""


@dataclass(frozen=True)
class Text:
    """A long text, of which a page shows so much that a browser stays quick."""

    heading: str
    shown: str
    length: int

    @property
    def is_cut(self) -> bool:
        return len(self.shown) < self.length


def sections(issue: ArchivedIssue) -> Iterator[tuple[str, list[Fact]]]:
    """Headings with the facts under them; what the issue does not have is left out."""
    for heading, names in SECTIONS.items():
        if facts := [fact for name in names if (fact := _fact(issue, name))]:
            yield heading, facts


def texts(issue: ArchivedIssue, *, whole: bool) -> list[Text]:
    """The long texts that are there, cut unless the whole is asked for."""
    found = ((heading, str(_value(issue, BY_HEADING[heading]) or "")) for heading in TEXTS)
    return [Text(heading, text if whole else text[:FIRST_CHARACTERS], len(text)) for heading, text in found if text]


def _fact(issue: ArchivedIssue, heading: str) -> Fact | None:
    column = BY_HEADING[heading]
    value = _value(issue, column)
    ident = str(_value(issue, BY_HEADING[IDS[heading]]) or "") if heading in IDS else ""
    if (value in (None, "", []) and not ident) or (column.source == "work_ratio" and value < 0):
        return None
    value = value or ident if column.kind is Kind.TEXT else _written(column, value)
    return Fact(heading, column.kind.value, value, "" if value == ident else ident)


def _written(column: Column, value: Any) -> Any:
    """Seconds as hours and minutes, ratios as percent; the rest as it is."""
    if column.source.endswith(("_estimate", "time_spent")):
        return f"{value // 3600} h {value % 3600 // 60:02} min"
    return f"{value} %" if column.source == "work_ratio" else value


def _value(issue: ArchivedIssue, column: Column) -> Any:
    value: Any = issue
    for name in column.source.split("__"):
        value = getattr(value, name) if value is not None else None
    return value
