"""`manage.py create_api_token EMAIL --name NAME`: a secret for a person's clients."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiToken, User


class Command(BaseCommand):
    help = (
        "Create an API token; the last line of the output is the token, which cannot be shown again. "
        "A token of the same name is revoked, so that running the command again replaces it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="What the token is for, at most 50 characters.")

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].strip().lower(), options["name"].strip()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {email}: create one with manage.py create_admin {email}.")
        if not 0 < len(name) <= 50:
            raise CommandError(f"The name '{name}' has {len(name)} characters: use 1 to 50.")
        replaced = ApiToken.objects.filter(user=user, name=name, revoked=False).update(revoked=True)
        _, token = ApiToken.objects.create_key(user=user, name=name)
        self.stderr.write(f"Token '{name}' of {email}" + (", in place of the one before." if replaced else "."))
        self.stdout.write(token)
