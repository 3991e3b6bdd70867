"""API tokens: creating, revoking and listing them, for pages, commands and tests alike."""

import datetime
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import ApiToken, User
from accounts.roles import check_may_make_credentials
from accounts.scopes import READ, SCOPES, WRITE
from core.formats import rfc3339

MAX_NAME_LENGTH = 50


def create_token(
    user: User,
    name: str,
    *,
    expires: datetime.datetime | None = None,
    scopes: Iterable[str] = (READ, WRITE),
    replace: bool = False,
) -> tuple[ApiToken, str]:
    """Create a token and return it with its secret, which cannot be read again.

    `scopes` says what the token can do. Without `expires` it works for API_TOKEN_MAX_DAYS. With `replace`, other tokens
    of the same user and name are revoked.

    Raises:
        MayNotMakeCredentials: no role of the user lets them, or they are suspended.
        ValidationError: the name has 0 or more than 50 characters, a scope is unknown, there is no scope, or `expires`
            is in the past or later than API_TOKEN_MAX_DAYS.
    """
    name = name.strip()
    wanted = sorted(set(scopes))
    _check_name(name)
    check_scopes(wanted)
    token = ApiToken(user=user, name=name, expiry_date=_checked_expiry(expires), scope=" ".join(wanted))
    with transaction.atomic():
        check_may_make_credentials(user)
        replaced_count = 0
        if replace:
            replaced_count = ApiToken.objects.filter(user=user, name=name, revoked=False).update(revoked=True)
        secret: str = ApiToken.objects.assign_key(token)
        token.save()
        audit.record(
            "token.created",
            on=_target(token),
            details={"scopes": wanted, "expires_at": rfc3339(token.expires_at), "replaced_count": replaced_count},
        )
    return token, secret


def revoke_token(user: User, token_id: str) -> bool:
    """Revoke a token of this user at once; False if the user has no unrevoked token with this ID."""
    return revoke_tokens(ApiToken.objects.filter(pk=token_id, user=user)) > 0


def revoke_tokens(tokens: QuerySet[ApiToken]) -> int:
    """Revoke these tokens at once, and return how many were not revoked before."""
    revoked_count = 0
    with transaction.atomic():
        for token in tokens.filter(revoked=False).select_related("user"):
            is_revoked = ApiToken.objects.filter(pk=token.pk, revoked=False).update(revoked=True)
            if is_revoked:
                audit.record("token.revoked", on=_target(token))
                revoked_count += 1
    return revoked_count


def tokens_of(user: User) -> list[ApiToken]:
    """This user's tokens that are neither revoked nor expired, newest first."""
    tokens = ApiToken.objects.filter(user=user, revoked=False).order_by("-created")
    return [token for token in tokens if not token.has_expired]


def check_scopes(scopes: Sequence[str]) -> None:
    """Raise ValidationError if there is no scope, or one that is unknown."""
    if not scopes:
        raise ValidationError(f"Choose at least one scope: {' or '.join(SCOPES)}.")
    for scope in scopes:
        if scope not in SCOPES:
            raise ValidationError(f"Unknown scope '{scope}'. Use {' or '.join(SCOPES)}.")


def _check_name(name: str) -> None:
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise ValidationError(f"The name '{name}' has {len(name)} characters. Use 1 to {MAX_NAME_LENGTH}.")


def _checked_expiry(expires: datetime.datetime | None) -> datetime.datetime:
    now = timezone.now()
    latest = now + datetime.timedelta(days=settings.API_TOKEN_MAX_DAYS)
    if expires is None:
        return latest
    if expires <= now:
        raise ValidationError(f"The expiry {expires:%Y-%m-%d %H:%M %Z} is in the past. Choose a later one.")
    if expires > latest:
        raise ValidationError(
            f"The expiry {expires:%Y-%m-%d %H:%M %Z} is more than {settings.API_TOKEN_MAX_DAYS} days from now, the "
            "longest that this site allows. Choose an earlier one."
        )
    return expires


def _target(token: ApiToken) -> audit.Target:
    return audit.Target("token", token.prefix, f"{token.name} of {token.user.email}")
