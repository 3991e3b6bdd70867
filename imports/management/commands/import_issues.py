"""manage.py import_issues PATH…: imports Jira's files into the archive."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.audit_context import operator_name
from core.errors import PortalError
from core.formula_guard import GuardRemoval
from imports.importer import FileReport, Observer, Plan, import_one_by_one
from imports.load import OnConflict
from imports.options import COMMAND_HINTS, ImportOptions, InvalidOption
from imports.records import UnreadableRecord
from imports.report import Output, ProgressBar, RejectList, describe
from imports.services import open_import, record_import
from imports.sources import Source, find_sources

STOPPED = 1
SOME_LEFT_OUT = 3


class Command(BaseCommand):
    help = (
        "Import archived issues from Jira's files: CSV from Cloud, Data Center or this portal, and REST JSON (an "
        "issue, a search response, NDJSON), also as .gz or in a .zip. If a file can't be read to its end, nothing of "
        f"it is imported. Exit codes: 0, everything was imported; {SOME_LEFT_OUT}, some issues or files were left out; "
        f"{STOPPED}, the import was stopped by an error."
    )

    # They load every page of the portal, which takes 15 MiB. Web server, worker and `doctor` run them.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="+", type=Path, metavar="PATH", help="a file, a folder, or - for standard input"
        )
        parser.add_argument(
            "--archived-by",
            metavar="ACCOUNT_ID",
            help="who archived the issues, if the data doesn't say (default: you)",
        )
        parser.add_argument(
            "--archived-date",
            metavar="DATE",
            help="when the issues were archived, if the data doesn't say: an ISO 8601 date or date-time, without an "
            "offset in the site's time zone (default: now)",
        )
        parser.add_argument(
            "--on-conflict",
            choices=[item.value for item in OnConflict],
            default="update",
            help="what to do if an issue already exists (default: update)",
        )
        parser.add_argument(
            "--date-format",
            default="",
            metavar="FORMAT",
            help="the format of CSV dates, in strptime's syntax, such as %%d.%%m.%%Y %%H:%%M",
        )
        parser.add_argument(
            "--time-zone", metavar="ZONE", help="the time zone of CSV dates without an offset (default: the site's)"
        )
        parser.add_argument(
            "--formula-guard",
            choices=[choice.value for choice in GuardRemoval],
            default="auto",
            help="whether to remove the ' before formulas (default: only in this portal's own files). start: only at "
            "the start of cells, for files of version 0.2.0 and earlier",
        )
        parser.add_argument(
            "--rejects",
            type=Path,
            default=Path(),
            metavar="FOLDER",
            help="where rejected issues are written (default: the current folder)",
        )
        parser.add_argument("--strict", action="store_true", help="stop at the first error")
        parser.add_argument("--dry-run", action="store_true", help="report what would happen; nothing is changed")

    def handle(self, *_args: Any, **options: Any) -> None:
        plan = _make_plan(options)
        try:
            left_out_count = self._import_all(options["paths"], plan)
        except PortalError as error:
            raise CommandError(f"{error} Nothing of this file was imported.", returncode=STOPPED) from error
        except OSError as error:
            places = f"Rejected issues are written to {plan.rejects.resolve()}, other files to {settings.DATA_DIR}."
            reason = f"{error.strerror or error}. {places} Nothing of this file was imported."
            raise CommandError(reason, returncode=STOPPED) from error
        if left_out_count:
            raise CommandError(
                f"{left_out_count:,} issues or files could not be imported (see above). Everything else was.",
                returncode=SOME_LEFT_OUT,
            )

    def _import_all(self, paths: list[Path], plan: Plan) -> int:
        """Import the files and print a report on each; returns the number of issues and files left out."""
        observer = _ConsoleObserver(self.stdout, self.stderr)
        left_out_count = 0
        try:
            for report in import_one_by_one(find_sources(paths), plan, observer, record=_record):
                observer.end()
                self._print(report, observer)
                left_out_count += report.left_out_count
        finally:
            observer.end()
        return left_out_count

    def _print(self, report: FileReport, observer: "_ConsoleObserver") -> None:
        others = observer.reject_list.describe_others()
        if others:
            self.stderr.write(f"{report.name}: {others}")
        output = self.stdout
        if report.left_out_count and not report.is_imported:
            output = self.stderr
        for line in describe(report):
            output.write(line)
        if report.rejects:
            output.write(f"  Rejected issues, unchanged: {report.rejects}. Fix them and import this file.")


class _ConsoleObserver(Observer):
    """Draws a file's progress and prints its rejected issues."""

    def __init__(self, stdout: Output, stderr: Output) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._name = ""
        self._bar: ProgressBar | None = None
        self.reject_list = RejectList()

    def begin_file(self, source: Source) -> None:
        self._name = source.name
        self.reject_list = RejectList()

    def report_read(self, record_count: int, share: float) -> None:
        self._draw("read", record_count, share)

    def report_written(self, record_count: int, share: float) -> None:
        self._draw("written", record_count, share)

    def report_reject(self, rejected: UnreadableRecord) -> None:
        line = self.reject_list.add(rejected)
        if line:
            self._stderr.write(line)

    def end(self) -> None:
        """The file is done, in whatever way."""
        if self._bar is not None:
            self._bar.end()
        self._bar = None

    def _draw(self, what: str, record_count: int, share: float) -> None:
        if self._bar is None or self._bar.what != what:
            self.end()
            self._bar = ProgressBar(self._stdout, self._name, what)
        self._bar.report(record_count, share)


def _record(report: FileReport) -> None:
    """Add the file to the history; a dry run adds nothing."""
    if report.import_id is not None:
        record_import(report.import_id, report)


def _make_plan(options: dict[str, Any]) -> Plan:
    rejects = options["rejects"]
    if not rejects.is_dir():
        raise CommandError(f"--rejects {rejects} isn't a folder.")
    try:
        chosen = ImportOptions.from_command(options)
    except InvalidOption as error:
        option = error.name.replace("_", "-")
        raise CommandError(f"--{option} {error.reason}") from error
    plan = chosen.make_plan(operator=operator_name(), now=timezone.now(), rejects=rejects, hints=COMMAND_HINTS)
    if plan.is_dry_run:
        return plan
    return replace(plan, open_history=lambda name: open_import(operator_name(), name))
