"""`manage.py create_admin EMAIL`: creates the first user, who can then create the others in Admin."""

import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.crypto import get_random_string

from accounts import passwords, people, roles
from accounts.models import User
from accounts.permissions import Role


class Command(BaseCommand):
    help = (
        "Create an admin, or give an existing user the role and restore them if they are suspended. The password is "
        "read from ADMIN_PASSWORD. If that is not set, a new user gets a generated password, printed once, and an "
        "existing user keeps theirs. The password must be changed at the first sign-in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The address the admin signs in with.")
        parser.add_argument(
            "--keep-password",
            action="store_true",
            help="Do not ask the admin to change the password at the first sign-in.",
        )
        choices = [Role.JIRA_ADMIN.value, Role.SITE_ADMIN.value]
        parser.add_argument("--role", choices=choices, default=Role.SITE_ADMIN.value, help="Default: site-admin.")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        password = os.environ.get("ADMIN_PASSWORD")
        generated = None
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email)
            if not password:
                generated = get_random_string(20)
        if password or generated:
            user.must_change_password = not options["keep_password"]
        with transaction.atomic():
            self._save(user, password or generated)
            if password or generated:
                passwords.after_change(user)
            people.restore(user, by=None)
            roles.grant(user, options["role"], by=None)
        user = User.objects.get(pk=user.pk)
        self.stdout.write(f"{email} is {user.role_titles()}.")
        if generated:
            self.stdout.write(f"Password (shown only once): {generated}")

    def _save(self, user: User, password: str | None) -> None:
        try:
            if password:
                validate_password(password, user)
                user.set_password(password)
            user.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.save()
