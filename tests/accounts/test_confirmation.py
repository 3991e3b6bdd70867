"""Whoever changes what opens an account proves their identity again after ten minutes."""

import time
from typing import Any

import pytest
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client

from accounts.models import AuditEvent, User
from accounts.permissions import Role
from accounts.session_store import SIGNED_IN_AT
from tests.accounts.test_second_factor import add_app, code_of, next_period
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

PAGES = [
    "/account/tokens",
    "/account/applications",
    "/account/sessions",
    "/account/email",
    "/oauth/authorize",
    "/account/second-factor/app",
    "/account/second-factor/passkeys/new",
    "/account/second-factor/codes",
    "/account/second-factor/codes/new",
]
ADMIN_PAGES = [
    "/admin/accounts/user/add/",
    "/admin/accounts/user/{alice}/change/",
    "/admin/accounts/user/{alice}/password/",
]


def sign_in(user: User) -> Client:
    client = Client()
    client.post("/sign-in", {"login": user.email, "password": PASSWORD})
    return client


def wait_eleven_minutes(client: Client) -> None:
    """Make all proofs of identity in this session older."""
    session: SessionBase = client.session
    session[SIGNED_IN_AT] -= 660
    records = session["account_authentication_methods"]
    for record in records:
        record["at"] -= 660
    session["account_authentication_methods"] = records
    session.save()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_works(bob: User, page: str, method: str) -> None:
    browser = sign_in(bob)
    before = getattr(browser, method)(page)
    assert "/account/confirm" not in before.get("Location", "")
    wait_eleven_minutes(browser)
    asked = getattr(browser, method)(page)
    assert (asked.status_code, asked["Location"]) == (302, f"/account/confirm?next={page.replace('/', '%2F')}")
    shown = browser.get(asked["Location"])
    assert "Confirm it's you" in shown.content.decode().replace("&#x27;", "'")
    assert browser.post("/account/confirm", {"password": "wrong", "next": page}).status_code == 200
    assert browser.post("/account/confirm", {"password": PASSWORD, "next": page})["Location"] == page
    assert "/account/confirm" not in getattr(browser, method)(page).get("Location", "")


@pytest.mark.parametrize("page", ADMIN_PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_people_and_roles_are_changed_after_proof(alice: User, page: str, method: str) -> None:
    path = page.format(alice=alice.pk)
    admin = sign_in(alice)
    assert getattr(admin, method)(path).status_code == 200
    wait_eleven_minutes(admin)
    assert getattr(admin, method)(path)["Location"].startswith("/account/confirm?next=")


def test_actions_on_people_need_proof(alice: User, bob: User) -> None:
    admin = sign_in(alice)
    wait_eleven_minutes(admin)
    form = {"action": "suspend", "_selected_action": [bob.pk]}
    assert admin.post("/admin/accounts/user/", form)["Location"].startswith("/account/confirm?next=")
    assert User.objects.get(pk=bob.pk).is_active
    assert admin.get("/admin/accounts/user/").status_code == 200


def test_a_role_is_not_given_without_proof(alice: User, dave: User) -> None:
    admin = sign_in(alice)
    wait_eleven_minutes(admin)
    form = {"email": dave.email, "name": "Dave", "given_roles": [Role.SITE_ADMIN.value]}
    admin.post(f"/admin/accounts/user/{dave.pk}/change/", form)
    assert not User.objects.get(pk=dave.pk).roles


def test_guessing_the_password_is_limited(bob: User) -> None:
    browser = sign_in(bob)
    statuses = [browser.post("/account/confirm", {"password": f"wrong {n}"}).status_code for n in range(11)]
    assert statuses == [200] * 10 + [429]


def test_a_code_is_proof_too(bob: User) -> None:
    browser = sign_in(bob)
    key, _ = add_app(browser)
    wait_eleven_minutes(browser)
    assert "/account/confirm/code" in browser.get("/account/confirm?next=/account/tokens").content.decode()
    next_period()
    answer = browser.post("/account/confirm/code", {"code": code_of(key), "next": "/account/tokens"})
    assert answer["Location"] == "/account/tokens"
    assert browser.get("/account/tokens").status_code == 200
    assert AuditEvent.objects.filter(action="session.confirmed", details={"method": "totp"}).exists()


def test_proof_of_one_session_counts_in_no_other(bob: User) -> None:
    here, there = sign_in(bob), sign_in(bob)
    wait_eleven_minutes(here)
    wait_eleven_minutes(there)
    here.post("/account/confirm", {"password": PASSWORD, "next": "/account/tokens"})
    assert here.get("/account/tokens").status_code == 200
    assert there.get("/account/tokens").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_never_leads_to_another_site(bob: User, target: str) -> None:
    browser = sign_in(bob)
    answer = browser.post("/account/confirm", {"password": PASSWORD, "next": target})
    assert answer["Location"] == "/"


def test_revoking_needs_no_proof(bob: User) -> None:
    browser = sign_in(bob)
    wait_eleven_minutes(browser)
    assert browser.post("/account/tokens/none/revoke").status_code == 404


def test_sessions_are_ended_after_proof(bob: User) -> None:
    browser, other = sign_in(bob), sign_in(bob)
    wait_eleven_minutes(browser)
    asked = browser.post("/account/sessions/end-others")
    assert asked["Location"] == "/account/confirm?next=%2Faccount%2Fsessions"
    assert other.get("/account").status_code == 200


def test_after_proof_the_session_has_a_new_key(bob: User) -> None:
    browser, thief = sign_in(bob), Client()
    thief.cookies["sessionid"] = browser.cookies["sessionid"].value
    assert thief.get("/account").status_code == 200
    browser.post("/account/confirm", {"password": PASSWORD, "next": "/account"})
    assert browser.get("/account").status_code == 200
    assert thief.get("/account").status_code == 302


def test_the_time_counts_from_the_proof(bob: User, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 2
    browser = sign_in(bob)
    assert browser.get("/account/tokens").status_code == 200
    time.sleep(2.1)
    assert browser.get("/account/tokens").status_code == 302
