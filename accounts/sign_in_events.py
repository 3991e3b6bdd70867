"""What the audit trail learns of signing in. Passwords and codes never get here, and no email that is nobody's.

People sometimes type a password into the field for the email, so what was typed is only recorded if it is the email
of a user.
"""

import uuid
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from accounts import audit
from accounts.audit_actions import Outcome
from accounts.models import User

WRONG_CREDENTIALS = "wrong email or password"
SUSPENDED = "suspended"
WRONG_CODE = "wrong code"


def record_signed_in(request: HttpRequest, user: User) -> None:
    """Record a sign-in that has passed all its steps, with the names of the steps."""
    names = [_name_of(record) for record in get_authentication_records(request, user)]
    audit.record("session.started", on=_person(user), user=user, details={"method": " + ".join(names)})


def record_refused(email: str, reason: str = WRONG_CREDENTIALS) -> None:
    """Record that someone gave a wrong password, or a right one for a user who is suspended."""
    user = _find(email)
    if user is not None and not user.is_active:
        reason = SUSPENDED
    _record("session.started", user, {"method": "password", "reason": reason})


def record_refused_by_provider(provider: str, reason: str) -> None:
    """Record that someone came back from a single sign-on provider and was not let in."""
    _record("session.started", None, {"method": provider, "reason": reason})


def record_throttled(email: str, seconds: int, once: uuid.UUID) -> None:
    """Record that further attempts are refused for so long, right or wrong; once for each `once`."""
    _record("session.throttled", _find(email), {"wait_seconds": seconds}, once=once)


def record_wrong_code(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    """Receiver of allauth's signal."""
    _record("session.started", user, {"method": authenticator.type, "reason": WRONG_CODE})


def record_signed_out(*, user: User | None, **_: Any) -> None:
    """Receiver of Django's signal. Nobody may have been signed in."""
    if user is not None:
        audit.record("session.ended", on=_person(user), user=user, details={"reason": "signed out", "count": 1})


def record_confirmed(request: HttpRequest, user: User) -> None:
    """Record that a user who is signed in proved their identity again."""
    records = get_authentication_records(request, user)
    audit.record("session.confirmed", on=_person(user), details={"method": _name_of(records[-1])})


def _record(action: str, user: User | None, details: dict[str, Any], once: uuid.UUID | None = None) -> None:
    """Record an attempt on this user's account, if there is one. Who made it is unknown."""
    on = audit.NOTHING
    if user is not None:
        on = _person(user)
    audit.record(action, on=on, outcome=Outcome.REFUSED, details=details, once=once)


def _find(email: str) -> User | None:
    return User.objects.filter(email=email.strip().lower()).first()


def _name_of(record: dict[str, Any]) -> str:
    """Such as `password`, `totp`, `webauthn`, or a provider's ID."""
    name: str = record.get("provider") or record.get("type") or record["method"]
    return name


def _person(user: User) -> audit.Target:
    return audit.Target("person", user.pk, user.email)
