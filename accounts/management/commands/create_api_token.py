"""`manage.py create_api_token EMAIL --name NAME`: a secret for a person's clients."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.scopes import SCOPES
from accounts.tokens import create_token


class Command(BaseCommand):
    help = (
        "Create an API token; the last line of the output is the token, which cannot be shown again. "
        "A token of the same name is revoked, so that running the command again replaces it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="What the token is for, at most 50 characters.")
        parser.add_argument("--days", type=int, help="How long it works; without it, until it is revoked.")
        parser.add_argument("--scope", action="append", default=[], choices=list(SCOPES), help="Default: all.")

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].strip().lower(), options["name"].strip()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {email}: create one with manage.py create_admin {email}.")
        replaced = ApiToken.objects.filter(user=user, name=name, revoked=False)
        days = options["days"]
        expires = None if days is None else timezone.now() + datetime.timedelta(days=days)
        try:
            with transaction.atomic():
                is_replacement = replaced.update(revoked=True)
                _, secret = create_token(user, name, expires=expires, scopes=options["scope"])
        except ValidationError as error:
            raise CommandError(error.message) from error
        self.stderr.write(f"Token '{name}' of {email}" + (", in place of the one before." if is_replacement else "."))
        self.stdout.write(secret)
