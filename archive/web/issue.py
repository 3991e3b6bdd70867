"""The page of one issue: every field in the table of CSV columns, in the order in which people read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import Truncator

from archive.columns import COLUMNS, Column, ColumnKind
from archive.models import ArchivedIssue, issue_address

# Columns shown outside the sections: in the page's heading, as long texts, and as IDs next to a name. The heading also
# has the summary.
HEAD = {"Issue key", "ArchivedBy", "ArchivedDate"}
TEXTS = ("Summary", "Description", "Environment", "Project description")
SHOWN_AS_IDS = {"Project key", "Project lead id", "Assignee Id", "Reporter Id", "Creator Id", "ArchivedBy Id", "Parent"}
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
# The column with the ID or key of what another column names.
ID_HEADINGS = {
    "Project name": "Project key", "Project lead": "Project lead id", "Assignee": "Assignee Id",
    "Reporter": "Reporter Id", "Creator": "Creator Id", "ArchivedBy": "ArchivedBy Id", "Parent key": "Parent",
}  # fmt: skip
BY_HEADING = {column.heading: column for column in COLUMNS}
SHOWN_CHARACTERS = 20_000
SHORT_CHARACTERS = 1_000  # of a text that is not among TEXTS, and of the summary in the heading
SHOWN_VALUES = 200  # of a list


@dataclass(frozen=True)
class Fact:
    """A field that has a value.

    `kind` says how the page shows the value: it is a ColumnKind's value, or "issue" for the key of another issue.
    `id` is the ID or key of a named person or project, if it differs from the name. `address` is that of the other
    issue's page, or empty. `hidden_count` is the number of values of a list that are not shown.
    """

    heading: str
    kind: str
    value: Any
    id: str = ""
    address: str = ""
    hidden_count: int = 0


@dataclass(frozen=True)
class Text:
    """A long text, of which the page shows only the beginning at first, so that browsers stay fast."""

    heading: str
    shown: str
    length: int

    @property
    def is_cut(self) -> bool:
        return len(self.shown) < self.length


def sections(issue: ArchivedIssue) -> list[tuple[str, list[Fact]]]:
    """Section headings with their facts. Fields without a value and sections without facts are left out."""
    found: list[tuple[str, list[Fact]]] = []
    for heading, names in SECTIONS.items():
        facts = _facts(issue, names)
        if facts:
            found.append((heading, facts))
    return found


def texts(issue: ArchivedIssue, *, whole: bool) -> list[Text]:
    """The long texts that the issue has, cut to SHOWN_CHARACTERS unless `whole`."""
    found: list[Text] = []
    for heading in TEXTS:
        text = str(_value(issue, heading) or "")
        shown = text
        if not whole:
            shown = text[:SHOWN_CHARACTERS]
        if heading == "Summary" and len(text) <= SHORT_CHARACTERS:
            continue  # the page's heading has it whole
        if text:
            found.append(Text(heading, shown, len(text)))
    return found


def _facts(issue: ArchivedIssue, headings: Sequence[str]) -> list[Fact]:
    facts: list[Fact] = []
    for heading in headings:
        fact = _fact(issue, heading)
        if fact is not None:
            facts.append(fact)
    return facts


def _fact(issue: ArchivedIssue, heading: str) -> Fact | None:
    column = BY_HEADING[heading]
    value = _value(issue, heading)
    if _is_missing(column, value):
        value = None
    fact_id = ""
    if heading in ID_HEADINGS:
        fact_id = str(_value(issue, ID_HEADINGS[heading]) or "")
    if value is None:
        if not fact_id:
            return None
        return Fact(heading, column.kind.value, fact_id)
    if fact_id == value:
        fact_id = ""
    if heading == "Parent key":
        return Fact(heading, "issue", value, fact_id, issue_address(value, issue.parent_id))
    if column.kind is ColumnKind.LIST:
        hidden_count = max(len(value) - SHOWN_VALUES, 0)
        return Fact(heading, column.kind.value, value[:SHOWN_VALUES], hidden_count=hidden_count)
    return Fact(heading, column.kind.value, _formatted(column, value), fact_id)


def _is_missing(column: Column, value: Any) -> bool:
    if column.source == "work_ratio" and value is not None:
        return bool(value < 0)  # -1: no estimate
    return value in (None, "", [])


def _formatted(column: Column, value: Any) -> Any:
    """Durations as hours and minutes, the work ratio as a percentage, the beginning of a text, others unchanged."""
    if column.source.endswith(("_estimate", "time_spent")):
        return hours(value)
    if column.source == "work_ratio":
        return f"{value} %"
    if isinstance(value, str):
        return Truncator(value).chars(SHORT_CHARACTERS)
    return value


def hours(seconds: int) -> str:
    """A duration, such as 1 h 30 min."""
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def _value(issue: ArchivedIssue, heading: str) -> Any:
    """The issue's value in the column with this heading, or None if a relation on the way is NULL."""
    value: Any = issue
    for name in BY_HEADING[heading].source.split("__"):
        if value is None:
            return None
        value = getattr(value, name)
    return value
