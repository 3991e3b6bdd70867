"""manage.py import_issues FILE…: Jira's own files into the archive."""

import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exports.errors import ExportError
from exports.imports.files import Archiving, Report, import_file
from exports.imports.records import Person, UnreadableFile, UnreadableRecord, read_instant


class Command(BaseCommand):
    help = (
        "Import archived issues from Jira REST JSON: an issue, an array, a search response or NDJSON, each also .gz. "
        "A file is imported as a whole; issues that stand already are updated by issue ID."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--archived-by", metavar="ACCOUNT_ID", help="who archived the issues, where the data does not say"
        )
        parser.add_argument(
            "--archived-date",
            metavar="DATE",
            help="when the issues were archived, where the data does not say: an ISO 8601 date or date-time, "
            "without offset in the site's time zone",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        by = options["archived_by"]
        archiving = Archiving(Person(by) if by else None, _read_date(options["archived_date"]))
        rejected = sum([self._import(path, archiving) for path in options["files"]])
        if rejected:
            raise CommandError(f"{rejected:,} issues or files could not be imported; the rest was. See above.")

    def _import(self, path: Path, archiving: Archiving) -> int:
        """Import one file and tell how it went; gives the number of things left out."""
        start = time.monotonic()
        try:
            report = import_file(path, archiving, self._tell_reject)
        except UnreadableFile as error:
            self.stderr.write(f"{error} Nothing of it was imported.")
            return 1
        except ExportError as error:
            raise CommandError(f"{error} Nothing of this file was imported.") from error
        self.stdout.write(_summary(path, report, time.monotonic() - start))
        return report.outcome.rejected

    def _tell_reject(self, rejected: UnreadableRecord) -> None:
        self.stderr.write(str(rejected))


def _read_date(text: str | None) -> datetime | None:
    try:
        return read_instant(text) if text else None
    except ValueError as error:
        raise CommandError(f"--archived-date {error}") from error


def _summary(path: Path, report: Report, seconds: float) -> str:
    done = report.outcome
    return (
        f"{path}: {done.created:,} created, {done.updated:,} updated, {done.unchanged:,} unchanged, "
        f"{done.rejected:,} rejected; {report.nuls:,} NUL characters dropped; "
        f"{done.total:,} issues in {seconds:.1f} s ({done.total / max(seconds, 0.001):,.0f} a second)"
    )
