"""OAuth2 applications: registered here, whoever asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oauth2_provider.models import AbstractApplication, get_application_model

from accounts.models import User

Application: Any = get_application_model()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Kind:
    """What kind of program it is: how it keeps a secret and how it gets its tokens (RFC 6749, 2.1 and 1.3)."""

    title: str
    client_type: str
    grant: str


KINDS: Mapping[str, Kind] = {
    "web": Kind("A web application: people sign in here and consent", "confidential", "authorization-code"),
    "native": Kind("An app on a device, which can keep no secret: the same, with PKCE", "public", "authorization-code"),
    "service": Kind("A service of your own: acts as you, nobody signs in", "confidential", "client-credentials"),
}


def create_application(user: User, name: str, kind: str, redirect_uris: str) -> tuple[AbstractApplication, str]:
    """Register a program; the text is its secret, which nobody can see again, empty for one that keeps none.

    `redirect_uris` are addresses with white space between.

    Raises:
        ValidationError: an address that is none or not allowed, or none where people come back to one.
    """
    chosen = KINDS[kind]
    application: AbstractApplication = Application(
        user=user,
        name=name,
        client_type=chosen.client_type,
        authorization_grant_type=chosen.grant,
        redirect_uris="" if kind == "service" else " ".join(redirect_uris.split()),
    )
    secret: str = application.client_secret  # the toolkit keeps its hash only
    application.full_clean()
    application.save()
    return application, secret if chosen.client_type == "confidential" else ""


def remove_application(user: User, application_id: int) -> bool:
    """Remove a program of this person, with all its tokens; False: they have none of this ID."""
    removed, _ = Application.objects.filter(pk=application_id, user=user).delete()
    return bool(removed)


def applications_of(user: User) -> Sequence[AbstractApplication]:
    """This person's programs, by name."""
    return list(Application.objects.filter(user=user).order_by("name", "pk"))
