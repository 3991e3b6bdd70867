"""Which columns the details of issues have in a CSV file, named as in Jira Cloud's "all fields" CSV."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet

from archive.columns import COLUMNS
from archive.includes import Includes, kinds_of
from archive.models import ArchivedIssue, DetailColumn, DetailKind, IssueDetail, detail_heading
from core.formula_guard import add_guard

WATCHER_IDS = "Watchers Id"
# The order in which Jira Cloud's CSV has them.
ORDER = (
    DetailKind.WATCHER,
    DetailKind.WORKLOG,
    DetailKind.SUBTASK,
    DetailKind.LINK,
    DetailKind.ATTACHMENT,
    DetailKind.FIELD,
    DetailKind.CUSTOM,
    DetailKind.COMMENT,
    DetailKind.HISTORY,
)
# Kinds that are one column of Jira's. A file that includes them has it even if no issue needs it.
SINGLE = (DetailKind.WATCHER, DetailKind.WORKLOG, DetailKind.ATTACHMENT, DetailKind.COMMENT, DetailKind.HISTORY)
TAKEN_HEADINGS = frozenset(
    [column.heading.casefold() for column in COLUMNS]
    + [detail_heading(kind, "").casefold() for kind in (*SINGLE, DetailKind.SUBTASK)]
    + [WATCHER_IDS.casefold(), "sprint"]
)

COLUMN_FIELDS = ("id", "kind", "name", "direction", "field_id", "type")
Widths = Mapping[int, int]
"""The greatest number of items that an issue has, by the ID of the DetailColumn."""


@dataclass(frozen=True)
class DetailBlock:
    """Columns next to each other: `width` with each of the headings, from the position `start` among the details on."""

    kind: DetailKind
    headings: tuple[str, ...]
    start: int
    width: int
    column_id: int | None = None

    @property
    def cell_count(self) -> int:
        return self.width * len(self.headings)


@dataclass(frozen=True)
class DetailLayout:
    """All columns of the details in a file. Without blocks, the file is the ordinary one."""

    blocks: tuple[DetailBlock, ...] = ()

    @property
    def cell_count(self) -> int:
        return sum(block.cell_count for block in self.blocks)

    def places(self) -> list[tuple[int, int, int, str]]:
        """For each DetailColumn: (its ID, the position of its first cell, its width, its kind)."""
        return [
            (block.column_id, block.start, block.width, block.kind.value)
            for block in self.blocks
            if block.column_id is not None
        ]

    def places_as_json(self) -> str:
        """An object with the places by the IDs of the columns."""
        by_id = {}
        for column_id, *place in self.places():
            by_id[column_id] = place
        return json.dumps(by_id)

    def headings(self, *, guard: bool) -> list[str]:
        """The headings as CSV cells, each as often as its column repeats."""
        cells = []
        for block in self.blocks:
            for heading in block.headings:
                cells.extend([_heading_cell(heading, guard=guard)] * block.width)
        return cells


NO_DETAILS = DetailLayout()


def widths_of(issues: "QuerySet[ArchivedIssue]", includes: Includes) -> "QuerySet[IssueDetail, Any]":
    """The query for Widths, as pairs. It reads an index."""
    details = IssueDetail.objects.filter(column__kind__in=kinds_of(includes))
    if issues.query.where:
        details = details.filter(issue__in=issues.order_by().values("pk"))
    return details.order_by().values("column_id").annotate(width=Max("item_count")).values_list("column_id", "width")


def columns_of(includes: Includes) -> "QuerySet[DetailColumn, Any]":
    """The query for the values of COLUMN_FIELDS of each column that the parts can have."""
    return DetailColumn.objects.filter(kind__in=kinds_of(includes)).values_list(*COLUMN_FIELDS)


def lay_out(columns: Iterable[tuple[Any, ...]], widths: Widths, includes: Includes) -> DetailLayout:
    """The layout of a file that needs `widths`. Columns are as `columns_of` gives them."""
    kinds = kinds_of(includes)
    found: list[tuple[DetailKind, str, int, int]] = []
    for column_id, kind, name, direction, field_id, field_type in columns:
        width = widths.get(column_id) or 0
        if width:
            heading = _heading(
                DetailColumn(kind=kind, name=name, direction=direction, field_id=field_id, type=field_type)
            )
            found.append((DetailKind(kind), heading, column_id, width))
    missing = set(kinds).intersection(SINGLE).difference([kind for kind, *_ in found])
    blocks: list[DetailBlock] = []
    start = 0
    for kind in ORDER:
        if kind in missing:
            blocks.append(DetailBlock(kind, _headings(kind, ""), start, 1))
            start += blocks[-1].cell_count
        of_kind = [item for item in found if item[0] is kind]
        for _kind, heading, column_id, width in sorted(of_kind, key=_by_heading):
            blocks.append(DetailBlock(kind, _headings(kind, heading), start, width, column_id))
            start += blocks[-1].cell_count
    return DetailLayout(tuple(blocks))


def _by_heading(item: tuple[DetailKind, str, int, int]) -> tuple[str, int]:
    return item[1].casefold(), item[2]


def _heading(column: DetailColumn) -> str:
    """The column's heading; the ID of a field whose name is the heading of another column of the file."""
    heading = column.heading
    if column.kind == DetailKind.FIELD and column.field_id and heading.casefold() in TAKEN_HEADINGS:
        return column.field_id
    return heading


def _headings(kind: DetailKind, heading: str) -> tuple[str, ...]:
    if kind is DetailKind.WATCHER:
        return detail_heading(kind, ""), WATCHER_IDS
    return (heading or detail_heading(kind, ""),)


def _heading_cell(heading: str, *, guard: bool) -> str:
    """The heading, which a file may have brought, in one line, guarded and quoted if needed."""
    heading = " ".join(heading.split())
    if guard:
        heading = add_guard(heading)
    cell = io.StringIO()
    csv.writer(cell, lineterminator="").writerow([heading])
    return cell.getvalue()
