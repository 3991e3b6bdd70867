"""The table of CSV columns: Jira Cloud's own headings and order, then who archived the issue and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from archive.csv_sql import Cell, ElementCell, Fragment, Line, ListCells, TextCell, TimeCell
from archive.models import COUNTS

# PostgreSQL returns at most 1,664 columns. A record with more cells is rendered as one text.
MOST_CELLS = 1_600
WIDE_LIST = 20  # in such a record, longer lists are rendered by one expression
DETAILS_BEFORE = "ArchivedBy"
"""The heading before which a file has the details of issues that were asked for."""


class ColumnKind(Enum):
    """What a column's cells contain, which decides how they are written and read."""

    TEXT = "text"
    NUMBER = "number"  # an integer; durations are in seconds
    DATE = "date"  # ISO 8601 without a time zone: a due date is the same day everywhere
    TIME = "time"  # ISO 8601 in UTC
    LIST = "list"  # texts, one per column; the column repeats as often as the issue with the most values needs


@dataclass(frozen=True)
class Column:
    """A heading and the field of ArchivedIssue that fills it, in Django's `relation__field` form."""

    heading: str
    source: str
    kind: ColumnKind = ColumnKind.TEXT

    def cells(self, width: int, *, guard: bool) -> list[Cell]:
        """The cells of this column in one record: `width` cells for a list, otherwise one."""
        if self.kind is ColumnKind.LIST:
            stored = (COUNTS[self.source], "is_inner_formula_free")
            return [ElementCell(self.source, *stored, index, guard=guard) for index in range(width)]
        if self.kind is ColumnKind.TEXT:
            relation, separator, _ = self.source.rpartition("__")
            prefix = relation + separator
            return [TextCell(self.source, f"{prefix}is_inner_formula_free", f"{prefix}is_formula_free", guard=guard)]
        if self.kind is ColumnKind.TIME:
            return [TimeCell(self.source)]
        return [Cell(self.source)]


COLUMNS = (
    Column("Summary", "summary"),
    Column("Issue key", "key"),
    Column("Issue id", "id", ColumnKind.NUMBER),
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
    Column("Created", "created", ColumnKind.TIME),
    Column("Updated", "updated", ColumnKind.TIME),
    Column("Resolved", "resolved", ColumnKind.TIME),
    Column("Affects versions", "affects_versions", ColumnKind.LIST),
    Column("Fix versions", "fix_versions", ColumnKind.LIST),
    Column("Components", "components", ColumnKind.LIST),
    Column("Due date", "due_date", ColumnKind.DATE),
    Column("Votes", "votes", ColumnKind.NUMBER),
    Column("Labels", "labels", ColumnKind.LIST),
    Column("Description", "description"),
    Column("Environment", "environment"),
    Column("Original estimate", "original_estimate", ColumnKind.NUMBER),
    Column("Remaining Estimate", "remaining_estimate", ColumnKind.NUMBER),
    Column("Time Spent", "time_spent", ColumnKind.NUMBER),
    Column("Work Ratio", "work_ratio", ColumnKind.NUMBER),
    Column("Σ Original Estimate", "total_original_estimate", ColumnKind.NUMBER),
    Column("Σ Remaining Estimate", "total_remaining_estimate", ColumnKind.NUMBER),
    Column("Σ Time Spent", "total_time_spent", ColumnKind.NUMBER),
    Column("Security Level", "security_level"),
    Column("Parent", "parent_id", ColumnKind.NUMBER),
    Column("Parent key", "parent_key"),
    Column("Parent summary", "parent_summary"),
    Column("Status Category", "status_category"),
    Column("Status Category Changed", "status_category_changed", ColumnKind.TIME),
    Column("ArchivedBy", "archived_by__name"),
    Column("ArchivedBy Id", "archived_by__account_id"),
    Column("ArchivedDate", "archived_date", ColumnKind.TIME),
)


def header(widths: Mapping[str, int], details: Sequence[str] = ()) -> bytes:
    """The header record in UTF-8 with its line end. `widths` gives the number of columns of each list.

    `details` are the headings of details as CSV cells.
    """
    headings: list[str] = []
    for column in COLUMNS:
        if column.heading == DETAILS_BEFORE:
            headings.extend(details)
        headings.extend([column.heading] * widths.get(column.source, 1))
    return (",".join(headings) + "\n").encode()


def cells(widths: Mapping[str, int], *, guard: bool) -> list[Cell]:
    """The cells of one record, one for each heading of `header(widths)`."""
    record: list[Cell] = []
    for column in COLUMNS:
        record.extend(column.cells(widths.get(column.source, 1), guard=guard))
    return record


def has_too_many_cells(widths: Mapping[str, int]) -> bool:
    """Whether a record has more cells than a database can return or render one by one."""
    cell_count = sum(widths.get(column.source, 1) for column in COLUMNS)
    return cell_count > MOST_CELLS


def line(widths: Mapping[str, int], details: Fragment | None, *, guard: bool) -> Line:
    """One record as a text, however many cells it has. `details` are the cells of details."""
    pieces: list[Cell | Fragment] = []
    for column in COLUMNS:
        if column.heading == DETAILS_BEFORE and details is not None:
            pieces.append(details)
        width = widths.get(column.source, 1)
        if width > WIDE_LIST:
            stored = (COUNTS[column.source], "is_inner_formula_free")
            pieces.append(ListCells(column.source, *stored, width, guard=guard))
        else:
            pieces.extend(column.cells(width, guard=guard))
    return Line(*pieces)
