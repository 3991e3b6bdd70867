"""Whom single sign-on lets in, as which user, and with which roles."""

import logging
from collections.abc import Iterable
from typing import Any, NoReturn

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts import audit, roles, sessions, sign_in_events
from accounts.errors import NoAccessByGroup, NoAccountForSignIn, SignInNotCompleted
from accounts.models import User
from core.error_pages import refusal_page
from core.errors import PortalError

logger = logging.getLogger(__name__)


class SsoAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The providers of the settings. Nobody can add one in the database."""
        found: list[SocialApp] = []
        for apps in _build_apps_from_settings(provider=provider, client_id=client_id).values():
            found += apps
        return found

    def get_requests_session(self) -> requests.Session:
        """A session that follows no redirect: the client's secret goes only to where the provider's description says.

        A redirect raises requests.TooManyRedirects.
        """
        session: requests.Session = super().get_requests_session()  # type: ignore[no-untyped-call]
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False  # pre_social_login creates the users that may be created

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        return True  # allauth only asks for emails that the provider has verified

    def authenticate_by_email(  # type: ignore[override] # a User is no AbstractUser, with names that it does not have
        self, sociallogin: SocialLogin
    ) -> tuple[User, str] | None:
        """The user whose email the provider has verified.

        Not if the user is known to the provider as somebody else already: then the address has changed hands.
        """
        found: Any = super().authenticate_by_email(sociallogin)
        if found is None:
            return None
        others = SocialAccount.objects.filter(user=found[0], provider=sociallogin.account.provider)
        if others.exists():
            return None
        user, email = found
        return user, email

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse whoever may not enter; otherwise make the roles those of the provider's groups.

        Raises:
            ImmediateHttpResponse: the page that says why not.
        """
        provider = sociallogin.provider.app
        role_map = provider.settings["role_map"]
        mapped = _roles_of(sociallogin.account.extra_data, provider.settings["groups_claim"], role_map)
        is_shut_out = bool(role_map) and not mapped
        with transaction.atomic():
            if not sociallogin.is_existing and not is_shut_out:
                self._create_user(sociallogin, provider)
            user = sociallogin.user
            if sociallogin.is_existing and isinstance(user, User):
                self._apply_groups(user, provider, mapped)
        if is_shut_out:
            self._refuse(request, provider, NoAccessByGroup(provider.name))
        if not sociallogin.is_existing:
            self._refuse(request, provider, NoAccountForSignIn(provider.name))

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> NoReturn:
        """The sign-in went wrong on its way. The log says how; whoever forges answers is told nothing."""
        logger.warning("Sign-in by %s was refused: %s %s", provider.app.provider_id, error, exception or "")
        self._refuse(request, provider.app, SignInNotCompleted(provider.app.name))

    def _apply_groups(self, user: User, provider: SocialApp, mapped: set[str]) -> None:
        """Make the roles those of the groups. Whoever is in none any more is signed out everywhere."""
        if not provider.settings["role_map"]:
            return
        roles.sync_from_provider(user, provider.provider_id, mapped)
        if not mapped:
            sessions.end_all(user, f"{provider.provider_id} no longer lets them in")

    def _create_user(self, sociallogin: SocialLogin, provider: SocialApp) -> None:
        verified = [address.email for address in sociallogin.email_addresses if address.verified]
        if not settings.OIDC_CREATE_USERS or not verified:
            return
        if User.objects.filter(email=verified[0].lower()).exists():  # known to the provider as somebody else
            return
        name = audit.clean(str(sociallogin.account.extra_data.get("name") or ""), 150)
        user = User.objects.create_user(verified[0], name=name)
        sociallogin.user = user
        sociallogin.account.user = user
        sociallogin.account.save()
        audit.record("person.created", on=audit.Target("person", user.pk, user.email), actor=provider.provider_id)

    def _refuse(self, request: HttpRequest, provider: SocialApp, error: PortalError) -> NoReturn:
        sign_in_events.record_refused_by_provider(provider.provider_id, error.title)
        raise ImmediateHttpResponse(refusal_page(request, error))


def _roles_of(claims: dict[str, Any], groups_claim: str, role_map: dict[str, str]) -> set[str]:
    """The roles that the person's groups are mapped to."""
    return {role_map[group] for group in _groups_of(claims, groups_claim) if group in role_map}


def _groups_of(claims: dict[str, Any], groups_claim: str) -> Iterable[str]:
    """What the claim holds: one name or a list. `realm_access.roles` is a claim inside of another one."""
    value: Any = claims
    for name in groups_claim.split("."):
        if not isinstance(value, dict):
            return []
        value = value.get(name)
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [group for group in value if isinstance(group, str)]
    return []
