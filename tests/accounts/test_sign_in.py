"""Signing in and out, and returning to the requested page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.conftest import PASSWORD


def sign_in(client: Client, email: str, password: str = PASSWORD, next_page: str = "") -> tuple[int, str, str]:
    response = client.post("/sign-in", {"login": email, "password": password, "next": next_page})
    return response.status_code, response.get("Location", ""), response.content.decode()


def test_it_works(client: Client, bob: User) -> None:
    assert sign_in(client, " Bob@Example.com ", next_page="/exports/7?x=1")[:2] == (302, "/exports/7?x=1")
    assert client.get("/exports/").status_code == 200


def test_it_leads_to_the_archive_by_default(client: Client, bob: User) -> None:
    assert sign_in(client, "bob@example.com")[:2] == (302, "/")


@pytest.mark.parametrize(
    "next_page",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "http:evil.example", "javascript:alert(1)"],
)
def test_it_never_leads_to_another_site(client: Client, bob: User, next_page: str) -> None:
    assert sign_in(client, "bob@example.com", next_page=next_page)[:2] == (302, "/")


def test_all_failures_get_the_same_message(client: Client, bob: User) -> None:
    User.objects.create_user("eve@example.com", PASSWORD, is_active=False)
    tries = [("bob@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("eve@example.com", PASSWORD)]
    for email, password in tries:
        status, _, text = sign_in(client, email, password)
        assert status == 200
        assert "Incorrect email or password." in text
    assert client.get("/exports/").status_code == 302


def test_known_and_unknown_emails_take_the_same_work(client: Client, bob: User) -> None:
    User.objects.create_user("eve@example.com", PASSWORD, is_active=False)
    sign_in(client, "first@example.com")  # creates the counter of the address
    seen = []
    for email in ("bob@example.com", "nobody@example.com", "eve@example.com"):
        with CaptureQueriesContext(connection) as queries:
            sign_in(Client(), email, "wrong")
        seen.append([query["sql"].split()[:3] for query in queries])
    assert seen[1:] == seen[:1] * 2


@pytest.mark.django_db
def test_invalid_emails_do_not_crash(client: Client) -> None:
    for email in ("", "a\0b", "x" * 5000):
        assert sign_in(client, email)[0] == 200


def test_sign_out_needs_a_post(client: Client, bob: User) -> None:
    client.force_login(bob)
    assert client.get("/sign-out").status_code == 405
    response = client.post("/sign-out")
    assert (response.status_code, response["Location"]) == (302, "/sign-in")
    assert client.get("/exports/").status_code == 302


def test_forms_need_a_csrf_token(bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client, "bob@example.com")[0] == 403
    client.force_login(bob)
    assert client.post("/sign-out").status_code == 403
