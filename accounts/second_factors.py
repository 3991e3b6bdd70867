"""Second factors: who has one, who must have one, and taking all of them from someone who has lost them."""

import datetime
import time
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit, sessions
from accounts.errors import MayNotChangePeople
from accounts.models import User
from accounts.permissions import CHANGE_PEOPLE, Role

Kind = Authenticator.Type
ADMINS = {Role.SITE_ADMIN, Role.JIRA_ADMIN}
TITLES = {Kind.TOTP: "authenticator app", Kind.WEBAUTHN: "passkey", Kind.RECOVERY_CODES: "recovery codes"}
BY_PROVIDER = "socialaccount"
"""How allauth's records name a sign-in by single sign-on."""


def has_second_factor(user: User) -> bool:
    """Whether the user has an authenticator app or a passkey. Recovery codes alone are none."""
    return Authenticator.objects.filter(user=user, type__in=[Kind.TOTP, Kind.WEBAUTHN]).exists()


def is_missing(request: HttpRequest, user: User) -> bool:
    """Whether MFA_REQUIRED names this user, who has no second factor yet.

    If the user came by single sign-on, second factors are the provider's.
    """
    if settings.MFA_REQUIRED == "off":
        return False
    if settings.MFA_REQUIRED == "admins" and ADMINS.isdisjoint(user.roles):
        return False
    return not came_by_provider(request, user) and not has_second_factor(user)


def came_by_provider(request: HttpRequest, user: User) -> bool:
    """Whether the user came by single sign-on in this session."""
    return any(record["method"] == BY_PROVIDER for record in get_authentication_records(request, user))


def use_code_once(app: Authenticator) -> bool:
    """Note that a code of this app was used. False if one was used in its period of 30 seconds already.

    allauth remembers used codes in a cache, which each process has for itself.
    """
    period = settings.MFA_TOTP_PERIOD
    began = datetime.datetime.fromtimestamp(time.time() // period * period, tz=datetime.UTC)
    is_unused = Q(last_used_at=None) | Q(last_used_at__lt=began)
    return Authenticator.objects.filter(is_unused, pk=app.pk).update(last_used_at=timezone.now()) > 0


def remove_all(user: User, *, by: User | None) -> bool:
    """Take all second factors from a user who has lost them, and end their sessions. False if there were none.

    `by` is None for an operator at the command line.

    Raises:
        MayNotChangePeople: `by` is not a site admin.
    """
    if by is not None and not by.has_perm(CHANGE_PEOPLE):
        raise MayNotChangePeople
    with transaction.atomic():
        count, _ = Authenticator.objects.filter(user=user).delete()
        if count:
            audit.record("second_factor.removed", on=_person(user), details={"kind": "all"})
            sessions.end_all(user, "second factors removed")
    return count > 0


def record_added(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Receiver of allauth's signal."""
    details = {"kind": TITLES[Kind(authenticator.type)]}
    audit.record("second_factor.added", on=_person(user), details=details)


def record_removed(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Receiver of allauth's signal."""
    details = {"kind": TITLES[Kind(authenticator.type)]}
    audit.record("second_factor.removed", on=_person(user), details=details)


def _person(user: User) -> audit.Target:
    return audit.Target("person", user.pk, user.email)
