"""What is said about an import, while it runs and at its end."""

import time
from collections.abc import Iterator
from typing import Protocol

from imports.importer import Report

BAR = 30
DRAW_SECONDS, LINE_SECONDS = 0.2, 10.0
MOST_LISTED = 20


class Output(Protocol):
    def write(self, msg: str, *, ending: str | None = None) -> None: ...

    def isatty(self) -> bool: ...


class Progress:
    """Called with records read and the share of the file: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, output: Output, name: str) -> None:
        self.output, self.name = output, name
        self.is_terminal = output.isatty()
        self.start = time.monotonic()
        self.next = self.start + (DRAW_SECONDS if self.is_terminal else LINE_SECONDS)
        self.width = 0

    def __call__(self, records: int, share: float) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + (DRAW_SECONDS if self.is_terminal else LINE_SECONDS)
        words = f"{records:,} issues, {records / (now - self.start):,.0f} a second"
        if self.is_terminal:
            self._draw(f"[{'#' * int(BAR * share):{BAR}}] {share:4.0%} {words}" if share else words)
        else:
            self.output.write(f"{self.name}: {share:.0%} read, {words}" if share else f"{self.name}: {words}")

    def end(self) -> None:
        """Leave an empty line for what is said next."""
        if self.width:
            self._draw("")
            self.output.write("\r", ending="")

    def _draw(self, words: str) -> None:
        self.output.write(f"\r{words:{self.width}}", ending="")
        self.width = len(words)


def describe(name: str, report: Report, *, is_trial: bool) -> Iterator[str]:
    """The summary, a line each: counts, per project where there are several, what is not stored, the rejects."""
    done, seconds = report.outcome, max(report.seconds, 0.001)
    yield (
        f"{name}{' (dry run, nothing was changed)' if is_trial else ''}: {done.created:,} created, "
        f"{done.updated:,} updated, {done.unchanged:,} unchanged, {done.skipped:,} skipped, "
        f"{done.rejected:,} rejected; "
        f"{report.nuls:,} NUL characters dropped; "
        f"{done.total:,} issues in {seconds:.1f} s ({done.total / seconds:,.0f} a second)"
    )
    if len(done.projects) > 1:
        for key, counts in sorted(done.projects.items()):
            yield f"  {key or '(no key)'}: " + ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()))
    if filled := {heading: count for heading, count in report.unread.items() if count}:
        listed = [f"{heading} ({count:,})" for heading, count in filled.items()]
        more = f" and {len(listed) - MOST_LISTED:,} more" if len(listed) > MOST_LISTED else ""
        yield (
            f"  Columns that are not stored: {len(report.unread):,}, of which {len(filled):,} hold something, "
            f"in so many cells: {', '.join(listed[:MOST_LISTED])}{more}"
        )
    if report.rejects:
        yield f"  The rejected issues stand in {report.rejects}: mend them and import that file."
