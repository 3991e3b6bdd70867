"""Authentication of REST requests: HTTP Basic with an API token, or an OAuth2 bearer token.

A valid token is always accepted, however often others fail, so that polling is not disturbed. Failures are counted,
and beyond the limit they get 429. Guessing 32 random characters is hopeless in any case: the limit keeps the load low.
"""

import re
from urllib.parse import quote

from django.conf import settings
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework.authentication import BaseAuthentication, BasicAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from accounts import audit, throttle
from accounts.audit_actions import Outcome
from accounts.models import ApiToken, User

REALM = "Archive Export Portal"
NO_HASH = "sha512$$" + "0" * 128
"""The hash of no token."""
PREFIX_PATTERN = re.compile(r"[A-Za-z0-9]{8}\.", re.ASCII)


class _ChallengeMixin(BaseAuthentication):
    """Every 401 names both schemes (RFC 9110, 11.6.1), whichever was tried."""

    def authenticate_header(self, request: Request) -> str:
        return f'Basic realm="{REALM}", charset="UTF-8", Bearer realm="{REALM}"'


class ApiTokenAuthentication(_ChallengeMixin, BasicAuthentication):
    """Accepts `Authorization: Basic base64(email:token)` (RFC 7617). A password instead of a token is refused."""

    def authenticate_credentials(  # type: ignore[override]
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[User, ApiToken]:
        """Return the token and its user. A wrong token, a wrong email and a suspended user get the same answer.

        Raises:
            AuthenticationFailed: the credentials are wrong.
            Throttled: the credentials are wrong, and there were too many failures before.
        """
        email = userid.strip().lower()
        token = _find_token(password)
        if not _is_right(token, password) or token is None or token.user.email != email or not token.user.is_active:
            raise _count_and_refuse("basic", request, email=email, on=_target(token))
        return token.user, token


class BearerAuthentication(_ChallengeMixin):
    """Accepts `Authorization: Bearer …` (RFC 6750).

    The user is the one who gave consent or, with client credentials, the application's owner.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """Return the user and the token; None if the request has no such header.

        Raises:
            AuthenticationFailed: the token is unknown, revoked or expired, or the user is suspended.
            Throttled: the same, and there were too many failures before.
        """
        header = get_authorization_header(request).decode("latin-1")
        if not header.lower().startswith("bearer"):
            return None
        token = _find_access_token(header, request)
        user = _user_of(token)
        if token is None or user is None or not user.is_active:
            raise _count_and_refuse("bearer", request)
        return user, token


def _find_access_token(header: str, request: Request) -> AccessToken | None:
    """The valid access token in the header. OAuth toolkit's own lookup would also accept one in query or body."""
    server = get_oauthlib_core().server  # type: ignore[no-untyped-call]
    url = settings.PORTAL_URL + quote(request.path)
    headers = {"Authorization": header}
    is_valid, oauth_request = server.verify_request(url, request.method or "", "", headers, scopes=[])
    if not is_valid:
        return None
    token: AccessToken = oauth_request.access_token
    return token


def _user_of(token: AccessToken | None) -> User | None:
    if token is None:
        return None
    if token.user or not token.application:
        return token.user
    return token.application.user


def _count_and_refuse(
    scheme: str, request: Request | None, *, email: str = "", on: audit.Target = audit.NOTHING
) -> Exception:
    """Count and record the failure, and return the error to raise. Beyond the limit one event is recorded.

    `on` is the API token that has the prefix that was sent, if there is one.
    """
    address = ""
    if request is not None:
        address = request.META.get("REMOTE_ADDR", "")
    seconds = throttle.count_failure("token", account=email, address=address)
    if seconds:
        key = throttle.find_event_key("token", account=email, address=address)
        if key is not None:
            details = {"scheme": scheme, "wait_seconds": seconds}
            audit.record("credential.throttled", on=on, outcome=Outcome.REFUSED, details=details, once=key)
        return Throttled(seconds)
    audit.record("credential.refused", on=on, outcome=Outcome.REFUSED, details={"scheme": scheme})
    return AuthenticationFailed("User is not logged in.")


def _find_token(secret: str) -> ApiToken | None:
    """The token with the prefix of this secret, also if it is revoked or expired, or the secret is wrong."""
    if not PREFIX_PATTERN.match(secret):  # the database would refuse a NUL
        return None
    prefix = secret.partition(".")[0]
    return ApiToken.objects.select_related("user").filter(prefix=prefix).first()


def _is_right(token: ApiToken | None, secret: str) -> bool:
    """Whether this is the token's secret and the token still works. The hash is compared in constant time.

    Without a token as much is hashed, so that the time does not tell which prefixes exist.
    """
    if token is None:
        ApiToken.objects.key_generator.verify(secret, NO_HASH)
        return False
    return bool(token.is_valid(secret)) and not token.revoked and not token.has_expired


def _target(token: ApiToken | None) -> audit.Target:
    if token is None:
        return audit.NOTHING
    return audit.Target("token", token.prefix, f"{token.name} of {token.user.email}")
