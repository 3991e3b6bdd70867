"""`manage.py create_api_token EMAIL --name NAME`: creates a token for a user's REST clients."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.errors import MayNotMakeCredentials
from accounts.models import ApiToken, User
from accounts.scopes import READ, SCOPES, WRITE
from accounts.tokens import create_token


class Command(BaseCommand):
    help = (
        "Create an API token. The last line of the output is the token, which cannot be shown again. "
        "An existing token of the same user and name is revoked, so running the command again replaces it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The user whose rights the token has.")
        parser.add_argument("--name", required=True, help="What the token is for; at most 50 characters.")
        parser.add_argument("--days", type=int, help="Days until the token expires. Default: the longest allowed.")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            choices=list(SCOPES),
            help="What the token allows; may be repeated. Default: read:jira-work and write:jira-work.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        name = options["name"].strip()
        user = User.objects.filter(email=email, is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user {email}. Create one with: manage.py create_admin {email}")
        expires = None
        if options["days"] is not None:
            expires = timezone.now() + datetime.timedelta(days=options["days"])
        had_one = ApiToken.objects.filter(user=user, name=name, revoked=False).exists()
        scopes = options["scope"] or [READ, WRITE]
        try:
            _, secret = create_token(user, name, expires=expires, scopes=scopes, replace=True)
        except ValidationError as error:
            raise CommandError(error.message) from error
        except MayNotMakeCredentials as error:
            raise CommandError(f"{email}: {user.role_titles()}. {error}") from error
        self.stderr.write(f"Created token '{name}' for {email}.")
        if had_one:
            self.stderr.write("Revoked the previous token of this name.")
        self.stdout.write(secret)
