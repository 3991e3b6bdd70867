"""Who sends a REST request: HTTP Basic with an API token, or an OAuth2 bearer token (contract: security schemes).

A token that is right is never refused for how often it comes, so honest polling goes on whatever others try;
wrong ones are counted, and past the limit they are answered 429. Guessing 32 random characters is hopeless
either way: the count is there to keep the noise down.
"""

import datetime
import re
from urllib.parse import quote

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework.authentication import BaseAuthentication, BasicAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.throttle import note_failure

REALM = "Archive Export Portal"
LAST_USED_STEP = datetime.timedelta(minutes=1)
PREFIX_FORM = re.compile(r"[A-Za-z0-9]{8}\.", re.ASCII)


class _Challenging(BaseAuthentication):
    """Names both ways in (RFC 9110, 11.6.1), whichever failed."""

    def authenticate_header(self, request: Request) -> str:
        return f'Basic realm="{REALM}", charset="UTF-8", Bearer realm="{REALM}"'


class ApiTokenAuthentication(_Challenging, BasicAuthentication):
    """Accept `Authorization: Basic base64(e-mail:token)` (RFC 7617); a password does not open the API."""

    def authenticate_credentials(  # type: ignore[override]
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[User, ApiToken]:
        """Find the token, and say the same of a wrong token, a wrong e-mail and a suspended user.

        Raises:
            AuthenticationFailed: whatever was wrong, in one sentence.
            Throttled: the same, too often.
        """
        token, email = _usable_token(password), userid.strip().lower()
        if token is None or token.user.email != email or not token.user.is_active:
            raise _refusal(email, request)
        _note_use(token)
        return token.user, token


class BearerAuthentication(_Challenging):
    """Accept `Authorization: Bearer …` (RFC 6750): the person who consented, or for client credentials the
    application's owner."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        """None without such a header.

        Raises:
            AuthenticationFailed: the token is unknown, revoked or expired, or its person is suspended.
            Throttled: the same, too often.
        """
        header = get_authorization_header(request).decode("latin-1")
        if not header.lower().startswith("bearer"):
            return None
        token = _verified(header, settings.PORTAL_URL + quote(request.path), request.method or "")
        user = token and (token.user or (token.application and token.application.user))
        if not (token and user and user.is_active):
            raise _refusal("", request)
        return user, token


def _verified(header: str, address: str, method: str) -> AccessToken | None:
    """The header alone decides: the toolkit's own way in would read query and body in search of a token."""
    server = get_oauthlib_core().server  # type: ignore[no-untyped-call]
    is_valid, found = server.verify_request(address, method, "", {"Authorization": header}, scopes=[])
    return found.access_token if is_valid else None


def _refusal(email: str, request: Request | None) -> Exception:
    address = request.META.get("REMOTE_ADDR", "") if request else ""
    wait = note_failure("token", account=email, address=address)
    return Throttled(wait) if wait else AuthenticationFailed("User is not logged in.")


def _usable_token(secret: str) -> ApiToken | None:
    """The token with this secret, unless revoked or expired; the hash is compared in constant time."""
    if not PREFIX_FORM.match(secret):
        return None
    usable = ApiToken.objects.select_related("user").filter(revoked=False)
    token = usable.filter(prefix=secret.partition(".")[0]).first()
    return token if token and token.is_valid(secret) and not token.has_expired else None


def _note_use(token: ApiToken) -> None:
    """Note the use once a minute, so that polling does not write at every request."""
    now = timezone.now()
    if token.last_used is None or token.last_used < now - LAST_USED_STEP:
        stale = Q(last_used=None) | Q(last_used__lt=now - LAST_USED_STEP)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used=now)
