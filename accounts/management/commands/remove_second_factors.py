"""`manage.py remove_second_factors EMAIL`: for someone who has lost their phone, their passkeys and their codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import second_factors
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Remove all second factors and recovery codes of a user who has lost them, and end their sessions. Make sure "
        "that it is really the user who asks. Site admins can do the same in Admin."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The address the user signs in with.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            raise CommandError(f"There is no user {email}.")
        if second_factors.remove_all(user, by=None):
            self.stdout.write(f"{email} has no second factor any more.")
        else:
            self.stdout.write(f"{email} had no second factor.")
