"""manage.py anonymise_account ACCOUNT_ID: remove a person from the archive, but none of the issues."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit_context import operator_name
from archive.management.commands._confirmation import confirm
from archive.removals import anonymise_account, find_account
from core.errors import PortalError


class Command(BaseCommand):
    help = (
        "Replace an account's ID with a random one everywhere in the archive, and remove its name and email. "
        "The change is recorded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account_id", metavar="ACCOUNT_ID", help="The person's account ID in Jira.")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")

    def handle(self, *_args: Any, **options: Any) -> None:
        account_id = options["account_id"]
        try:
            find_account(account_id)
            confirm("This cannot be undone.", account_id, is_confirmed=options["yes"])
            new_id, issue_count = anonymise_account(account_id, operator_name())
        except PortalError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"The account ID is now {new_id}. Issues that refer to it: {issue_count:,}.")
