"""Which events of the audit trail someone wants to see. Every filter has an index that begins with its column."""

import datetime
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from accounts.audit_actions import ACTIONS, Outcome
from accounts.models import AuditEvent, User

BATCH = 2_000  # events read at once
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class AuditQuery:
    """`since` and `until` are days in the current time zone, both included. Empty fields match all events."""

    action: str = ""
    outcome: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """Read a page's URL. Raises ValidationError if it has a value that no form of the portal sends."""
        query = cls(
            action=values.get("action", ""),
            outcome=values.get("outcome", ""),
            since=_read_day(values.get("since", "")),
            until=_read_day(values.get("until", "")),
        )
        if query.action and query.action not in ACTIONS:
            raise ValidationError("Unknown action.")
        if query.outcome and query.outcome not in Outcome.values:
            raise ValidationError("Unknown outcome.")
        return query

    def apply(self, events: "QuerySet[AuditEvent]") -> "QuerySet[AuditEvent]":
        if self.action:
            events = events.filter(action=self.action)
        if self.outcome:
            events = events.filter(outcome=self.outcome)
        if self.since:
            events = events.filter(at__gte=_midnight(self.since))
        if self.until:
            events = events.filter(at__lt=_midnight(self.until + ONE_DAY))
        return events


def search(events: "QuerySet[AuditEvent]", text: str) -> "QuerySet[AuditEvent]":
    """The events of or about an email, from an IP address, or with an ID of an object or a credential."""
    text = text.strip().replace("\0", "")
    if not text:
        return events
    if "@" in text:
        return events.filter(_is_about_person(text.lower()))
    address = _read_address(text)
    if address:
        return events.filter(address=address)
    return events.filter(Q(object_id=text) | Q(credential_id=text))


def newest_first(events: "QuerySet[AuditEvent]") -> Iterator[AuditEvent]:
    """All of the events, read in batches by an index: none of the statements takes long, whatever their number."""
    ordered = events.order_by("-at", "-pk")
    batch = list(ordered[:BATCH])
    while batch:
        yield from batch
        last = batch[-1]
        earlier = Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)
        batch = list(ordered.filter(earlier, at__lte=last.at)[:BATCH])


def _is_about_person(email: str) -> Q:
    condition = Q(actor=email)
    user = User.objects.filter(email=email).first()
    if user is not None:
        condition |= Q(user=user) | Q(object_kind="person", object_id=str(user.pk))
    return condition


def _read_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def _read_day(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not 2 <= day.year <= 9998:
        raise ValidationError(f"{text[:20]} isn't a day such as 2026-01-31.")
    return day


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def describe(query: AuditQuery, text: str) -> dict[str, Any]:
    """The filter and the search as details of an event.

    A text that is found nowhere in the trail is left out: somebody may have searched for a whole token.
    """
    found: dict[str, Any] = {}
    for name in ("action", "outcome", "since", "until"):
        value = getattr(query, name)
        if value:
            found[name] = str(value)
    if text and search(AuditEvent.objects.all(), text).exists():
        found["search"] = text
    return found
