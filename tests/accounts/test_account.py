"""The account pages: profile, password, tokens and applications."""

import html

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

PAGES = ["/account", "/account/password", "/account/email", "/account/tokens", "/account/applications"]
NEW = "another horse, another staple"


@pytest.mark.parametrize("page", PAGES)
def test_every_user_has_account_pages(client: Client, dave: User, page: str) -> None:
    assert client.get(page)["Location"] == f"/sign-in?next={page}"
    client.force_login(dave)
    response = client.get(page)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_a_user_can_choose_a_name_and_a_time_zone(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.post("/account", {"name": "Alice A.", "time_zone": "Asia/Tokyo"}, follow=True)
    assert "Saved." in response.content.decode()
    alice.refresh_from_db()
    assert (alice.name, alice.zone.key) == ("Alice A.", "Asia/Tokyo")


def test_an_unknown_time_zone_is_refused(client: Client, dave: User) -> None:
    client.force_login(dave)
    response = client.post("/account", {"name": "D", "time_zone": "Mars/Base"})
    assert "Select a valid choice" in response.content.decode()
    dave.refresh_from_db()
    assert (dave.name, dave.time_zone) == ("Dave", "")


def test_users_cannot_change_their_own_role_or_email(client: Client, dave: User) -> None:
    client.force_login(dave)
    client.post("/account", {"name": "D", "given_roles": "site-admin", "roles": "site-admin", "email": "x@example.com"})
    dave.refresh_from_db()
    assert (dave.roles, dave.is_staff, dave.email) == (frozenset(), False, "dave@example.com")


def test_changing_the_password_signs_out_other_browsers(client: Client, bob: User) -> None:
    other = Client()
    for browser in (client, other):
        assert browser.login(username="bob@example.com", password=PASSWORD)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/account/password", form)["Location"] == "/account"
    assert client.get("/exports/").status_code == 200
    assert other.get("/exports/").status_code == 302
    assert Client().login(username="bob@example.com", password=NEW)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("wrong", NEW, "The current password is incorrect."), (PASSWORD, "short", "This password is too short")],
)
def test_a_wrong_or_weak_password_changes_nothing(client: Client, bob: User, old: str, new: str, message: str) -> None:
    client.force_login(bob)
    form = {"oldpassword": old, "password1": new, "password2": new}
    assert message in html.unescape(client.post("/account/password", form).content.decode())
    assert Client().login(username="bob@example.com", password=PASSWORD)
