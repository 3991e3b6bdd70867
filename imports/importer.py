"""One file into the archive: its format found by looking inside, all of it in one transaction."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from imports import jira_csv, jira_json
from imports.load import Archiving, Item, Loader, OnConflict, Outcome
from imports.records import Reading, UnreadableFile, UnreadableRecord
from imports.rejects import Rejects
from imports.sources import BUFFER, Source

TELL_EVERY = 500  # records

Items = Iterator[Item]
Tell = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A way Jira writes issues: `fits` looks at a file's first bytes, `read` gives its issues."""

    fits: Callable[[bytes], bool]
    read: Callable[[BinaryIO, str, Reading], Items]


FORMATS = (Format(jira_json.is_jira_json, jira_json.read_issues), Format(jira_csv.is_jira_csv, jira_csv.read_issues))


class UnknownFormat(UnreadableFile):
    """A file that no format fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to import: what the operator chose. `new_reading` makes what one file is read with."""

    archiving: Archiving
    rejects: Path
    new_reading: Callable[[], Reading] = Reading
    on_conflict: OnConflict = OnConflict.UPDATE
    is_strict: bool = False
    is_trial: bool = False


@dataclass(slots=True)
class Report:
    """What became of one file: issues counted, NUL characters dropped, cells not stored by heading, seconds."""

    outcome: Outcome = field(default_factory=Outcome)
    nuls: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    rejects: Path | None = None


def import_file(
    source: Source,
    plan: Plan,
    on_reject: Callable[[UnreadableRecord], None],
    tell: Tell = lambda _records, _share: None,
) -> Report:
    """Import a file. Issues that cannot be read go to `on_reject` and into a file; the rest is imported.

    `tell` hears, every now and then, how many records have been read, and how much of the file, from 0 to 1.

    Raises:
        UnreadableFile: it cannot be read to its end; the archive stays as before.
        UnknownFormat: it is none of Jira's files.
        UnreadableRecord: the first issue that cannot be read, if the plan is strict; the archive stays as before.
        IssueStands: an issue stands already, and the plan forbids that; the archive stays as before.
    """
    start, reading = time.monotonic(), plan.new_reading()
    with source.open() as (stream, share), Rejects(plan.rejects, source.name, reading) as rejects:

        def reject(rejected: UnreadableRecord) -> None:
            if plan.is_strict:
                raise rejected
            on_reject(rejected)
            rejects.add(rejected)

        items = _format_of(stream, source.name).read(stream, source.name, reading)
        loader = Loader(source.name, reject, archiving=plan.archiving, reading=reading, on_conflict=plan.on_conflict)
        loader.load(_telling(items, tell, share), is_trial=plan.is_trial)
        if not plan.is_trial:
            rejects.keep()
    seconds = time.monotonic() - start
    return Report(loader.outcome, reading.nuls, reading.unread, seconds, rejects.path)


def _telling(items: Items, tell: Tell, share: Callable[[], float]) -> Items:
    for number, item in enumerate(items):
        if number % TELL_EVERY == 0:
            tell(number, share())
        yield item


def _format_of(stream: "BufferedReader[Any]", file: str) -> Format:
    head = stream.peek(BUFFER)
    for known in FORMATS:
        if known.fits(head):
            return known
    if not head:
        raise UnreadableFile(file, "is empty.")
    raise UnknownFormat(file, "is neither Jira's REST JSON (an issue, a search response, NDJSON) nor its CSV.")
