"""What follows from a new password, whoever set it: in the account pages, in Admin, by email or by a command."""

from django.db import transaction

from accounts import audit, sessions
from accounts.models import User


def store(user: User, password: str, *, is_chosen_by_user: bool, except_session: str = "") -> None:
    """Store the password, and end all sessions except the one with this ID.

    Unless the user has chosen it, they must change it before they can do anything else.
    """
    user.set_password(password)
    user.must_change_password = not is_chosen_by_user
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        after_change(user, except_session=except_session)


def after_change(user: User, *, except_session: str = "") -> None:
    """End all sessions except one, after the user's password was stored or taken away."""
    audit.record("password.changed", on=audit.Target("person", user.pk, user.email))
    sessions.end_all(user, "password changed", except_id=except_session)
