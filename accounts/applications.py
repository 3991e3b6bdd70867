"""OAuth2 applications: the clients that users have registered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from oauth2_provider.models import Application

from accounts import audit, consents
from accounts.models import ApplicationScopes, User
from accounts.roles import check_may_make_credentials
from accounts.tokens import check_scopes


@dataclass(frozen=True)
class ApplicationKind:
    """Whether clients of this kind can keep a secret, and how they get their tokens (RFC 6749, 2.1 and 1.3)."""

    title: str
    client_type: str
    grant: str

    @property
    def has_secret(self) -> bool:
        return self.client_type == "confidential"

    @property
    def has_redirect(self) -> bool:
        """Whether users consent in a browser, which is then redirected to the client."""
        return self.grant == "authorization-code"


APPLICATION_KINDS: Mapping[str, ApplicationKind] = {
    "web": ApplicationKind("Web app (confidential client)", "confidential", "authorization-code"),
    "native": ApplicationKind("Mobile or desktop app (public client, PKCE)", "public", "authorization-code"),
    "service": ApplicationKind("Service (client credentials, acts as you)", "confidential", "client-credentials"),
}


def create_application(
    user: User, name: str, kind: str, redirect_uris: str, scopes: Sequence[str]
) -> tuple[Application, str]:
    """Register a client and return it with its secret, which cannot be read again; "" for a public client.

    `kind` is a key of APPLICATION_KINDS. `redirect_uris` are separated by white space; a kind without redirects
    ignores them. The client can't ask for other `scopes` than these.

    Raises:
        MayNotMakeCredentials: no role of the user lets them.
        ValidationError: a redirect URI is invalid or not allowed, the kind needs one and there is none, or there is no
            scope or an unknown one.
    """
    check_scopes(scopes)
    chosen = APPLICATION_KINDS[kind]
    application: Application = Application(
        user=user,
        name=name,
        client_type=chosen.client_type,
        authorization_grant_type=chosen.grant,
    )
    if chosen.has_redirect:
        application.redirect_uris = " ".join(redirect_uris.split())
    secret: str = application.client_secret  # saving replaces it with its hash
    application.full_clean()
    with transaction.atomic():
        check_may_make_credentials(user)
        application.save()
        ApplicationScopes.objects.create(application=application, scope=" ".join(scopes))
        audit.record(
            "application.created",
            on=consents.target(application),
            details={"kind": kind, "redirect_uris": application.redirect_uris.split(), "scopes": scopes},
        )
    if not chosen.has_secret:
        return application, ""
    return application, secret


def remove_application(user: User, application_id: int) -> bool:
    """Remove a client of this user together with its tokens; False if the user has no client with this ID."""
    with transaction.atomic():
        application = Application.objects.filter(pk=application_id, user=user).first()
        if application is None:
            return False
        target = consents.target(application)
        consents.end_for_application(application)
        application.delete()
        audit.record("application.removed", on=target)
    return True


def applications_of(user: User) -> Sequence[Application]:
    """This user's clients, ordered by name."""
    applications = Application.objects.filter(user=user).select_related("allowed_scopes")
    return list(applications.order_by("name", "pk"))
