"""`manage.py revoke_role EMAIL ROLE`: takes a role away without signing in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import roles
from accounts.errors import LastSiteAdmin
from accounts.management.commands._user import find_user
from accounts.permissions import Role


class Command(BaseCommand):
    help = (
        "Take a role away from a user. Roles that single sign-on gave stay: take the person out of the group in the "
        "provider instead."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The address the user signs in with.")
        parser.add_argument("role", choices=Role.values, help="The role.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = find_user(options["email"])
        try:
            was_revoked = roles.revoke(user, options["role"], by=None)
        except LastSiteAdmin as error:
            raise CommandError(str(error)) from error
        if not was_revoked:
            raise CommandError(f"No site admin or operator gave {user.email} the role {options['role']}.")
        self.stdout.write(f"{user.email}: {user.role_titles()}.")
