"""One file into the archive: its format found by looking inside, all of it in one transaction."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from exports.errors import ExportError
from exports.imports import jira_json
from exports.imports.load import Item, Loader, Outcome
from exports.imports.records import Cleaner, IssueRecord, Person, UnreadableFile, UnreadableRecord

GZIP_SIGN = b"\x1f\x8b"

Items = Iterator[Item]


@dataclass(frozen=True, slots=True)
class Format:
    """A way Jira writes issues: `fits` looks at a file's first bytes, `read` gives its issues."""

    fits: Callable[[bytes], bool]
    read: Callable[[BinaryIO, str, Cleaner], Items]


FORMATS = (Format(jira_json.is_jira_json, jira_json.read_issues),)


class ArchivingUnknown(ExportError):
    """The data does not say who archived an issue or when, and neither did the operator."""

    def __init__(self, file: str, record: IssueRecord, option: str) -> None:
        super().__init__(
            f"{file}, {record.place} ({record.key}): the data does not say {ASKED[option]}. Give {option}."
        )


ASKED = {
    "--archived-by ACCOUNT_ID": "who archived the issue",
    "--archived-date DATE": "when the issue was archived",
}


@dataclass(frozen=True, slots=True)
class Archiving:
    """Who archived issues, and when, where the data does not say."""

    by: Person | None = None
    date: datetime | None = None

    def complete(self, record: IssueRecord, file: str) -> IssueRecord:
        """The record with both filled in.

        Raises:
            ArchivingUnknown: neither the data nor this says.
        """
        by, date = record.archived_by or self.by, record.archived_date or self.date
        for value, option in zip((by, date), ASKED, strict=True):
            if value is None:
                raise ArchivingUnknown(file, record, option)
        return replace(record, archived_by=by, archived_date=date)


@dataclass(slots=True)
class Report:
    """What became of one file: issues counted, NUL characters dropped."""

    outcome: Outcome = field(default_factory=Outcome)
    nuls: int = 0


def import_file(path: Path, archiving: Archiving, on_reject: Callable[[UnreadableRecord], None]) -> Report:
    """Import a file, plain or gzip. Issues that cannot be read go to `on_reject`; the rest is imported.

    Raises:
        UnreadableFile: it cannot be read to its end or is of no known format; the archive stays as before.
        ArchivingUnknown: see Archiving.complete; the archive stays as before.
    """
    cleaner, loader = Cleaner(), Loader(str(path), on_reject)
    with _opened(path) as stream:
        items = _format_of(stream, path).read(stream, str(path), cleaner)
        loader.load(
            item if isinstance(item, UnreadableRecord) else archiving.complete(item, str(path)) for item in items
        )
    return Report(loader.outcome, cleaner.nuls)


@contextmanager
def _opened(path: Path) -> Iterator["BufferedReader[Any]"]:
    """The file's bytes, unpacked; what goes wrong while reading them becomes an UnreadableFile."""
    try:
        with path.open("rb") as file:
            yield BufferedReader(gzip.GzipFile(fileobj=file)) if file.peek(2).startswith(GZIP_SIGN) else file
    except (EOFError, zlib.error) as error:
        raise UnreadableFile(str(path), f"is damaged: {error}. Copy it again.") from error
    except OSError as error:
        raise UnreadableFile(str(path), f"cannot be read: {error.strerror or error}.") from error


def _format_of(stream: "BufferedReader[Any]", path: Path) -> Format:
    head = stream.peek(1024)
    for known in FORMATS:
        if known.fits(head):
            return known
    raise UnreadableFile(
        str(path), "is empty." if not head else "is no Jira REST JSON (an issue, a search response or NDJSON)."
    )
