"""HTTP Basic with an e-mail and an API token, as Jira's clients send it."""

import datetime

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BasicAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User

LAST_USED_STEP = datetime.timedelta(minutes=1)


class ApiTokenAuthentication(BasicAuthentication):
    """Accept `Authorization: Basic base64(e-mail:token)` (RFC 7617); a password does not open the API."""

    www_authenticate_realm = "Archive Export Portal"

    def authenticate_credentials(  # type: ignore[override]
        self, userid: str, password: str, request: Request | None = None
    ) -> tuple[User, ApiToken]:
        """Find the token, and say the same of a wrong token, a wrong e-mail and a suspended user.

        Raises:
            AuthenticationFailed: whatever was wrong, in one sentence.
        """
        token = _usable_token(password)
        if token is None or token.user.email != userid.strip().lower() or not token.user.is_active:
            raise AuthenticationFailed("User is not logged in.")
        _note_use(token)
        return token.user, token


def _usable_token(secret: str) -> ApiToken | None:
    """The token with this secret, unless revoked or expired; the hash is compared in constant time."""
    usable = ApiToken.objects.select_related("user").filter(revoked=False)
    token = usable.filter(prefix=secret.partition(".")[0]).first()
    return token if token and token.is_valid(secret) and not token.has_expired else None


def _note_use(token: ApiToken) -> None:
    """Note the use once a minute, so that polling does not write at every request."""
    now = timezone.now()
    stale = Q(last_used=None) | Q(last_used__lt=now - LAST_USED_STEP)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used=now)
