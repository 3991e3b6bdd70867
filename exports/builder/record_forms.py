"""How the issues of a file are written: as CSV cell by cell, as CSV in one text, or as documents."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Func, QuerySet

from archive.columns import cells, has_too_many_cells, header, line
from archive.csv_sql import Cell
from archive.detail_layout import NO_DETAILS, DetailLayout, columns_of, lay_out, widths_of
from archive.detail_sql import DetailCells
from archive.documents import Document, DocumentWriter
from archive.includes import Include, Includes
from archive.models import ArchivedIssue
from exports.options import ExportOptions, FileFormat

Fetch = Callable[["QuerySet[Any, Any]"], list[tuple[Any, ...]]]
"""Reads the rows of a query in the snapshot."""

Finish = Callable[[bytes | memoryview], bytes]
"""Makes the record of what the database gave."""


@dataclass(frozen=True)
class RecordForm:
    """What the database writes of each issue.

    - `header`: what the file begins with.
    - `cells`: the record cell by cell, which is the fastest, but databases limit their number.
    - `text`: the record as one text; None if it is `cells`.
    - `finish`: what is done to the text afterwards; None if it is the record.
    - `details`: the layout that the text needs.
    """

    header: bytes
    cells: Sequence[Cell] = ()
    text: Func | None = None
    finish: Finish | None = None
    details: DetailLayout = NO_DETAILS


def find_form(
    issues: "QuerySet[ArchivedIssue]", options: ExportOptions, widths: Mapping[str, int], fetch: Fetch, *, guard: bool
) -> RecordForm:
    """The form of a file with these options. `widths` gives the greatest length of each list."""
    if options.file_format is FileFormat.NDJSON:
        writer = DocumentWriter(fetch(columns_of(tuple(Include))))
        return RecordForm(b"", text=Document(), finish=writer.write)
    details = _lay_out(issues, options.includes, fetch)
    first = header(widths, details.headings(guard=guard))
    if details.blocks:
        text = line(widths, DetailCells(details, guard=guard), guard=guard)
        return RecordForm(first, text=text, details=details)
    if has_too_many_cells(widths):
        return RecordForm(first, text=line(widths, None, guard=guard))
    return RecordForm(first, cells=cells(widths, guard=guard))


def _lay_out(issues: "QuerySet[ArchivedIssue]", includes: Includes, fetch: Fetch) -> DetailLayout:
    if not includes:
        return NO_DETAILS
    widths: dict[int, int] = dict(fetch(widths_of(issues, includes)))
    return lay_out(fetch(columns_of(includes)), widths, includes)
