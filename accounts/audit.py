"""The audit trail: who did what, when, from where, with which credential, on what, and with which outcome.

    audit.record("token.created", on=audit.Target("token", token.prefix, token.name), details={"scopes": scopes})

An event is recorded in the transaction of what it tells of, if there is one: either both are saved or neither. While
a long write holds SQLite's only write lock, an event that stands alone waits in a file.
"""

import datetime
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from oauth2_provider.models import AbstractAccessToken

from accounts import pending_events
from accounts.audit_actions import ACTIONS, CredentialKind, Outcome
from accounts.audit_context import current_origin, current_request
from accounts.models import ApiToken, AuditEvent, User
from core.errors import ReadOnlyNow
from core.formats import rfc3339

logger = logging.getLogger("audit")

MAX_TEXT = 500
MAX_ITEMS = 200
MAX_ITEM_TEXT = 100
SESSION_DIGITS = 12
OFF = "off"

Details = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """What something was done to: its kind in one word, its ID, and a label for people."""

    kind: str = ""
    id: str | int = ""
    label: str = ""


NOTHING = Target()
Follower = Callable[[AuditEvent], None]
_followers: dict[str, Follower] = {}


def register_follower(action: str, follow: Follower) -> None:
    """Have `follow` called with each event of the action, in the transaction that records it.

    What it stores is then as exact as the trail: nothing is lost and nothing repeated, also beside a long write.
    """
    _followers[action] = follow


def record(
    action: str,
    *,
    on: Target = NOTHING,
    user: User | None = None,
    actor: str = "",
    outcome: Outcome = Outcome.OK,
    details: Details | None = None,
    once: uuid.UUID | None = None,
    is_automatic: bool = False,
) -> None:
    """Add an event to the audit trail.

    The time, the address, the credential and, unless `user` or `actor` is given, the person are those of the current
    request, command or worker. `actor` names someone who is no user of the portal. Long values are cut. Of several
    events with the same `once`, one is recorded. `is_automatic`: nobody's request caused it, though a request may have
    found that it was due.

    Raises:
        ValueError: the action is unknown, or a detail isn't in its list.
    """
    columns = _columns_of_origin(is_automatic=is_automatic) | {
        "action": action,
        "outcome": outcome.value,
        "object_kind": on.kind,
        "object_id": clean(str(on.id), 150),
        "object_label": clean(on.label, 255),
        "details": _checked(action, details or {}),
    }
    if once is not None:
        columns["recorded_once"] = once.hex
    if user is not None:
        columns |= _columns_of_user(user)
    elif actor:
        columns |= {"user_id": None, "actor": clean(actor, 254)}
    try:
        _save(columns)
    except ReadOnlyNow:
        pending_events.keep(columns | {"at": timezone.now().isoformat()})


def record_pending() -> None:
    """Record the events that are kept in files. One that was recorded before its file was deleted is not repeated."""
    for event_id, columns in pending_events.find_all():
        at = datetime.datetime.fromisoformat(columns["at"])
        _save({"recorded_once": event_id.hex} | columns | {"at": at})
        pending_events.discard(event_id)


def new_key(*parts: object) -> uuid.UUID:
    """The ID of an event that several processes may record at once, and that must be recorded once."""
    return uuid.uuid5(uuid.NAMESPACE_OID, " ".join(map(str, parts)))


def clean(text: str, length: int) -> str:
    """The text as any database can store it: without NUL and broken characters, and cut to so many characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:length]


def session_name(session_key: str) -> str:
    """A name under which the events of one session can be found. The key can't be found from it."""
    if not session_key:
        return ""
    return salted_hmac("accounts.audit.session", session_key, algorithm="sha256").hexdigest()[:SESSION_DIGITS]


def as_line(event: AuditEvent) -> str:
    """The event as one line of JSON in ASCII, in which no text can begin a new line."""
    return json.dumps(
        {
            "id": event.pk,
            "at": rfc3339(event.at),
            "action": event.action,
            "outcome": event.outcome,
            "user": event.user_id,
            "actor": event.actor,
            "address": event.address,
            "credential": event.credential,
            "credential_id": event.credential_id,
            "credential_name": event.credential_name,
            "object_kind": event.object_kind,
            "object_id": event.object_id,
            "object_label": event.object_label,
            "details": event.details,
        }
    )


