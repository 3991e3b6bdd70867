"""manage.py import_issues PATH…: Jira's own files into the archive."""

import getpass
import os
import zoneinfo
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core.errors import PortalError
from imports.importer import Plan, Report, UnknownFormat, import_file
from imports.load import Archiving, OnConflict
from imports.records import Person, Reading, UnreadableFile, UnreadableRecord, read_instant
from imports.report import Progress, describe
from imports.services import note_import
from imports.sources import Source, find_sources

SOME_LEFT_OUT, NOTHING_DONE = 3, 1
MOST_TOLD = 100  # rejected issues a file


class Command(BaseCommand):
    help = (
        "Import archived issues from Jira's files: CSV of Cloud, Data Center or this portal, REST JSON (an issue, "
        "a search response, NDJSON), each also .gz or in a .zip. A file is imported as a whole or not at all. "
        f"Exit code 0: all was imported; {SOME_LEFT_OUT}: some issues or files were left out; "
        f"{NOTHING_DONE}: stopped at an error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, a folder, or - for input")
        parser.add_argument(
            "--archived-by",
            metavar="ACCOUNT_ID",
            help="who archived the issues, where the data does not say (default: you)",
        )
        parser.add_argument(
            "--archived-date",
            metavar="DATE",
            help="when, where the data does not say: an ISO 8601 date or date-time, without offset in the "
            "site's time zone (default: now)",
        )
        parser.add_argument(
            "--on-conflict",
            choices=[item.value for item in OnConflict],
            default="update",
            help="what becomes of issues that stand already (default: update)",
        )
        parser.add_argument(
            "--date-format",
            default="",
            metavar="FORMAT",
            help="how CSV dates are written, as strptime has it, such as %%d.%%m.%%Y %%H:%%M",
        )
        parser.add_argument(
            "--time-zone", metavar="ZONE", help="where CSV dates without offset are (default: the site's)"
        )
        parser.add_argument(
            "--formula-guard",
            choices=["auto", "on", "off"],
            default="auto",
            help="whether a ' before a formula is taken off (default: in files of this portal)",
        )
        parser.add_argument(
            "--rejects",
            type=Path,
            default=Path(),
            metavar="FOLDER",
            help="where rejected issues are written (default: here)",
        )
        parser.add_argument("--strict", action="store_true", help="stop at the first issue that cannot be read")
        parser.add_argument("--dry-run", action="store_true", help="tell what would happen, change nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        plan = _plan(options)
        try:
            left_out = sum([self._import(source, plan) for source in find_sources(options["paths"])])
        except PortalError as error:
            raise CommandError(f"{error} Nothing of this file was imported.", returncode=NOTHING_DONE) from error
        if left_out:
            raise CommandError(
                f"{left_out:,} issues or files could not be imported; the rest was. See above.",
                returncode=SOME_LEFT_OUT,
            )

    def _import(self, source: Source, plan: Plan) -> int:
        """Import one file and tell how it went; gives the number of things left out."""
        told = 0

        def tell_reject(rejected: UnreadableRecord) -> None:
            nonlocal told
            told += 1
            if told <= MOST_TOLD:
                self.stderr.write(str(rejected))

        progress = Progress(self.stdout, source.name)
        try:
            report = _import_and_note(source, plan, tell_reject, progress)
        except UnreadableFile as error:
            if isinstance(error, UnknownFormat) and source.is_found:
                self.stdout.write(f"{error} It was passed over.")
                return 0
            if plan.is_strict:
                raise
            self.stderr.write(f"{error} Nothing of it was imported.")
            return 1
        finally:
            progress.end()
        self._say(source, report, told, is_trial=plan.is_trial)
        return report.outcome.rejected

    def _say(self, source: Source, report: Report, told: int, *, is_trial: bool) -> None:
        if told > MOST_TOLD:
            self.stderr.write(f"{source.name}: {told - MOST_TOLD:,} more issues were rejected.")
        for line in describe(source.name, report, is_trial=is_trial):
            self.stdout.write(line)


def _import_and_note(
    source: Source, plan: Plan, tell_reject: Callable[[UnreadableRecord], None], progress: Progress
) -> Report:
    """The issues and the history's line about them, or neither."""
    with transaction.atomic():
        report = import_file(source, plan, tell_reject, progress)
        if not plan.is_trial:
            note_import(_operator().account_id, source.name, report)
    return report


def _plan(options: dict[str, Any]) -> Plan:
    by, date = options["archived_by"], _instant(options["archived_date"])
    zone, guarded = _zone(options["time_zone"]), {"on": True, "off": False}.get(options["formula_guard"])
    if not options["rejects"].is_dir():
        raise CommandError(f"--rejects {options['rejects']} is no folder.")
    return Plan(
        archiving=Archiving(
            by=Person(by) if by else _operator(),
            date=date or timezone.now(),
            is_by_chosen=bool(by),
            is_date_chosen=bool(date),
        ),
        rejects=options["rejects"],
        new_reading=lambda: Reading(zone=zone, date_format=options["date_format"], guarded=guarded),
        on_conflict=OnConflict(options["on_conflict"]),
        is_strict=options["strict"],
        is_trial=options["dry_run"],
    )


def _operator() -> Person:
    """Whoever runs the command, by the name the operating system knows; a container may have none."""
    try:
        return Person(getpass.getuser())
    except (OSError, KeyError):
        return Person(f"uid-{os.getuid()}")


def _instant(text: str | None) -> datetime | None:
    try:
        return read_instant(text) if text else None
    except ValueError as error:
        raise CommandError(f"--archived-date {error}") from error


def _zone(text: str | None) -> tzinfo:
    try:
        return zoneinfo.ZoneInfo(text) if text else timezone.get_default_timezone()
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise CommandError(f"--time-zone {text!r} is no time zone: use a name such as Europe/Berlin.") from None
