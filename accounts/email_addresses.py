"""Keeps allauth's email addresses in step with users: each user has exactly one, the one they sign in with.

Site admins create users and know whose address they enter, so it counts as verified. An address that users change
themselves becomes theirs only once they have confirmed it.
"""

from typing import Any

from allauth.account.models import EmailAddress

from accounts import audit
from accounts.models import User


def keep_in_step(*, instance: User, raw: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    """Receiver of post_save of users."""
    if raw or (update_fields is not None and "email" not in update_fields):
        return
    EmailAddress.objects.filter(user=instance).exclude(email=instance.email).delete()
    EmailAddress.objects.update_or_create(
        user=instance, email=instance.email, defaults={"verified": True, "primary": True}
    )


def record_change(
    *, user: User, from_email_address: EmailAddress | None, to_email_address: EmailAddress, **_: Any
) -> None:
    """Receiver of allauth's signal."""
    before = ""
    if from_email_address is not None:
        before = from_email_address.email
    details = {"before": before, "after": to_email_address.email}
    audit.record("person.email_changed", on=audit.Target("person", user.pk, to_email_address.email), details=details)
