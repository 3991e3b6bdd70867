"""What the audit trail says about people, refusals, changes in Admin, and settings."""

import ast
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from rest_framework.test import APIClient

from accounts import audit, audit_settings, refusals
from accounts.audit_actions import ACTIONS
from accounts.models import ApiToken, AuditEvent, User
from portal.environment import HIDDEN, Environment, Switch
from portal.variables import GROUPS
from tests.conftest import PASSWORD
from tests.rest_client import ClientOf, basic

pytestmark = pytest.mark.django_db
EXPORT = "/rest/api/3/issues/archive/export"
APPS = ("accounts", "archive", "core", "exports", "imports", "jobs")


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def strings_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_action_is_recorded_somewhere() -> None:
    used: set[str] = set()
    for app in APPS:
        for path in (django_settings.BASE_DIR / app).rglob("*.py"):
            if path.name != "audit_actions.py" and "migrations" not in path.parts:
                used |= strings_in(path)
    assert sorted(set(ACTIONS) - used) == []


# -- Refusals ------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def fresh_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "_limit", refusals._Limit())


def test_a_refused_request_is_recorded_with_its_route(dave: User, client: Client, client_of: ClientOf) -> None:
    client.force_login(dave)
    assert client.get("/exports/4711").status_code == 403
    assert client_of(dave).put(EXPORT, {}, format="json").status_code == 403
    page, rest = events("access.refused")
    assert (page.user, page.outcome, page.credential) == (dave, "refused", "session")
    assert page.details == {"method": "GET", "route": "exports/<int:job_id>"}
    assert (rest.credential, rest.details["method"]) == ("token", "PUT")


def test_strangers_are_refused_without_an_event_each(client: Client) -> None:
    assert client.get("/exports/4711").status_code == 302
    assert not events("access.refused")


def test_a_form_from_elsewhere_is_recorded_as_refused(bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post("/exports/", {}, headers={"origin": "https://evil.example"}).status_code == 403
    (event,) = events("access.refused")
    assert (event.user, event.details) == (bob, {"method": "POST", "route": "exports/"})


def test_repeated_guesses_are_recorded_up_to_the_limit_and_then_once(bob: User, client: Client) -> None:
    form = {"login": bob.email, "password": "wrong"}
    statuses = [client.post("/sign-in", form).status_code for _ in range(15)]
    assert statuses == [200] * 10 + [429] * 5
    refused = events("session.started")
    assert [event.details["reason"] for event in refused] == ["wrong email or password"] * 10
    assert {(event.user, event.actor, event.object_label) for event in refused} == {(None, "", bob.email)}
    (throttled,) = events("session.throttled")
    assert (throttled.object_label, throttled.outcome) == (bob.email, "refused")


def test_what_strangers_type_instead_of_an_email_is_not_recorded(client: Client, db: None) -> None:
    client.post("/sign-in", {"login": "hunter2-hunter2", "password": "x"})
    client.post("/sign-in", {"login": "nobody@example.com", "password": "x"})
    found = events("session.started")
    assert {(event.object_kind, event.object_label, event.actor) for event in found} <= {("", "", "")}
    assert "nobody" not in "".join(audit.as_line(event) for event in found)


def test_one_person_cannot_fill_the_trail_with_refusals(
    dave: User, bob: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_IN_WINDOW", 3)
    for person in (dave, bob):
        client.force_login(person)
        for _ in range(5):
            assert client.get("/imports/").status_code == 403
    assert [event.user for event in events("access.refused")] == [dave] * 3 + [bob] * 3


def test_a_refused_token_is_named_if_it_exists(alice: User, bob: User) -> None:
    token, secret = ApiToken.objects.create_key(user=alice, name="nightly")
    for email, sent in (
        ("alice@example.com", f"{token.prefix}.wrong"),
        ("bob@example.com", secret),
        ("alice@example.com", PASSWORD),
        (PASSWORD, PASSWORD),
    ):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=basic(email, sent))
        assert client.put(EXPORT, {}, format="json").status_code == 401
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.put(EXPORT, {}, format="json").status_code == 401
    found = events("credential.refused")
    assert [event.object_id for event in found] == [token.prefix, token.prefix, "", "", ""]
    assert [event.details["scheme"] for event in found] == ["basic"] * 4 + ["bearer"]
    assert {(event.user, event.actor, event.outcome, event.address) for event in found} == {
        (None, "", "refused", "127.0.0.1")
    }


def test_refused_tokens_are_recorded_up_to_the_limit_only(alice: User) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=basic("alice@example.com", "wrong"))
    statuses = [client.put(EXPORT, {}, format="json").status_code for _ in range(15)]
    assert statuses == [401] * 10 + [429] * 5
    assert len(events("credential.refused")) == 10
    (throttled,) = events("credential.throttled")
    assert throttled.details["wait_seconds"] > 0


