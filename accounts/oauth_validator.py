"""What the portal demands of OAuth2 clients beyond OAuth toolkit: consents that end, and owners who may act."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError

from accounts import audit, consents
from accounts.hashers import ClientSecretHasher
from accounts.permissions import MAKE_CREDENTIALS

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
CODE_GRANT = "authorization_code"
REFRESH_GRANT = "refresh_token"


class PortalValidator(OAuth2Validator):
    """OAuth toolkit calls these methods; their names and arguments are its own."""

    def _load_application(self, client_id: str, request: Any) -> Application | None:
        """The application, unless its owner may no longer have one. Every request of a client begins here."""
        application: Application | None = super()._load_application(client_id, request)
        if application is None:
            return None
        if application.user is None or not application.user.has_perm(MAKE_CREDENTIALS):
            request.client = None
            return None
        return application

    def _check_secret(self, provided_secret: str, stored_secret: str) -> bool:
        """Check a client's secret. One that an earlier release hashed slowly is then hashed again."""
        hasher = ClientSecretHasher()
        if not stored_secret.startswith(f"{hasher.algorithm}$"):
            is_right: bool = super()._check_secret(provided_secret, stored_secret)
            return is_right
        if not hasher.verify(provided_secret, stored_secret):
            return False
        if hasher.must_update(stored_secret):
            encoded = hasher.encode(provided_secret, hasher.salt())
            Application.objects.filter(client_secret=stored_secret).update(client_secret=encoded)
        return True

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        is_allowed = super().validate_redirect_uri(client_id, redirect_uri, request, *args, **kwargs)
        return is_allowed and is_registered(request.client, redirect_uri)

    # -- The code: saved with a consent, used once ---------------------------------------------------------

    def save_authorization_code(self, client_id: str, code: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save_authorization_code(client_id, code, request, *args, **kwargs)
            consents.give(request.user, request.client, code["code"], request.scopes, request.redirect_uri)

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        consents.end_if_redeemed(code, client)
        is_valid: bool = super().validate_code(client_id, code, client, request, *args, **kwargs)
        return is_valid

    def get_code_challenge(self, code: str, request: Any) -> Any:
        with _code_may_be_gone(code, request):
            return super().get_code_challenge(code, request)

    def get_code_challenge_method(self, code: str, request: Any) -> Any:
        with _code_may_be_gone(code, request):
            return super().get_code_challenge_method(code, request)

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        with _code_may_be_gone(code, request):
            is_same: bool = super().confirm_redirect_uri(client_id, code, redirect_uri, client, *args, **kwargs)
            return is_same

    def save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().save_bearer_token(token, request, *args, **kwargs)
        except InvalidGrantError:
            if request.grant_type == CODE_GRANT:  # another request used the code at the same moment
                consents.end_if_redeemed(request.code, request.client)
            raise

    def _save_bearer_token(self, token: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Called in a transaction, in which the consent stays locked."""
        request.consent = None
        if request.grant_type in {CODE_GRANT, REFRESH_GRANT}:
            request.consent = self._consent_of(request)
            left = request.consent.expires_at - timezone.now()
            token["scope"] = _common_scopes(token["scope"], request.consent.scopes)
            token["expires_in"] = min(token["expires_in"], int(left.total_seconds()))
        return super()._save_bearer_token(token, request, *args, **kwargs)

    def _consent_of(self, request: Any) -> Any:
        if request.grant_type == CODE_GRANT:
            consent = consents.redeem(request.code, request.client)
        else:
            consent = consents.find_for_refresh(request.refresh_token_instance.token_family)
        if consent is None:
            raise InvalidGrantError(request=request)
        return consent

    def _create_refresh_token(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        refresh_token = super()._create_refresh_token(request, *args, **kwargs)
        if request.consent.token_family is None:
            request.consent.token_family = refresh_token.token_family
            request.consent.save(update_fields=["token_family"])
        return refresh_token

    # -- Refresh tokens and revocation ---------------------------------------------------------------------

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        is_valid: bool = super().validate_refresh_token(refresh_token, client, request, *args, **kwargs)
        if not is_valid:
            consents.end_unused(_families(refresh_token), "refresh token used twice")
        return is_valid

    def revoke_token(self, token: str, token_type_hint: str, request: Any, *args: Any, **kwargs: Any) -> None:
        families = _families(token, application=request.client)
        is_known = bool(families) or _is_access_token(token, request.client)
        super().revoke_token(token, token_type_hint, request, *args, **kwargs)
        consents.end_unused(families, "revoked by the application")
        if is_known:
            audit.record("access_token.revoked", on=consents.target(request.client))

    # -- Access tokens -------------------------------------------------------------------------------------

    def _load_access_token(self, token: str) -> AccessToken | None:
        """The access token, unless the owner of its application is suspended."""
        tokens = AccessToken.objects.select_related("application__user", "user")
        found: AccessToken | None = tokens.filter(token_checksum=consents.checksum(token)).first()
        if found is None or found.application is None or found.application.user is None:
            return None
        if not found.application.user.is_active:
            return None
        return found


@contextmanager
def _code_may_be_gone(code: str, request: Any) -> Iterator[None]:
    """OAuth toolkit reads the code's row several times. Another request may use the code between two of them."""
    try:
        yield
    except Grant.DoesNotExist as error:
        consents.end_if_redeemed(code, request.client)
        raise InvalidGrantError(request=request) from error


def is_registered(application: Application, redirect_uri: str) -> bool:
    """Whether the application registered exactly this URI.

    Of a native app on the user's device, a loopback URI may have another port: the system chooses it (RFC 8252, 7.3).
    """
    registered = application.redirect_uris.split()
    if redirect_uri in registered:
        return True
    if application.client_type != "public":
        return False
    return any(_differs_by_loopback_port(redirect_uri, uri) for uri in registered)


def _differs_by_loopback_port(redirect_uri: str, registered: str) -> bool:
    sent = urlsplit(redirect_uri)
    known = urlsplit(registered)
    is_loopback = known.scheme == "http" and known.hostname in LOOPBACK
    is_same_host = sent.hostname == known.hostname and "@" not in sent.netloc
    return is_loopback and is_same_host and sent._replace(netloc=known.netloc).geturl() == registered


def _common_scopes(scope: str, allowed: Sequence[str]) -> str:
    """The scopes that are still allowed: the user may have taken one out meanwhile."""
    return " ".join(name for name in scope.split() if name in allowed)


def _families(token: str, **lookup: Any) -> Sequence[uuid.UUID]:
    """The families of the refresh token, or of the refresh token that came with the access token."""
    checksum = consents.checksum(token)
    is_meant = Q(token_checksum=checksum) | Q(access_token__token_checksum=checksum)
    tokens = RefreshToken.objects.filter(is_meant, **lookup).values_list("token_family", flat=True)
    return [family for family in tokens.distinct() if family is not None]


def _is_access_token(token: str, application: Application) -> bool:
    return bool(AccessToken.objects.filter(token_checksum=consents.checksum(token), application=application).exists())
