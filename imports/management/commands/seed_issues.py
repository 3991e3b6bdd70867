"""manage.py seed_issues COUNT: an archive to try the portal with."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports.records import UnreadableRecord
from imports.seed import MOST_SEEDED, seed


class Command(BaseCommand):
    help = "Write an archive of made-up issues. The same COUNT and seed always give the same issues."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("count", type=_count, metavar="COUNT")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="another N, other issues (default: 1)")

    def handle(self, *_args: Any, **options: Any) -> None:
        start, count = time.monotonic(), options["count"]
        try:
            for done in seed(count, options["seed"]):
                rate = done / max(time.monotonic() - start, 0.001)
                self.stdout.write(f"{done:,} of {count:,} issues ({rate:,.0f} a second)")
        except UnreadableRecord as error:
            raise CommandError(f"The archive holds a real project with a made-up one's keys. {error}") from error


def _count(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= MOST_SEEDED:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no number of issues from 1 to {MOST_SEEDED:,}.")
