"""The one table of CSV columns: names and order are those of Jira Cloud's own CSV, then who archived and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from archive.csv_sql import Cell, ElementCell, TextCell, TimeCell
from archive.models import COUNTS


class Kind(Enum):
    TEXT = "text"
    NUMBER = "number"  # whole; durations in seconds
    DATE = "date"  # ISO 8601, no zone: a due date is a day wherever one is
    TIME = "time"  # ISO 8601 in UTC
    LIST = "list"  # texts, one a column; the column repeats as often as the widest issue needs


@dataclass(frozen=True)
class Column:
    """A heading and the field of ArchivedIssue, in Django's `relation__field` form, that fills it."""

    heading: str
    source: str
    kind: Kind = Kind.TEXT

    def cells(self, width: int, *, guard: bool) -> list[Cell]:
        """The cells of this column, `width` of them for a list and one otherwise."""
        if self.kind is Kind.LIST:
            return [ElementCell(self.source, COUNTS[self.source], index, guard=guard) for index in range(width)]
        if self.kind is Kind.TEXT:
            row, separator, _ = self.source.rpartition("__")
            return [TextCell(self.source, f"{row}{separator}is_formula_free", guard=guard)]
        return [TimeCell(self.source) if self.kind is Kind.TIME else Cell(self.source)]


COLUMNS = (
    Column("Summary", "summary"),
    Column("Issue key", "key"),
    Column("Issue id", "id", Kind.NUMBER),
    Column("Issue Type", "issue_type__name"),
    Column("Status", "status"),
    Column("Project key", "project__key"),
    Column("Project name", "project__name"),
    Column("Project type", "project__type"),
    Column("Project lead", "project__lead__name"),
    Column("Project lead id", "project__lead__account_id"),
    Column("Project description", "project__description"),
    Column("Priority", "priority"),
    Column("Resolution", "resolution"),
    Column("Assignee", "assignee__name"),
    Column("Assignee Id", "assignee__account_id"),
    Column("Reporter", "reporter__name"),
    Column("Reporter Id", "reporter__account_id"),
    Column("Creator", "creator__name"),
    Column("Creator Id", "creator__account_id"),
    Column("Created", "created", Kind.TIME),
    Column("Updated", "updated", Kind.TIME),
    Column("Resolved", "resolved", Kind.TIME),
    Column("Affects versions", "affects_versions", Kind.LIST),
    Column("Fix versions", "fix_versions", Kind.LIST),
    Column("Components", "components", Kind.LIST),
    Column("Due date", "due_date", Kind.DATE),
    Column("Votes", "votes", Kind.NUMBER),
    Column("Labels", "labels", Kind.LIST),
    Column("Description", "description"),
    Column("Environment", "environment"),
    Column("Original estimate", "original_estimate", Kind.NUMBER),
    Column("Remaining Estimate", "remaining_estimate", Kind.NUMBER),
    Column("Time Spent", "time_spent", Kind.NUMBER),
    Column("Work Ratio", "work_ratio", Kind.NUMBER),
    Column("Σ Original Estimate", "total_original_estimate", Kind.NUMBER),
    Column("Σ Remaining Estimate", "total_remaining_estimate", Kind.NUMBER),
    Column("Σ Time Spent", "total_time_spent", Kind.NUMBER),
    Column("Security Level", "security_level"),
    Column("Parent", "parent_id", Kind.NUMBER),
    Column("Parent key", "parent_key"),
    Column("Parent summary", "parent_summary"),
    Column("Status Category", "status_category"),
    Column("Status Category Changed", "status_category_changed", Kind.TIME),
    Column("ArchivedBy", "archived_by__name"),
    Column("ArchivedBy Id", "archived_by__account_id"),
    Column("ArchivedDate", "archived_date", Kind.TIME),
)


def header(widths: Mapping[str, int]) -> bytes:
    """The header record with its line end; `widths` says how often each list column repeats."""
    headings = [heading for column in COLUMNS for heading in [column.heading] * widths.get(column.source, 1)]
    return (",".join(headings) + "\n").encode()


def cells(widths: Mapping[str, int], *, guard: bool) -> list[Cell]:
    """The cells of one record, as many as the header has headings."""
    return [cell for column in COLUMNS for cell in column.cells(widths.get(column.source, 1), guard=guard)]
