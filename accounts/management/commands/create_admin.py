"""`manage.py create_admin EMAIL`: the first person who may come in."""

import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.crypto import get_random_string

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Create an admin, or give an existing user the role. The password is read from ADMIN_PASSWORD, "
        "else generated and printed once; an existing user keeps theirs unless ADMIN_PASSWORD is set."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        roles = [role.value for role in User.Role if role.value]
        parser.add_argument("--role", choices=roles, default=User.Role.SITE_ADMIN.value)

    def handle(self, *args: Any, **options: Any) -> None:
        email, given = options["email"].strip().lower(), os.environ.get("ADMIN_PASSWORD")
        user = User.objects.filter(email=email).first()
        password = given or (None if user else get_random_string(20))
        user = user or User(email=email)
        self._give_role(user, options["role"], password)
        self.stdout.write(f"{email} is {user.get_role_display()}.")
        if password and not given:
            self.stdout.write(f"Password, shown this once: {password}")

    def _give_role(self, user: User, role: str, password: str | None) -> None:
        is_site_admin = role == User.Role.SITE_ADMIN
        user.role, user.is_active = role, True
        user.is_staff = user.is_superuser = is_site_admin
        try:
            if password:
                validate_password(password, user)
                user.set_password(password)
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
