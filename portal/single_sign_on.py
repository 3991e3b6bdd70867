"""Reads the OIDC_… environment variables: the single sign-on providers of the site."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from accounts.permissions import Role

# What may follow OIDC_NAME_, and whether it must be set.
PARTS: Mapping[str, bool] = {
    "TITLE": False,
    "ISSUER": True,
    "CLIENT_ID": True,
    "CLIENT_SECRET": True,
    "SCOPES": False,
    "GROUPS_CLAIM": False,
    "ROLE_MAP": False,
}
COMMON = {"OIDC_PROVIDERS", "OIDC_CREATE_USERS"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Provider:
    """`role_map` gives for each of the provider's groups the role of its members. Without one, roles are given here."""

    id: str
    title: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: list[str]
    groups_claim: str
    role_map: dict[str, str]

    def as_app(self) -> dict[str, Any]:
        """The provider as allauth's setting SOCIALACCOUNT_PROVIDERS describes it."""
        return {
            "provider_id": self.id,
            "name": self.title,
            "client_id": self.client_id,
            "secret": self.client_secret,
            "settings": {
                "server_url": self.issuer,
                "oauth_pkce_enabled": True,
                "scope": self.scopes,
                "groups_claim": self.groups_claim,
                "role_map": self.role_map,
            },
        }


def read_providers(names: Iterable[str], environ: Mapping[str, str]) -> list[Provider]:
    """The providers with these names. Raises ImproperlyConfigured, which names the variable and never a secret."""
    providers = [_read_provider(name.strip(), environ) for name in names]
    known = set(COMMON)
    for provider in providers:
        known |= {_variable(provider.id, part) for part in PARTS}
    for name in environ:
        if name.startswith("OIDC_") and name not in known:
            raise ImproperlyConfigured(
                f"{name} is no setting. Use OIDC_PROVIDERS and, for each of them, {_list(known)}."
            )
    return providers


def _read_provider(name: str, environ: Mapping[str, str]) -> Provider:
    if not re.fullmatch(r"[a-z][a-z0-9]{0,29}", name):
        raise ImproperlyConfigured(
            f"OIDC_PROVIDERS names {name!r}. Use names of lower-case letters and digits, such as entra."
        )
    values = {}
    for part, is_required in PARTS.items():
        variable = _variable(name, part)
        values[part] = environ.get(variable, "").strip()
        if is_required and not values[part]:
            raise ImproperlyConfigured(f"{variable} is not set. OIDC_PROVIDERS names {name}.")
    return Provider(
        id=name,
        title=values["TITLE"] or name.capitalize(),
        issuer=_checked_issuer(_variable(name, "ISSUER"), values["ISSUER"]),
        client_id=values["CLIENT_ID"],
        client_secret=values["CLIENT_SECRET"],
        scopes=_scopes(values["SCOPES"]),
        groups_claim=values["GROUPS_CLAIM"] or "groups",
        role_map=_role_map(_variable(name, "ROLE_MAP"), values["ROLE_MAP"]),
    )


def _variable(name: str, part: str) -> str:
    return f"OIDC_{name.upper()}_{part}"


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names - COMMON)) or "OIDC_NAME_ISSUER and so on"


def _checked_issuer(variable: str, issuer: str) -> str:
    url = urlsplit(issuer)
    is_local = url.scheme == "http" and url.hostname in LOOPBACK
    if not (url.scheme == "https" or is_local) or not url.hostname or url.query or url.fragment:
        raise ImproperlyConfigured(f"{variable} is {issuer!r}. Use the provider's issuer, an https address.")
    return issuer


def _scopes(text: str) -> list[str]:
    scopes = text.split() or ["openid", "profile", "email"]
    if "openid" not in scopes:
        scopes = ["openid", *scopes]
    return scopes


def _role_map(variable: str, text: str) -> dict[str, str]:
    """From `group=role; group=role`. A group may contain = and commas, as names in a directory do."""
    roles = {}
    for entry in text.split(";"):
        if not entry.strip():
            continue
        group, equals, role = entry.rpartition("=")
        role = role.strip()
        if not equals or not group.strip() or role not in Role.values:
            known = ", ".join(Role.values)
            raise ImproperlyConfigured(
                f"{variable} has {entry.strip()!r}. Use GROUP=ROLE; GROUP=ROLE. Roles are {known}."
            )
        roles[group.strip()] = role
    return roles
