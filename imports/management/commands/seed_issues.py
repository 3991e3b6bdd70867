"""manage.py seed_issues COUNT: sample issues for trying the portal."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports.records import UnreadableRecord
from imports.seed import MAX_COUNT, seed


class Command(BaseCommand):
    help = "Create sample issues. The same COUNT and seed always create the same issues."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=_count, metavar="COUNT", help="how many issues to create")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="create other issues (default: 1)")

    def handle(self, *_args: Any, **options: Any) -> None:
        start = time.monotonic()
        count = options["count"]
        try:
            for done in seed(count, options["seed"]):
                pace = done / max(time.monotonic() - start, 0.001)
                self.stdout.write(f"{done:,} of {count:,} issues ({pace:,.0f} a second)")
        except UnreadableRecord as error:
            raise CommandError(f"A real project in the archive has the key of a sample project. {error}") from error


def _count(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= MAX_COUNT:
        return int(text)
    raise ArgumentTypeError(f"{text!r} isn't a valid number of issues. Use 1 to {MAX_COUNT:,}.")
