"""manage.py anonymise_account ACCOUNT_ID: a person leaves, the issues stay."""

import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archive.removals import anonymise_account
from core.errors import PortalError


class Command(BaseCommand):
    help = "Replace an account's ID, name and e-mail everywhere in the archive by a random ID. It is logged."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account_id", metavar="ACCOUNT_ID")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *_args: Any, **options: Any) -> None:
        account_id = options["account_id"]
        if not options["yes"] and input(f"This cannot be undone. Type {account_id} to go on: ") != account_id:
            raise CommandError("Nothing was done.")
        try:
            new_id, count = anonymise_account(account_id, getpass.getuser())
        except PortalError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The account is {new_id} now; {count:,} issues name it.")
