"""Events are kept for AUDIT_KEEP_DAYS, and then deleted in batches."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from accounts import audit_retention
from accounts.models import AuditEvent, AuditRetention
from jobs.findings import check_audit_trail

pytestmark = pytest.mark.django_db


def events_of(*days: int) -> None:
    for number in days:
        AuditEvent.objects.create(action="token.revoked", at=timezone.now() - datetime.timedelta(days=number))


def ages() -> list[int]:
    kept = AuditEvent.objects.filter(action="token.revoked").order_by("at")
    return [(timezone.now() - event.at).days for event in kept]


def test_it_works(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 90
    events_of(200, 91, 89, 1)
    audit_retention.delete_expired()
    assert ages() == [89, 1]
    event = AuditEvent.objects.get(action="audit.expired")
    assert event.details["count"] == 2
    assert (timezone.now() - AuditRetention.objects.get().kept_since).days == 90


def test_nothing_to_delete_writes_nothing(settings: Any, django_assert_num_queries: Any) -> None:
    events_of(1)
    with django_assert_num_queries(1):
        audit_retention.delete_expired()
    settings.AUDIT_KEEP_DAYS = 0
    events_of(10_000)
    with django_assert_num_queries(0):
        audit_retention.delete_expired()
    assert ages() == [10_000, 1]


def test_the_shortest_time_is_allowed_by_the_trigger(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 30
    events_of(31, 29)
    audit_retention.delete_expired()
    audit_retention.delete_expired()
    assert ages() == [29]


def test_many_events_are_deleted_in_batches(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_retention, "BATCH", 2)
    events_of(1000, 1001, 1002, 1003, 1004, 1)
    audit_retention.delete_expired()
    assert ages() == [1]
    assert [event.details["count"] for event in AuditEvent.objects.filter(action="audit.expired").order_by("pk")] == [
        2,
        2,
        1,
    ]


def test_a_longer_time_keeps_what_a_shorter_one_had_allowed_to_delete(settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 90
    events_of(100)
    audit_retention.delete_expired()
    settings.AUDIT_KEEP_DAYS = 730
    events_of(800, 100)
    audit_retention.delete_expired()
    assert ages() == [100]
    assert (timezone.now() - AuditRetention.objects.get().kept_since).days == 730


def test_the_doctor_reports_on_the_trail() -> None:
    assert list(check_audit_trail()) == [(True, "Audit trail: the database keeps it append-only.")]
