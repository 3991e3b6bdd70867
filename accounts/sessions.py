"""The sessions of people who are signed in: listed, ended, and noted as used."""

import datetime
from contextlib import suppress
from typing import Any

from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from accounts import audit
from accounts.models import Session, User
from accounts.session_store import hash_key
from core.errors import ReadOnlyNow

LAST_SEEN_PRECISION = datetime.timedelta(minutes=1)
MAX_BROWSER = Session._meta.get_field("browser").max_length or 0


def sessions_of(user: User) -> list[Session]:
    """This user's sessions that are not over, the most recently used first."""
    return list(Session.objects.alive().filter(user=user).order_by("-last_seen_at"))


def current_id(request: HttpRequest) -> str:
    """The ID of the session of this request."""
    return hash_key(request.session.session_key)


def end(user: User, session_id: str, reason: str) -> bool:
    """End one session of this user at once. False if there is none with this ID. `reason` is for the audit trail."""
    return _end(user, Session.objects.filter(pk=session_id), reason) > 0


def end_all(user: User, reason: str, *, except_id: str = "") -> int:
    """End all sessions of this user at once, except one. Returns how many there were.

    They stay ended: nothing revives them.
    """
    return _end(user, Session.objects.exclude(pk=except_id), reason)


def record_use(request: HttpRequest) -> None:
    """Note when and from where the session was used, at most once a minute unless the place changes."""
    session = getattr(request.session, "row", None)
    if session is None:
        return
    now = timezone.now()
    address = request.META["REMOTE_ADDR"]
    browser = audit.clean(request.headers.get("User-Agent", ""), MAX_BROWSER)
    is_recent = session.last_seen_at > now - LAST_SEEN_PRECISION
    if is_recent and (session.address, session.browser) == (address, browser):
        return
    with suppress(ReadOnlyNow):  # the next request records it
        Session.objects.filter(pk=session.pk).update(last_seen_at=Now(), address=address, browser=browser)


def _end(user: User, sessions: Any, reason: str) -> int:
    count, _ = sessions.filter(user=user).delete()
    if count:
        person = audit.Target("person", user.pk, user.email)
        audit.record("session.ended", on=person, details={"reason": reason, "count": count})
    return int(count)
