"""Sessions: how long they last, where they are listed, and what ends them for good."""

import datetime
import os
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts import people, roles
from accounts.models import AuditEvent, Session, User
from accounts.session_store import SessionStore, hash_key
from tests.conftest import PASSWORD
from tests.rest_client import ClientOf

pytestmark = pytest.mark.django_db

NEW = "another horse, another staple"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"


def browser_of(user: User, user_agent: str = FIREFOX, address: str = "192.0.2.1") -> Client:
    """A browser in which the user has signed in and opened a page."""
    client = Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    assert client.post("/sign-in", {"login": user.email, "password": PASSWORD}).status_code == 302
    client.get("/account")
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def move_back(**moments: datetime.timedelta) -> None:
    """Make all sessions older."""
    for session in Session.objects.all():
        for name, age in moments.items():
            setattr(session, name, timezone.now() - age)
        session.save()


def test_it_works(bob: User) -> None:
    here = browser_of(bob)
    there = browser_of(bob, SAFARI, "2001:db8::7")
    page = here.get("/account/sessions").content.decode()
    for text in ("Firefox on Linux", "192.0.2.1", "This browser", "Safari on iPhone", "2001:db8::7"):
        assert text in page
    session_id = Session.objects.get(address="2001:db8::7").pk
    assert here.post(f"/account/sessions/{session_id}/end")["Location"] == "/account/sessions"
    assert is_signed_in(here)
    assert not is_signed_in(there)


def test_the_table_and_the_page_do_not_hold_the_key_of_a_session(bob: User) -> None:
    here = browser_of(bob)
    browser_of(bob, SAFARI)
    key = here.cookies["sessionid"].value
    session = Session.objects.get(pk=hash_key(key))
    assert all(key not in str(value) for value in vars(session).values())
    assert key not in here.get("/account/sessions").content.decode()
    thief = Client()
    thief.cookies["sessionid"] = session.pk
    assert not is_signed_in(thief)


def test_nobody_ends_sessions_of_others(bob: User, dave: User) -> None:
    victim = browser_of(bob)
    session_id = Session.objects.get().pk
    attacker = browser_of(dave)
    assert session_id not in attacker.get("/account/sessions").content.decode()
    assert attacker.post(f"/account/sessions/{session_id}/end").status_code == 404
    assert is_signed_in(victim)


def test_all_other_sessions_end_at_once(bob: User, dave: User) -> None:
    browsers = [browser_of(bob) for _ in range(3)]
    other = browser_of(dave)
    browsers[0].post("/account/sessions/end-others")
    assert [is_signed_in(browser) for browser in (*browsers, other)] == [True, False, False, True]


@pytest.mark.parametrize(("minutes", "is_in"), [(59, True), (61, False)])
def test_an_idle_session_is_over(bob: User, minutes: int, is_in: bool) -> None:
    browser = browser_of(bob)
    move_back(last_seen_at=datetime.timedelta(minutes=minutes))
    assert is_signed_in(browser) == is_in


@pytest.mark.parametrize(("hours", "is_in"), [(23, True), (25, False)])
def test_a_session_is_over_a_day_after_the_sign_in_however_much_it_is_used(bob: User, hours: int, is_in: bool) -> None:
    browser = browser_of(bob)
    move_back(signed_in_at=datetime.timedelta(hours=hours))
    assert is_signed_in(browser) == is_in


def test_the_limits_are_settings(bob: User, settings: Any) -> None:
    browser = browser_of(bob)
    settings.SESSION_IDLE_MINUTES = 5
    move_back(last_seen_at=datetime.timedelta(minutes=6))
    assert not is_signed_in(browser)


def test_using_a_session_keeps_it_and_changing_it_does_not_renew_it(bob: User) -> None:
    browser = browser_of(bob)
    began = Session.objects.get().signed_in_at
    move_back(last_seen_at=datetime.timedelta(minutes=50))
    browser.post("/account", {"name": "Bob", "time_zone": ""})  # stores a message in the session
    session = Session.objects.get()
    assert session.last_seen_at > timezone.now() - datetime.timedelta(minutes=1)
    assert (session.signed_in_at, session.address, session.browser) == (began, "192.0.2.1", FIREFOX)


def test_use_is_written_once_a_minute(bob: User) -> None:
    browser = browser_of(bob)
    before = Session.objects.get().last_seen_at
    browser.get("/account")
    assert Session.objects.get().last_seen_at == before
    browser.get("/account", REMOTE_ADDR="192.0.2.9")
    assert Session.objects.get().address == "192.0.2.9"


def test_the_sweep_deletes_sessions_that_are_over(bob: User, alice: User) -> None:
    browser_of(bob)
    move_back(last_seen_at=datetime.timedelta(minutes=61))
    kept = browser_of(alice)
    SessionStore.clear_expired()
    assert Session.objects.get().user == alice
    call_command("clearsessions")
    assert is_signed_in(kept)