def _save(columns: Mapping[str, Any]) -> None:
    """Insert the event, unless one with the same `recorded_once` exists."""
    event = AuditEvent(**columns)
    if event.recorded_once is None and event.action not in _followers:
        event.save(force_insert=True)
    elif not _save_with_follower(event):
        return
    if settings.AUDIT_LOG != OFF:
        transaction.on_commit(partial(_log, event), robust=True)


def _save_with_follower(event: AuditEvent) -> bool:
    """Insert the event and call what follows it; False if the event was recorded before."""
    with transaction.atomic():
        if event.recorded_once is not None and not _insert_once(event):
            return False
        if event.recorded_once is None:
            event.save(force_insert=True)
        if event.action in _followers:
            _followers[event.action](event)
    return True


def _insert_once(event: AuditEvent) -> bool:
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        if AuditEvent.objects.filter(recorded_once=event.recorded_once).exists():
            return False
        raise
    return True


def _log(event: AuditEvent) -> None:
    logger.info("%s", as_line(event))


# -- Who, from where, with which credential ----------------------------------------------------------------


def _columns_of_origin(*, is_automatic: bool) -> dict[str, Any]:
    request = current_request()
    if request is not None and not is_automatic:
        return _columns_of_request(request)
    origin = current_origin()
    return {
        "actor": clean(origin.actor, 254),
        "credential": origin.credential.value,
        "credential_name": clean(origin.credential_name, 255),
    }


def _columns_of_request(request: HttpRequest) -> dict[str, Any]:
    columns: dict[str, Any] = {"address": request.META.get("REMOTE_ADDR") or None}
    user = getattr(request, "user", None)  # a middleware may refuse a request before anyone is authenticated
    if user is None or not user.is_authenticated:
        return columns | {"credential": CredentialKind.NONE.value}
    return columns | _columns_of_user(user) | _columns_of_credential(request)


def _columns_of_user(user: User) -> dict[str, Any]:
    return {"user_id": user.pk, "actor": user.email}


def _columns_of_credential(request: HttpRequest) -> dict[str, Any]:
    """The kind of credential and what tells it from others: never what could be used to sign in."""
    token = getattr(request, "auth", None)  # Django REST framework sets it
    if isinstance(token, ApiToken):
        return _credential(CredentialKind.TOKEN, token.prefix, token.name)
    if isinstance(token, AbstractAccessToken):
        application = token.application
        if application is None:
            return _credential(CredentialKind.OAUTH2)
        return _credential(CredentialKind.OAUTH2, application.client_id, application.name)
    return _credential(CredentialKind.SESSION, session_name(request.session.session_key or ""))


def _credential(kind: CredentialKind, identity: str = "", name: str = "") -> dict[str, Any]:
    return {"credential": kind.value, "credential_id": clean(identity, 100), "credential_name": clean(name, 255)}


# -- Details -----------------------------------------------------------------------------------------------


def _checked(action: str, details: Details) -> dict[str, Any]:
    if action not in ACTIONS:
        raise ValueError(f"The audit trail has no action {action}. Add it to accounts/audit_actions.py.")
    checked = {}
    for name, value in details.items():
        if name not in ACTIONS[action].details:
            raise ValueError(f"The action {action} has no detail {name}. Add it to accounts/audit_actions.py.")
        checked[name] = bounded(value)
    return checked


def bounded(value: Any) -> Any:
    """The value as JSON can hold it, cut to a limited size."""
    if isinstance(value, Mapping):
        items = list(value.items())[:MAX_ITEMS]
        return {clean(str(name), MAX_ITEM_TEXT): _bounded_item(item) for name, item in items}
    if isinstance(value, list | tuple | set | frozenset):
        return [_bounded_item(item) for item in list(value)[:MAX_ITEMS]]
    return _bounded_item(value, MAX_TEXT)


def _bounded_item(value: Any, length: int = MAX_ITEM_TEXT) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return clean(str(value), length)
