"""API tokens: made and revoked here, whoever asks (a page, a command, a test)."""

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.scopes import SCOPES


def create_token(
    user: User, name: str, *, expires: datetime.datetime | None = None, scopes: Iterable[str] = ()
) -> tuple[ApiToken, str]:
    """Make a token; the text is its secret, which nobody can see again.

    `scopes` narrows what the token may do; none of them named means all.

    Raises:
        ValidationError: a name of 0 or over 50 characters, an unknown scope, a date that has passed.
    """
    name, wanted = name.strip(), sorted(set(scopes))
    if not 0 < len(name) <= 50:
        raise ValidationError(f"The name '{name}' has {len(name)} characters: use 1 to 50.")
    if unknown := [scope for scope in wanted if scope not in SCOPES]:
        raise ValidationError(f"There is no scope '{unknown[0]}': use {' or '.join(SCOPES)}.")
    if expires and expires <= timezone.now():
        raise ValidationError(f"The expiry {expires:%Y-%m-%d %H:%M %Z} has passed: choose a later one.")
    token = ApiToken(user=user, name=name, expiry_date=expires, scope=" ".join(wanted))
    secret = ApiToken.objects.assign_key(token)
    token.save()
    return token, secret


def revoke_token(user: User, token_id: str) -> bool:
    """Stop a token of this person at once and for good; False: they have none of this ID in use."""
    return bool(ApiToken.objects.filter(pk=token_id, user=user, revoked=False).update(revoked=True))


def tokens_of(user: User) -> list[ApiToken]:
    """This person's tokens that still open the door, newest first."""
    tokens = ApiToken.objects.filter(user=user, revoked=False).order_by("-created")
    return [token for token in tokens if not token.has_expired]