# -- People and Admin ----------------------------------------------------------------------------------------


def test_a_new_person_and_their_profile(alice: User, client: Client) -> None:
    bea = User.objects.create_user("bea@example.com", PASSWORD)
    assert events("person.created")[-1].object_label == "bea@example.com"
    client.force_login(bea)
    client.post("/account", {"name": "Bea", "time_zone": ""})
    client.post("/account", {"name": "Bea", "time_zone": ""})
    (event,) = events("person.changed")
    assert (event.user, event.object_id, event.details) == (bea, str(bea.pk), {"fields": ["name"]})


def test_a_change_in_admin_says_what_was_changed(alice: User, dave: User, client: Client) -> None:
    client.force_login(alice)
    form = {"email": dave.email, "name": "David", "time_zone": "", "given_roles": ["reviewer"]}
    client.post(f"/admin/accounts/user/{dave.pk}/change/", form)
    (event,) = events("admin.changed")
    assert (event.user, event.object_kind, event.object_id) == (alice, "user", str(dave.pk))
    assert "Name" in event.details["change"]


# -- Settings ------------------------------------------------------------------------------------------------


def test_settings_are_recorded_when_they_differ_from_the_last_start(settings: Any) -> None:
    settings.SHOWN_SETTINGS = {"EXPORT_KEEP_DAYS": "7"}
    audit_settings.record_settings("web")
    audit_settings.record_settings("web")
    audit_settings.record_settings("worker")
    settings.SHOWN_SETTINGS = {"EXPORT_KEEP_DAYS": "30", "SITE_PLAN": "premium"}
    audit_settings.record_settings("web")
    settings.VERSION = "9.9.9"
    audit_settings.record_settings("web")
    found = events("settings.changed")
    assert [event.object_id for event in found] == ["web", "worker", "web", "web"]
    assert [event.details["changed"] for event in found] == [
        ["EXPORT_KEEP_DAYS"],
        ["EXPORT_KEEP_DAYS"],
        ["EXPORT_KEEP_DAYS", "SITE_PLAN"],
        [],
    ]
    assert found[2].details["values"] == {"EXPORT_KEEP_DAYS": "30", "SITE_PLAN": "premium"}


def test_settings_are_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    given = {
        "SECRET_KEY": "s3cret" * 20,
        "DATABASE_URL": "postgresql://user:s3cret/@#@db.example:5432/portal?password=s3cret",
        "EMAIL_URL": "smtp://user:s3cret@mail.example:587?tls=true",
        "ANYMAIL_MAILGUN_API_KEY": "s3cret",
        "OIDC_CORP_CLIENT_SECRET": "s3cret",
        "OIDC_CORP_ROLE_MAP": "jira=jira-admin",
        "SITE_PLAN": "premium",
        "UNRELATED": "s3cret",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert Environment(GROUPS).shown() == {
        "ANYMAIL_MAILGUN_API_KEY": HIDDEN,
        "DATABASE_URL": "postgresql://db.example:5432/portal",
        "EMAIL_URL": "smtp://mail.example:587",
        "OIDC_CORP_CLIENT_SECRET": HIDDEN,
        "OIDC_CORP_ROLE_MAP": "jira=jira-admin",
        "SECRET_KEY": HIDDEN,
        "SITE_PLAN": "premium",
    }


def test_whatever_looks_like_a_secret_is_declared_as_one() -> None:
    for group in GROUPS:
        for variable in group.variables:
            looks_secret = any(word in variable.name for word in ("SECRET", "PASSWORD", "KEY"))
            if looks_secret and not isinstance(variable, Switch):
                assert variable.is_secret, variable.name
