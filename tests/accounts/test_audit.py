"""The audit trail: what an event says, that nothing can change it, and that no event is lost or repeated."""

import datetime
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts import audit, audit_context, audit_triggers, pending_events
from accounts.audit_actions import ACTIONS, CredentialKind, Outcome
from accounts.models import AuditEvent, AuditRetention, User
from core.errors import ReadOnlyNow

TOKEN = audit.Target("token", "3fQx9aB1", "nightly")


@pytest.fixture
def locked(settings: Any) -> Callable[[], Any]:
    """Runs the body as if a long write had SQLite's write lock: every INSERT is refused."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            raise ReadOnlyNow
        return execute(sql, params, many, context)

    return lambda: connection.execute_wrapper(refuse)


def recorded() -> Any:
    """All events but those of the users in these tests."""
    return AuditEvent.objects.exclude(action="person.created")


def old_event(days: int) -> AuditEvent:
    return AuditEvent.objects.create(action="token.revoked", at=timezone.now() - datetime.timedelta(days=days))


def allow_deletion_before(days: int) -> None:
    kept_since = timezone.now() - datetime.timedelta(days=days)
    AuditRetention.objects.update_or_create(pk=1, defaults={"kept_since": kept_since})


@pytest.mark.django_db
def test_it_works(alice: User) -> None:
    before = timezone.now()
    audit.record("token.created", on=TOKEN, user=alice, details={"scopes": ["read:jira-work"]})
    event = recorded().get()
    assert abs(event.at - before) < datetime.timedelta(minutes=1)
    assert (event.action, event.outcome, event.user, event.actor) == (
        "token.created",
        Outcome.OK,
        alice,
        "alice@example.com",
    )
    assert (event.object_kind, event.object_id, event.object_label) == ("token", "3fQx9aB1", "nightly")
    assert event.details == {"scopes": ["read:jira-work"]}
    assert (event.address, event.credential) == (None, CredentialKind.NONE)


@pytest.mark.django_db
def test_an_event_stays_readable_when_its_user_is_renamed_or_deleted(dave: User) -> None:
    audit.record("token.revoked", on=TOKEN, user=dave)
    dave.delete()
    event = recorded().get()
    assert event.actor == "dave@example.com"


@pytest.mark.django_db
def test_one_event_costs_one_statement(alice: User, django_assert_num_queries: Any) -> None:
    with transaction.atomic(), django_assert_num_queries(1):
        audit.record("token.revoked", on=TOKEN, user=alice)


def test_unknown_actions_and_details_are_refused() -> None:
    with pytest.raises(ValueError, match="no action token"):
        audit.record("token.stolen")
    with pytest.raises(ValueError, match="has no detail secret"):
        audit.record("token.created", details={"secret": "x"})


def test_no_detail_is_named_like_a_secret() -> None:
    for name, action in ACTIONS.items():
        for detail in action.details:
            assert not {"password", "secret", "key", "code", "token", "cookie"} & set(detail.split("_")), name


@pytest.mark.django_db
def test_details_are_bounded_and_can_be_stored_whatever_they_hold(alice: User) -> None:
    broken = "a\0b\ud800" + "x" * 10_000
    target = audit.Target("token", broken, broken)
    audit.record("token.created", on=target, user=alice, details={"scopes": [broken] * 10_000, "expires_at": broken})
    event = recorded().get()
    assert event.object_label == ("ab?" + "x" * 10_000)[:255]
    assert event.details["expires_at"] == ("ab?" + "x" * 10_000)[: audit.MAX_TEXT]
    assert event.details["scopes"] == [("ab?" + "x" * 10_000)[: audit.MAX_ITEM_TEXT]] * audit.MAX_ITEMS


# -- Append-only -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_database_refuses_every_change_of_an_event() -> None:
    event = old_event(days=1000)
    allow_deletion_before(days=31)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(actor="mallory")
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        event.save()
    assert AuditEvent.objects.get().actor == ""


@pytest.mark.django_db
def test_the_database_refuses_to_delete_an_event_that_retention_keeps() -> None:
    event = old_event(days=1000)
    with pytest.raises(IntegrityError, match="AUDIT_KEEP_DAYS"), transaction.atomic():
        event.delete()
    allow_deletion_before(days=1001)
    with pytest.raises(IntegrityError, match="AUDIT_KEEP_DAYS"), transaction.atomic():
        AuditEvent.objects.all().delete()
    allow_deletion_before(days=999)
    assert AuditEvent.objects.all().delete()[0] == 1


@pytest.mark.django_db
def test_nothing_can_allow_the_deletion_of_the_last_thirty_days() -> None:
    with pytest.raises(IntegrityError, match="at least 30 days"), transaction.atomic():
        allow_deletion_before(days=29)
    allow_deletion_before(days=31)
    with pytest.raises(IntegrityError, match="at least 30 days"), transaction.atomic():
        allow_deletion_before(days=29)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditRetention.objects.create(pk=2, kept_since=timezone.now() - datetime.timedelta(days=31))
    old_event(days=29)
    with pytest.raises(IntegrityError, match="AUDIT_KEEP_DAYS"), transaction.atomic():
        AuditEvent.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no INSERT OR REPLACE")
def test_an_event_is_not_replaced_on_sqlite() -> None:
    event = old_event(days=1)
    sql = "INSERT OR REPLACE INTO accounts_auditevent SELECT * FROM accounts_auditevent WHERE id = %s"
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [event.pk])


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_the_trail_is_not_truncated_on_postgresql() -> None:
    with pytest.raises(IntegrityError, match="AUDIT_KEEP_DAYS"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_auditevent CASCADE")


@pytest.mark.django_db
def test_a_missing_trigger_is_found_and_migrate_creates_it_again() -> None:
    assert audit_triggers.missing_triggers() == []
    on_table = ""
    if connection.vendor == "postgresql":
        on_table = " ON accounts_auditevent"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_no_update{on_table}")
    assert audit_triggers.missing_triggers() == ["audit_no_update"]
    audit_triggers.create_triggers(using="default")
    assert audit_triggers.missing_triggers() == []


# -- With the transaction of what it tells of, and beside a long write ----------------------------------------


@pytest.mark.django_db
def test_what_is_rolled_back_leaves_no_event(alice: User) -> None:
    with transaction.atomic():
        audit.record("token.revoked", on=TOKEN, user=alice)
        transaction.set_rollback(True)
    assert not recorded().exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_beside_a_long_write_waits_in_a_file_and_is_recorded_once(
    alice: User, locked: Any, data_folder: Path
) -> None:
    with locked():
        audit.record("issue.viewed", on=audit.Target("issue", 7, "FOO-7"), user=alice)
    at = timezone.now()
    assert not recorded().exists()
    (path,) = (data_folder / "pending-events").iterdir()
    kept = path.read_text()
    audit.record_pending()
    path.write_text(kept)  # the process died before it deleted the file
    audit.record_pending()
    event = recorded().get()
    assert (event.action, event.object_label, event.actor) == ("issue.viewed", "FOO-7", "alice@example.com")
    assert abs(event.at - at) < datetime.timedelta(minutes=1)
    assert list(pending_events.find_all()) == []


@pytest.mark.django_db
def test_of_several_events_with_one_key_one_is_recorded() -> None:
    for _ in range(2):
        audit.record("settings.changed", once=audit.new_key("settings", 1))
    audit.record("settings.changed", once=audit.new_key("settings", 2))
    assert AuditEvent.objects.count() == 2


# -- Where it comes from -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_event_names_the_command_and_who_ran_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_context, "_process_origin", audit_context.Origin())
    audit_context.start_command("delete_issues")
    audit.record("issues.removed", details={"kind": "deleted", "issue_count": 3})
    event = AuditEvent.objects.get()
    assert (event.credential, event.credential_name) == (CredentialKind.COMMAND, "delete_issues")
    assert event.actor == audit_context.operator_name() != ""


@pytest.mark.django_db
def test_a_session_is_named_without_its_key(client: Any, alice: User) -> None:
    client.force_login(alice)
    key = client.session.session_key
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    request.user = alice
    request.session = client.session

    def view(_request: Any) -> Any:
        audit.record("token.revoked", on=TOKEN)

    audit_context.AuditContextMiddleware(view)(request)
    event = AuditEvent.objects.latest("pk")
    assert (event.address, event.credential, event.user) == ("192.0.2.7", CredentialKind.SESSION, alice)
    assert len(event.credential_id) == audit.SESSION_DIGITS
    assert event.credential_id not in key
    assert key not in audit.as_line(event)


# -- The log -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_event_is_one_line_of_json_after_the_commit(
    alice: User, settings: Any, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.AUDIT_LOG = "stdout"
    logger = logging.getLogger("audit")
    logger.addHandler(caplog.handler)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            target = audit.Target("token", "x", 'a\nb\r\u2028"c\x1b[31m')
            audit.record("token.created", on=target, user=alice)
            assert not caplog.records
    finally:
        logger.removeHandler(caplog.handler)
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.isascii()
    assert line.isprintable()
    logged = json.loads(line)
    assert logged["object_label"] == target.label
    assert logged["at"].endswith("Z")
    assert logged["actor"] == "alice@example.com"


@pytest.mark.django_db
def test_nothing_is_logged_if_the_log_is_off(alice: User, caplog: Any, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        audit.record("token.revoked", on=TOKEN, user=alice)
    assert callbacks == []
