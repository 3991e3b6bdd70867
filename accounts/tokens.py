"""API tokens: creating, revoking and listing them, for pages, commands and tests alike."""

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.errors import MayNotMakeCredentials
from accounts.models import ApiToken, User
from accounts.permissions import MAKE_CREDENTIALS
from accounts.scopes import SCOPES

MAX_NAME_LENGTH = 50


def create_token(
    user: User, name: str, *, expires: datetime.datetime | None = None, scopes: Iterable[str] = ()
) -> tuple[ApiToken, str]:
    """Create a token and return it with its secret, which cannot be read again.

    `scopes` limits what the token can do; without any, it has all scopes. Without `expires` it never expires.

    Raises:
        MayNotMakeCredentials: no role of the user lets them.
        ValidationError: the name has 0 or more than 50 characters, a scope is unknown, or `expires` is in the past.
    """
    if not user.has_perm(MAKE_CREDENTIALS):
        raise MayNotMakeCredentials
    name = name.strip()
    wanted = sorted(set(scopes))
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise ValidationError(f"The name '{name}' has {len(name)} characters. Use 1 to {MAX_NAME_LENGTH}.")
    for scope in wanted:
        if scope not in SCOPES:
            raise ValidationError(f"Unknown scope '{scope}'. Use {' or '.join(SCOPES)}.")
    if expires and expires <= timezone.now():
        raise ValidationError(f"The expiry {expires:%Y-%m-%d %H:%M %Z} is in the past. Choose a later one.")
    token = ApiToken(user=user, name=name, expiry_date=expires, scope=" ".join(wanted))
    secret = ApiToken.objects.assign_key(token)
    token.save()
    return token, secret


def revoke_token(user: User, token_id: str) -> bool:
    """Revoke a token of this user at once; False if the user has no unrevoked token with this ID."""
    revoked_count = ApiToken.objects.filter(pk=token_id, user=user, revoked=False).update(revoked=True)
    return revoked_count > 0


def tokens_of(user: User) -> list[ApiToken]:
    """This user's tokens that are neither revoked nor expired, newest first."""
    tokens = ApiToken.objects.filter(user=user, revoked=False).order_by("-created")
    return [token for token in tokens if not token.has_expired]
