"""Ending everything with which REST clients act for a user."""

from typing import Any

from django.db import transaction
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from accounts import applications, consents, tokens
from accounts.models import ApiToken, User


def end_all(user: User) -> None:
    """End all credentials of the user for good: API tokens, consents with their tokens, and their own applications.

    Nothing brings them back, not even restoring the user. Applications are removed, because whoever knows an
    application's secret could get new tokens. What is being made at the same moment is ended too, or not made.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
        tokens.revoke_tokens(ApiToken.objects.filter(user=user))
        for application in applications.applications_of(user):
            applications.remove_application(user, application.pk)
        consents.end_all(user, "all credentials ended")
        Grant.objects.filter(user=user).delete()
        RefreshToken.objects.filter(user=user).delete()
        AccessToken.objects.filter(user=user).delete()


def end_lost(user: User, **_: Any) -> None:
    """Receiver of `roles.credentials_lost`."""
    end_all(user)
