"""When and from where a credential was used last, and from which networks it was ever used."""

import datetime
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AccessToken

from accounts import audit
from accounts.models import ApiToken, KnownNetwork
from accounts.throttle import normalize_address
from core.errors import ReadOnlyNow

LAST_USED_PRECISION = datetime.timedelta(minutes=1)


def record_use(credential: ApiToken | AccessToken, address: str) -> None:
    """Record that a valid credential is used from this IP address, and its first use from a network as an event.

    What can't be saved now, because an import writes to SQLite, a later request records.
    """
    with suppress(ReadOnlyNow):
        if isinstance(credential, ApiToken):
            _record_use_of_token(credential, address or None)
        elif credential.application is not None:
            application = credential.application
            target = audit.Target("application", application.client_id, application.name)
            _record_network(target, address, application=application)


def _record_use_of_token(token: ApiToken, address: str | None) -> None:
    """Record the use at most once a minute for an address, so that polling does not write on every request."""
    now = timezone.now()
    limit = now - LAST_USED_PRECISION
    is_same_address = token.last_used_address == address
    if is_same_address and token.last_used_at is not None and token.last_used_at >= limit:
        return
    if not is_same_address:
        _record_network(audit.Target("token", token.prefix, token.name), address or "", token=token)
    is_stale = Q(last_used_at=None) | Q(last_used_at__lt=limit) | ~Q(last_used_address=address)
    ApiToken.objects.filter(is_stale, pk=token.pk).update(last_used_at=now, last_used_address=address)


def _record_network(target: audit.Target, address: str, **owner: Any) -> None:
    network = normalize_address(address)
    with transaction.atomic():
        _, is_new = KnownNetwork.objects.get_or_create(network=network, **owner)
        if is_new:
            audit.record("credential.new_address", on=target, details={"network": network})
