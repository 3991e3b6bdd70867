"""The audit trail in Admin: what reviewers see, find and download, and that it stays fast."""

import csv
import datetime
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts import audit, audit_query
from accounts.audit_actions import ACTIONS, Outcome
from accounts.audit_query import AuditQuery
from accounts.models import AuditEvent, User

LIST = "/admin/accounts/auditevent/"


def record(at: str, action: str = "token.revoked", **columns: Any) -> AuditEvent:
    return AuditEvent.objects.create(at=datetime.datetime.fromisoformat(at), action=action, **columns)


def rows(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{LIST}csv/{query}")
    assert answer.status_code == 200
    text = b"".join(answer).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def client(carol: User) -> Client:
    """Carol is a reviewer."""
    client = Client()
    client.force_login(carol)
    return client


@pytest.mark.django_db
def test_it_works(client: Client, carol: User, alice: User) -> None:
    User.objects.filter(pk=carol.pk).update(time_zone="Asia/Tokyo")
    event = record(
        "2026-01-31T20:00:00.5+00:00",
        "export.downloaded",
        user=alice,
        actor="alice@example.com",
        address="192.0.2.7",
        credential="token",
        credential_id="3fQx9aB1",
        credential_name="nightly",
        object_kind="export",
        object_id="12",
        object_label="Export 12",
        details={"format": "csv", "is_whole": True, "byte_count": 1234567},
    )
    page = client.get(LIST).content.decode()
    assert "Times are in Asia/Tokyo." in page
    shown = ("2026-02-01 05:00:00", "Export downloaded, whole or in part", "alice@example.com", "192.0.2.7")
    for words in (
        *shown,
        "API token 3fQx9aB1 nightly",
        "export 12 Export 12",
        "is whole: yes",
        "byte count: 1,234,567",
    ):
        assert words in page, words
    page = client.get(f"{LIST}{event.pk}/change/").content.decode()
    for words in ("2026-02-01 05:00:00.500000 Asia/Tokyo (2026-01-31 20:00:00 UTC)", "(export.downloaded)"):
        assert words in page, words
    assert 'href="/admin/exports/exportjob/12/change/"' in page
    assert 'name="_save"' not in page


@pytest.mark.django_db
def test_the_list_can_be_filtered(client: Client) -> None:
    record("2026-01-30T23:59:59+00:00", "token.created", actor="first")
    record("2026-01-31T00:00:00+00:00", "token.created", actor="second")
    record("2026-01-31T23:59:59+00:00", "session.started", actor="third", outcome=Outcome.REFUSED)
    record("2026-02-01T00:00:00+00:00", "session.started", actor="fourth")
    queries = {
        "": ["fourth", "third", "second", "first"],
        "?action=token.created": ["second", "first"],
        "?outcome=refused": ["third"],
        "?since=2026-01-31&until=2026-01-31": ["third", "second"],
        "?action=session.started&until=2026-01-31": ["third"],
    }
    for query, names in queries.items():
        page = client.get(f"{LIST}{query}").content.decode()
        shown = [name for name in ("first", "second", "third", "fourth") if f">{name}<" in page]
        assert sorted(shown) == sorted(names), query
        found = [row["who"] for row in rows(client, query) if row["who"] in names]
        assert found == names, query


@pytest.mark.django_db
def test_days_begin_at_midnight_in_the_reviewers_time_zone(client: Client, carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(time_zone="Asia/Tokyo")
    record("2026-01-30T14:59:59+00:00", actor="before")
    record("2026-01-30T15:00:00+00:00", actor="first")
    record("2026-01-31T14:59:59+00:00", actor="last")
    record("2026-01-31T15:00:00+00:00", actor="after")
    page = client.get(f"{LIST}?since=2026-01-31&until=2026-01-31").content.decode()
    assert [name for name in ("before", "first", "last", "after") if f">{name}<" in page] == ["first", "last"]


@pytest.mark.parametrize(
    "query", ["action=no.such", "outcome=x", "since=yesterday", "until=2026-02-30", "since=0001-01-01"]
)
@pytest.mark.django_db
def test_a_filter_that_no_form_sends_is_refused(client: Client, query: str) -> None:
    for path in (LIST, f"{LIST}csv/"):
        answer = client.get(f"{path}?{query}")
        assert (answer.status_code, answer["Location"]) == (302, f"{LIST}?e=1")


@pytest.mark.django_db
def test_the_list_can_be_searched(client: Client, alice: User) -> None:
    record("2026-01-01T00:00:00+00:00", actor="alice@example.com", object_id="by-her")
    record("2026-01-01T00:00:00+00:00", object_kind="person", object_id=str(alice.pk), actor="about-her")
    record("2026-01-01T00:00:00+00:00", user=alice, actor="old@example.com")
    record("2026-01-01T00:00:00+00:00", address="2001:db8::7", credential="token", credential_id="3fQx9aB1")
    record("2026-01-01T00:00:00+00:00", object_kind="export", object_id="12")
    found = {
        " Alice@Example.com": {"alice@example.com", "about-her", "old@example.com"},
        "2001:DB8:0::7": {""},
        "3fQx9aB1": {""},
        "12": {""},
        "nothing": set(),
        "a\0": set(),
    }
    for text, actors in found.items():
        selected = audit_query.search(AuditEvent.objects.exclude(action="person.created"), text)
        assert set(selected.values_list("actor", flat=True)) == actors, text
    assert "1 result" in client.get(f"{LIST}?q=3fQx9aB1").content.decode()


@pytest.mark.django_db
def test_the_csv_file_is_complete_and_harmless(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_query, "BATCH", 3)
    same = "2026-01-01T00:00:00+00:00"
    for number in range(10):
        record(same, actor=f"=cmd|{number}", object_label='ä\r\n,"x"', details={"reason": "@SUM(1)"})
    found = rows(client, "?action=token.revoked")
    assert [row["who"] for row in found] == [f"'=cmd|{number}" for number in reversed(range(10))]
    assert len({row["id"] for row in found}) == 10
    assert found[0]["object name"] == 'ä\r\n,"x"'
    assert json.loads(found[0]["details"]) == {"reason": "@SUM(1)"}
    assert found[0]["time (UTC)"] == "2026-01-01T00:00:00Z"


@pytest.mark.django_db
def test_who_downloads_the_trail_is_in_it(client: Client, carol: User) -> None:
    record("2026-01-01T00:00:00+00:00", object_id="12")
    rows(client, "?action=token.revoked&q=12&since=2026-01-01")
    rows(client, "?q=3fQx9aB1.the-rest-of-a-token")
    first, second = AuditEvent.objects.filter(action="audit.exported").order_by("pk")
    assert first.user == carol
    assert first.details == {"filter": {"action": "token.revoked", "since": "2026-01-01", "search": "12"}}
    assert second.details == {"filter": {}}


@pytest.mark.django_db
def test_nobody_else_sees_the_trail_and_nobody_changes_it(alice: User, bob: User, dave: User) -> None:
    event = record("2026-01-01T00:00:00+00:00")
    for person in (bob, dave):
        client = Client()
        client.force_login(person)
        assert client.get(LIST).status_code == 302
        assert client.get(f"{LIST}csv/").status_code == 302
    client.force_login(alice)
    assert client.post(f"{LIST}{event.pk}/change/", {"actor": "x"}).status_code == 403
    assert client.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{LIST}add/", {}).status_code == 403
    assert AuditEvent.objects.get(pk=event.pk).actor == ""


@pytest.mark.django_db
def test_an_action_of_another_version_is_still_shown(client: Client) -> None:
    event = record("2026-01-01T00:00:00+00:00", "something.forgotten")
    assert "something.forgotten" in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{event.pk}/change/").status_code == 200
    assert rows(client, "?until=2026-01-01")[0]["action"] == "something.forgotten"


# -- Many events ---------------------------------------------------------------------------------------------

MANY = 30_000


@pytest.fixture(scope="module")
def many(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Any:
    """Events with statistics: enough that no planner prefers to read them all."""
    names = list(ACTIONS)
    start = timezone.now() - datetime.timedelta(days=1)
    events = [
        AuditEvent(
            at=start + datetime.timedelta(seconds=number),
            action=names[number % len(names)],
            outcome="refused" if number % 500 == 0 else "ok",
            actor=f"person-{number % 400}@example.com",
            user_id=number % 400,
            address=f"192.0.{number % 100}.{number % 7}",
            credential="token",
            credential_id=f"token-{number % 300}",
            object_kind="export",
            object_id=str(number % 5_000),
        )
        for number in range(MANY)
    ]
    with django_db_blocker.unblock():
        AuditEvent.objects.bulk_create(events, batch_size=2_000)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield
        with connection.cursor() as cursor:
            on_table = " ON accounts_auditevent" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER audit_no_early_delete{on_table}")
        AuditEvent.objects.all().delete()
        from accounts.audit_triggers import create_triggers

        create_triggers(using="default")


def plan(events: Any) -> str:
    sql, params = events.query.sql_with_params()
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", params)
        return "\n".join(str(line[-1]) for line in cursor.fetchall())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({}, ""),
        ({"action": "token.revoked"}, ""),
        ({"outcome": "refused"}, ""),
        ({"since": "2020-01-01", "until": "2020-01-31"}, ""),
        ({"action": "token.revoked", "since": "2020-01-01", "until": "2020-01-31"}, ""),
        ({}, "person-7@example.com"),
        ({}, "192.0.5.5"),
        ({}, "token-7"),
        ({}, "4711"),
    ],
)
def test_every_filter_and_search_uses_an_index(many: None, query: dict[str, str], text: str) -> None:
    events = audit_query.search(AuditQuery.read(query).apply(AuditEvent.objects.all()), text)
    plans = [plan(events.order_by("-at", "-pk")[:100])]
    if query or text:  # without a filter, the count reads the first 10,000 rows, in any order
        plans.append(plan(events.order_by()[:10_000]))
    for steps in plans:
        assert "Seq Scan" not in steps, steps
        assert "SCAN accounts_auditevent\n" not in steps + "\n", steps


@pytest.mark.django_db
def test_a_rare_outcome_of_a_frequent_action_is_found_in_one_index(many: None) -> None:
    """Otherwise all events of the action would be read: with a million of them, for seconds."""
    events = AuditQuery.read({"action": "token.revoked", "outcome": "refused"}).apply(AuditEvent.objects.all())
    assert "audit_by_action_outcome" in plan(events.order_by("-at", "-pk")[:100])


@pytest.mark.django_db
def test_the_list_costs_few_queries_however_many_events_there_are(
    many: None, client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        page = client.get(LIST).content.decode()
    assert "10000 events" in page or "10000 audit events" in page


@pytest.mark.django_db
def test_recording_needs_no_statistics(many: None, alice: User) -> None:
    before = AuditEvent.objects.count()
    audit.record("token.revoked", user=alice)
    assert AuditEvent.objects.count() == before + 1
