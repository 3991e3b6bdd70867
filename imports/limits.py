"""How much of a file an import is willing to read: no file of Jira's comes near, and memory stays bounded.

Each limit is a setting, and is checked in one place. A file that exceeds a limit is not imported at all; whoever wants
to import it raises the setting.
"""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may have at most. Each attribute has the name of its setting, without IMPORT_MAX_.

    - `header_bytes`, `columns`: of a CSV file's header.
    - `issue_bytes`: of one CSV record, of one issue in JSON, of a line in NDJSON that isn't a search response.
    - `text_characters`: of one text, such as a description or a cell.
    - `json_values`: values in one issue in JSON.
    - `detail_columns`: custom fields, other fields and types of links in the archive, together.
    - `detail_items`: comments of one issue, and so for each kind of detail.
    - `rejects`, `reject_bytes`: issues that can't be imported, and their size.
    - `zip_members`: files in a zip archive.
    - `unpack_ratio`: how many times its size a compressed file may unpack to.
    """

    header_bytes: int
    columns: int
    issue_bytes: int
    text_characters: int
    json_values: int
    detail_columns: int
    detail_items: int
    rejects: int
    reject_bytes: int
    zip_members: int
    unpack_ratio: int


def read_limits() -> Limits:
    return Limits(
        header_bytes=settings.IMPORT_MAX_HEADER_BYTES,
        columns=settings.IMPORT_MAX_COLUMNS,
        issue_bytes=settings.IMPORT_MAX_ISSUE_BYTES,
        text_characters=settings.IMPORT_MAX_TEXT_CHARACTERS,
        json_values=settings.IMPORT_MAX_JSON_VALUES,
        detail_columns=settings.IMPORT_MAX_DETAIL_COLUMNS,
        detail_items=settings.IMPORT_MAX_DETAIL_ITEMS,
        rejects=settings.IMPORT_MAX_REJECTS,
        reject_bytes=settings.IMPORT_MAX_REJECT_BYTES,
        zip_members=settings.IMPORT_MAX_ZIP_MEMBERS,
        unpack_ratio=settings.IMPORT_MAX_UNPACK_RATIO,
    )


def describe_excess(what: str, limit: int, unit: str, setting: str) -> str:
    """A sentence about a limit that was exceeded. `what` ends in a verb, such as "line 7 has"."""
    return f"{what} more than {limit:,} {unit}. If Jira wrote the file, set IMPORT_MAX_{setting} higher."
