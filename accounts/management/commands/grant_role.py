"""`manage.py grant_role EMAIL ROLE`: gives a user a role without signing in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts import roles
from accounts.management.commands._user import find_user
from accounts.permissions import Role


class Command(BaseCommand):
    help = "Give a user a role. Site admins do this in Admin; use the command if none of them can sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The address the user signs in with.")
        parser.add_argument("role", choices=Role.values, help="The role.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_user(options["email"])
        roles.grant(user, options["role"], by=None)
        self.stdout.write(f"{user.email}: {user.role_titles()}.")
        if not user.is_active:
            self.stdout.write("The user is suspended, so no role counts. A site admin can restore them.")
