"""Consents: which OAuth2 applications may act for a user, with which scopes, and until when.

A consent is locked before tokens are made for it, and when it is ended. So whoever ends one ends every token, also one
that is being made at the same moment.
"""

import datetime
import uuid
from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken, clear_expired

from accounts import audit
from accounts.models import Consent, User
from accounts.permissions import MAKE_CREDENTIALS
from accounts.roles import check_may_make_credentials

KEPT = datetime.timedelta(days=90)
"""How long consents that have ended stay in the database."""


def next_expiry() -> datetime.datetime:
    """When a consent that is given now ends."""
    return timezone.now() + datetime.timedelta(days=settings.OAUTH_CONSENT_DAYS)


def give(user: User, application: Application, code: str, scopes: Sequence[str], redirect_uri: str) -> None:
    """Record that the user allows this. Call it in the transaction that saves the code.

    Raises:
        MayNotMakeCredentials: no role of the user lets them, or they are suspended.
    """
    check_may_make_credentials(user)
    Consent.objects.create(
        user=user,
        application=application,
        scope=" ".join(scopes),
        redirect_uri=redirect_uri,
        code_checksum=checksum(code),
        expires_at=next_expiry(),
    )
    audit.record("grant.given", on=target(application), user=user, details={"scopes": scopes})


def redeem(code: str, application: Application) -> Consent | None:
    """Use the code, which works once, and return its consent; None if it can't be used. Call it in a transaction."""
    consent = _locked(code_checksum=checksum(code), application=application)
    if consent is None or consent.redeemed_at is not None or not is_live(consent):
        return None
    consent.redeemed_at = timezone.now()
    consent.save(update_fields=["redeemed_at"])
    return consent


def find_for_refresh(family: uuid.UUID | None) -> Consent | None:
    """The consent of these refresh tokens, locked until the transaction ends; None if it does not allow new tokens."""
    if family is None:
        return None
    consent = _locked(token_family=family)
    if consent is None or not is_live(consent):
        return None
    return consent


def is_live(consent: Consent) -> bool:
    """Whether the application may act for the user now."""
    is_over = consent.ended_at is not None or consent.expires_at <= timezone.now()
    return not is_over and consent.user.has_perm(MAKE_CREDENTIALS)


def end_if_redeemed(code: str, application: Application) -> None:
    """End the consent whose code was used before: one who uses it again may have stolen it (RFC 6749, 4.1.2)."""
    for consent in Consent.objects.filter(code_checksum=checksum(code), application=application):
        if consent.redeemed_at is not None:
            end(consent, "code used twice")


def end_unused(families: Sequence[uuid.UUID], reason: str) -> None:
    """End the consents of these families that no refresh token of theirs can continue."""
    for consent in Consent.objects.filter(token_family__in=families, ended_at=None):
        if not RefreshToken.objects.filter(token_family=consent.token_family, revoked=None).exists():
            end(consent, reason)


def end(consent: Consent, reason: str) -> bool:
    """End a consent with all its tokens at once; False if it has ended before."""
    with transaction.atomic():
        is_ended = Consent.objects.filter(pk=consent.pk, ended_at=None).update(ended_at=timezone.now())
        if not is_ended:
            return False
        consent.refresh_from_db()
        Grant.objects.filter(user=consent.user, application=consent.application).delete()
        RefreshToken.revoke_family(consent.token_family)
        audit.record(
            "grant.ended",
            on=target(consent.application),
            details={"scopes": consent.scopes, "reason": reason, "given_by": consent.user.email},
        )
    return True


def end_for_user(user: User, consent_id: int) -> bool:
    """End a consent that this user gave; False if there is none with this ID."""
    consent = Consent.objects.filter(pk=consent_id, user=user).first()
    return consent is not None and end(consent, "ended by the user")


def narrow(user: User, consent_id: int, scope: str) -> bool:
    """Take a scope out of a consent that this user gave, and out of its tokens at once. Without the last it ends.

    False if there is no such consent, or it does not have the scope.
    """
    with transaction.atomic():
        consent = _locked(pk=consent_id, user=user, ended_at=None)
        if consent is None or scope not in consent.scopes:
            return False
        left = [name for name in consent.scopes if name != scope]
        if not left:
            return end(consent, "last scope removed")
        consent.scope = " ".join(left)
        consent.save(update_fields=["scope"])
        AccessToken.objects.filter(refresh_token__token_family=consent.token_family).update(scope=consent.scope)
        audit.record("grant.narrowed", on=target(consent.application), details={"scopes": left})
    return True


def consents_of(user: User) -> list[Consent]:
    """The consents of this user under which an application can get tokens, newest first."""
    consents = Consent.objects.filter(user=user, ended_at=None, redeemed_at__isnull=False)
    return list(consents.filter(expires_at__gt=timezone.now()).select_related("application__user"))


def end_all(user: User, reason: str) -> None:
    """End every consent that the user gave. Call it in a transaction."""
    for consent in Consent.objects.filter(user=user, ended_at=None):
        end(consent, reason)


def end_for_application(application: Application) -> None:
    """Let nobody make tokens for this application from now on. Call it in the transaction that removes it."""
    Consent.objects.filter(application=application, ended_at=None).update(ended_at=timezone.now())


def delete_old() -> None:
    """Delete codes and tokens that have expired, and consents that were over long ago, or were never used.

    A refresh token that was used is kept until it would have expired: its second use ends the consent.
    """
    clear_expired()  # type: ignore[no-untyped-call]
    limit = timezone.now() - KEPT
    Consent.objects.filter(ended_at__lt=limit).delete()
    Consent.objects.filter(expires_at__lt=limit).delete()
    Consent.objects.filter(redeemed_at=None, given_at__lt=limit).delete()


def target(application: Application) -> audit.Target:
    """The application as the object of an event."""
    return audit.Target("application", application.client_id, application.name)


def _locked(**lookup: object) -> Consent | None:
    consents = Consent.objects.select_for_update(of=("self",), no_key=True).select_related("user", "application")
    return consents.filter(**lookup).first()


def checksum(code: str) -> str:
    """How codes and tokens are found in the database, which does not have them."""
    return sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
