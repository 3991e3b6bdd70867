"""What `delete_issues` and `unarchive` share: the filter, the question, the answer."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from archive.models import Removal
from archive.removals import choose_issues, remove_issues
from core.errors import PortalError

OPTIONS = {
    "projects": ("--project", "KEY"),
    "archivedBy": ("--archived-by", "ACCOUNT_ID"),
    "issueTypes": ("--issue-type", "TYPE_ID"),
    "reporters": ("--reporter", "ACCOUNT_ID"),
}
SHOWN = 10


class RemovalCommand(BaseCommand):
    kind: ClassVar[Removal.Kind]
    done: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, (option, metavar) in OPTIONS.items():
            parser.add_argument(option, dest=name, action="append", default=[], metavar=metavar)
        parser.add_argument("--archived-from", metavar="DATE", help="archived on this day or later; needs the other")
        parser.add_argument("--archived-before", metavar="DATE", help="archived before this day")
        parser.add_argument("--key", dest="keys", action="append", default=[], metavar="KEY", help="issue key")
        parser.add_argument("--dry-run", action="store_true", help="count only")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        asked = {name: options[name] for name in OPTIONS if options[name]}
        dates = {"dateAfter": options["archived_from"], "dateBefore": options["archived_before"]}
        if any(dates.values()):
            asked["archivedDateRange"] = {name: value or "" for name, value in dates.items()}
        try:
            issues = choose_issues(asked, options["keys"])
        except PortalError as error:
            raise CommandError(str(error)) from error
        count = issues.count()
        keys = ", ".join(issues.order_by("archived_date", "id").values_list("key", flat=True)[:SHOWN])
        self.stdout.write(f"{count:,} issues{f': {keys}' if keys else ''}{' …' if count > SHOWN else ''}")
        if options["dry_run"] or not count:
            return
        self._confirm(count, is_sure=options["yes"])
        asked |= {"keys": options["keys"]} if options["keys"] else {}
        self.stdout.write(f"{remove_issues(issues, self.kind, getpass.getuser(), asked):,} issues {self.done}.")

    def _confirm(self, count: int, *, is_sure: bool) -> None:
        if is_sure:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nothing was done: nobody can be asked here. Give --yes.")
        if input(f"They cannot be brought back from here. Type {count} to go on: ").strip() != str(count):
            raise CommandError("Nothing was done.")