def test_signing_in_gives_a_new_key_and_signing_out_deletes_the_session(bob: User) -> None:
    client = Client()
    client.cookies["sessionid"] = "x" * 32  # chosen by an attacker
    client.post("/sign-in", {"login": bob.email, "password": PASSWORD})
    assert client.cookies["sessionid"].value != "x" * 32
    client.post("/sign-out")
    assert not Session.objects.exists()


def test_a_new_password_ends_all_other_sessions_for_good(bob: User) -> None:
    here, there = browser_of(bob), browser_of(bob)
    here.post("/account/password", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert Session.objects.filter(user=bob).count() == 1
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


@pytest.mark.parametrize("is_asked", [True, False])
def test_a_new_password_ends_all_credentials_if_asked(bob: User, client_of: ClientOf, is_asked: bool) -> None:
    api = client_of(bob)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    if is_asked:
        form["end_credentials"] = "on"
    browser_of(bob).post("/account/password", form)
    assert api.get("/rest/api/3/task/1").status_code == {True: 401, False: 404}[is_asked]


def test_a_password_that_a_site_admin_sets_ends_all_sessions(bob: User, alice: User) -> None:
    browser = browser_of(bob)
    admin = browser_of(alice)
    form = {"usable_password": "true", "password1": NEW, "password2": NEW}
    assert admin.post(f"/admin/accounts/user/{bob.pk}/password/", form).status_code == 302
    assert (is_signed_in(browser), is_signed_in(admin)) == (False, True)


def test_a_password_that_an_operator_sets_ends_all_sessions(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browser_of(alice)
    call_command("create_admin", alice.email, stdout=StringIO())
    assert is_signed_in(browser)  # no password was set
    monkeypatch.setenv("ADMIN_PASSWORD", NEW)
    call_command("create_admin", alice.email, stdout=StringIO())
    assert not is_signed_in(browser)


def test_suspending_ends_sessions_and_restoring_revives_none(bob: User, alice: User) -> None:
    browser = browser_of(bob)
    people.suspend(bob, by=alice)
    assert not is_signed_in(browser)
    people.restore(bob, by=alice)
    assert not is_signed_in(browser)
    assert not Session.objects.filter(user=bob).exists()


def test_a_role_that_is_taken_away_counts_no_longer_at_once(bob: User, alice: User) -> None:
    browser = browser_of(bob)
    assert browser.get("/exports/").status_code == 200
    roles.revoke(bob, "jira-admin", by=alice)
    assert browser.get("/exports/").status_code == 403
    roles.grant(bob, "jira-admin", by=alice)
    assert browser.get("/exports/").status_code == 200


def test_site_admins_see_and_end_everybodys_sessions(bob: User, alice: User) -> None:
    browser = browser_of(bob)
    admin = browser_of(alice, SAFARI)
    page = admin.get("/admin/accounts/session/").content.decode()
    assert "bob@example.com" in page or "Bob" in page
    assert browser.cookies["sessionid"].value not in page
    form = {"action": "end", "_selected_action": [Session.objects.get(user=bob).pk]}
    text = admin.post("/admin/accounts/session/", form, follow=True).content.decode()
    assert "Ended: bob@example.com on Firefox on Linux" in text
    assert (is_signed_in(browser), is_signed_in(admin)) == (False, True)


def test_what_is_ended_is_in_the_audit_trail(bob: User) -> None:
    here = browser_of(bob)
    browser_of(bob)
    here.post("/account/sessions/end-others")
    event = AuditEvent.objects.get(action="session.ended")
    assert (event.actor, event.object_label, event.details) == (
        "bob@example.com",
        "bob@example.com",
        {"reason": "ended by its owner", "count": 1},
    )


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Chrome/140.0 Safari/537.36", "Chrome on macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "Unknown browser"),
        ("<script>\0" * 100, "<script>" * 37 + "<scr"),
    ],
)
def test_browsers_have_names(bob: User, user_agent: str, name: str) -> None:
    browser_of(bob, user_agent)
    assert Session.objects.get().browser_name == name


@pytest.mark.parametrize("address", ["/sign-out", "/admin/logout/"])
def test_a_browser_deletes_what_it_keeps_of_a_session(client: Client, alice: User, address: str) -> None:
    client.force_login(alice)
    assert "Clear-Site-Data" not in client.get("/")
    assert client.post(address)["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in client.get("/sign-in")


def test_the_cookies_belong_to_this_host_alone_under_https(settings: Any) -> None:
    names = (
        "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_DOMAIN "
        "SESSION_COOKIE_PATH SESSION_COOKIE_HTTPONLY CSRF_COOKIE_HTTPONLY"
    )
    code = f"from django.conf import settings as s; print(*[getattr(s, name) for name in {names.split()}])"
    environment = os.environ | {
        "PORTAL_URL": "https://archive.example.com",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert done.stdout == "__Host-sessionid __Host-csrftoken True True None / True True\n"
