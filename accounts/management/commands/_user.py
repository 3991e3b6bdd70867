"""The user that a command is about."""

from django.core.management.base import CommandError

from accounts.models import User


def find_user(email: str) -> User:
    """The user with this address, in any case; raises CommandError if there is none."""
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        raise CommandError(f"There is no user {email}. Create one with: manage.py create_admin {email}")
    return user
