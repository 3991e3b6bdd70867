"""`manage.py create_admin EMAIL`: creates the first user, who can then create the others in Admin."""

import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.crypto import get_random_string

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Create an admin, or give an existing user the role. The password is read from ADMIN_PASSWORD. If that is not "
        "set, a new user gets a generated password, printed once, and an existing user keeps theirs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The address the admin signs in with.")
        roles = [role.value for role in User.Role if role.value]
        parser.add_argument("--role", choices=roles, default=User.Role.SITE_ADMIN.value, help="Default: site-admin.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        password = os.environ.get("ADMIN_PASSWORD")
        generated = None
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email)
            if not password:
                generated = get_random_string(20)
        self._save(user, options["role"], password or generated)
        self.stdout.write(f"{email} is {user.get_role_display()}.")
        if generated:
            self.stdout.write(f"Password (shown only once): {generated}")

    def _save(self, user: User, role: str, password: str | None) -> None:
        user.role = role
        user.is_active = True
        user.is_staff = role == User.Role.SITE_ADMIN
        user.is_superuser = user.is_staff
        try:
            if password:
                validate_password(password, user)
                user.set_password(password)
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
