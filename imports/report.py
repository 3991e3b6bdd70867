"""What an import reports, while it runs and at its end."""

import time
from collections.abc import Iterator
from typing import Protocol

from archive.models import DetailKind
from imports.importer import FileReport
from imports.records import UnreadableRecord

BAR_WIDTH = 30
DRAW_SECONDS = 0.2
LINE_SECONDS = 10.0
MAX_COLUMNS_LISTED = 20
MAX_REJECTS_LISTED = 100


DETAIL_NOUNS = {
    DetailKind.COMMENT: ("comment", "comments"),
    DetailKind.WORKLOG: ("work log", "work logs"),
    DetailKind.ATTACHMENT: ("attachment", "attachments"),
    DetailKind.WATCHER: ("watcher", "watchers"),
    DetailKind.LINK: ("link", "links"),
    DetailKind.SUBTASK: ("subtask", "subtasks"),
    DetailKind.HISTORY: ("entry of the history", "entries of the history"),
    DetailKind.CUSTOM: ("value of custom fields", "values of custom fields"),
    DetailKind.FIELD: ("value of other fields", "values of other fields"),
}


class Output(Protocol):
    def write(self, msg: str, *, ending: str | None = None) -> None: ...

    def isatty(self) -> bool: ...


class ProgressBar:
    """The progress of one file: a bar on a terminal, elsewhere a line every few seconds.

    `what` says what is done with its records, such as "read".
    """

    def __init__(self, output: Output, name: str, what: str) -> None:
        self.output = output
        self.name = name
        self.what = what
        self.is_terminal = output.isatty()
        self.start = time.monotonic()
        self.seconds_between = DRAW_SECONDS if self.is_terminal else LINE_SECONDS
        self.next = self.start + self.seconds_between
        self.width = 0

    def report(self, record_count: int, share: float) -> None:
        """How many records are done, and the share of the file, from 0 to 1; 0 if the file's size is unknown."""
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + self.seconds_between
        pace = record_count / (now - self.start)
        words = f"{record_count:,} issues {self.what}, {pace:,.0f} a second"
        if self.is_terminal:
            self._draw(words, share)
        else:
            self._write_line(words, share)

    def end(self) -> None:
        """Leave an empty line for the next output."""
        if self.width:
            self.output.write(f"\r{'':{self.width}}", ending="")
            self.output.write("\r", ending="")
            self.width = 0

    def _draw(self, words: str, share: float) -> None:
        if share:
            filled = "#" * int(BAR_WIDTH * share)
            words = f"[{filled:{BAR_WIDTH}}] {share:4.0%} {words}"
        self.output.write(f"\r{words:{self.width}}", ending="")
        self.width = len(words)

    def _write_line(self, words: str, share: float) -> None:
        if share:
            words = f"{share:.0%}, {words}"
        self.output.write(f"{self.name}: {words}")


class RejectList:
    """Lists the first rejected issues, and counts the others."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, rejected: UnreadableRecord) -> str:
        """The line for this issue; "" if enough are listed."""
        self.count += 1
        if self.count > MAX_REJECTS_LISTED:
            return ""
        return str(rejected)

    def describe_others(self) -> str:
        """How many more issues were rejected; "" if all are listed."""
        others = self.count - MAX_REJECTS_LISTED
        if others <= 0:
            return ""
        return f"{others:,} more issues were rejected."


def describe(report: FileReport) -> Iterator[str]:
    """The report on one file: counts, also per project if there are several, and columns that are not stored."""
    if not report.is_imported:
        yield report.error
        return
    yield _describe_counts(report)
    projects = report.outcome.projects
    if len(projects) > 1:
        for key, counts in sorted(projects.items()):
            listed = [f"{count:,} {what}" for what, count in sorted(counts.items())]
            yield f"  {key or '(no key)'}: {', '.join(listed)}"
    yield from _describe_details(report)
    yield from _describe_unread_columns(report)


def _describe_counts(report: FileReport) -> str:
    outcome = report.outcome
    seconds = max(report.seconds, 0.001)
    pace = outcome.total / seconds
    dry_run = " (dry run: nothing was changed)" if report.is_dry_run else ""
    return (
        f"{report.name}{dry_run}: {outcome.created:,} created, {outcome.updated:,} updated, "
        f"{outcome.unchanged:,} unchanged, {outcome.skipped:,} skipped, {outcome.rejected:,} rejected; "
        f"{report.nul_count:,} NUL characters dropped; "
        f"{outcome.total:,} issues in {seconds:.1f} s ({pace:,.0f} a second)"
    )


def _describe_details(report: FileReport) -> Iterator[str]:
    kept = []
    for kind, (noun, plural) in DETAIL_NOUNS.items():
        count = report.kept[kind]
        if count:
            kept.append(f"{count:,} {noun if count == 1 else plural}")
    if kept:
        yield f"  Also kept: {', '.join(kept)}"
    for kind, (_, plural) in DETAIL_NOUNS.items():
        count = report.partial[kind]
        if count:
            yield f"  {_counted(count, 'issue')} with more {plural} in Jira than in the file"


def _describe_unread_columns(report: FileReport) -> Iterator[str]:
    filled = [f"{heading} ({_counted(count, 'cell')})" for heading, count in report.unread_cells.items() if count]
    if not filled:
        return
    verb = "were"
    if len(filled) == 1:
        verb = "was"
    others = ""
    if len(filled) > MAX_COLUMNS_LISTED:
        others = f" and {len(filled) - MAX_COLUMNS_LISTED:,} more"
    listed = ", ".join(filled[:MAX_COLUMNS_LISTED])
    yield f"  {_counted(len(filled), 'column')} with data {verb} not imported: {listed}{others}"


def _counted(count: int, noun: str) -> str:
    """The number with its noun, such as "1 cell" or "2 cells"."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}s"
