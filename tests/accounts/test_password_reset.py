"""A forgotten password is reset by email, and nobody learns who has an account."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "another horse, another staple"


def ask(client: Client, email: str) -> Any:
    return client.post("/sign-in/reset", {"email": email})


def link_in(mail: Any) -> str:
    found = re.search(r"http://localhost:8000(/sign-in/reset/\S+)", mail.body)
    assert found, mail.body
    return found[1]


def test_it_works(client: Client, bob: User, mailoutbox: Any, run_queue: Any) -> None:
    other = Client()
    other.force_login(bob)
    assert ask(client, " Bob@Example.com ")["Location"] == "/sign-in/reset/sent"
    run_queue()
    assert [mail.to for mail in mailoutbox] == [["bob@example.com"]]
    page = client.get(link_in(mailoutbox[0]), follow=True)
    assert page.redirect_chain[-1][0].endswith("-set-password")  # the secret is not in the address of the page
    changed = client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW}, follow=True)
    assert "Password changed." in changed.content.decode()
    assert other.get("/exports/").status_code == 302  # sessions of the old password are over
    assert client.post("/sign-in", {"login": bob.email, "password": PASSWORD}).status_code == 200
    assert client.post("/sign-in", {"login": bob.email, "password": NEW}).status_code == 302


def test_the_link_works_once(client: Client, bob: User, mailoutbox: Any, run_queue: Any) -> None:
    ask(client, bob.email)
    run_queue()
    link = link_in(mailoutbox[0])
    page = client.get(link)
    client.post(page["Location"], {"password1": NEW, "password2": NEW})
    again = Client().get(link)
    assert again.status_code == 400
    assert "This link no longer works" in again.content.decode()


@pytest.mark.parametrize("forged", ["1-abc-def", "zzzzzz-set-password", "1-set-password", "99999999999999-x-y"])
def test_a_forged_link_shows_the_same_page(client: Client, bob: User, forged: str) -> None:
    response = client.get(f"/sign-in/reset/{forged}")
    assert (response.status_code, "This link no longer works" in response.content.decode()) == (400, True)


def test_a_weak_password_is_refused(client: Client, bob: User, mailoutbox: Any, run_queue: Any) -> None:
    ask(client, bob.email)
    run_queue()
    page = client.get(link_in(mailoutbox[0]))
    refused = client.post(page["Location"], {"password1": "archiveexport", "password2": "archiveexport"})
    assert "easy to guess" in refused.content.decode()
    assert User.objects.get(pk=bob.pk).check_password(PASSWORD)


def test_known_and_unknown_emails_get_the_same_answer_for_the_same_work(client: Client, bob: User) -> None:
    User.objects.create_user("eve@example.com", PASSWORD, is_active=False)
    User.objects.create_user("sso@example.com")
    ask(client, "first@example.com")  # creates the counter of the address
    seen = []
    for email in ("bob@example.com", "nobody@example.com", "eve@example.com", "sso@example.com"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = ask(client, email)
        statements = [query["sql"].split()[:3] for query in queries]
        seen.append((response.status_code, response["Location"], response.content, statements))
    assert seen[1:] == seen[:1] * 3
    assert OrmQ.objects.count() == 5


def test_only_active_users_with_a_password_get_an_email(client: Client, mailoutbox: Any, run_queue: Any) -> None:
    User.objects.create_user("eve@example.com", PASSWORD, is_active=False)
    User.objects.create_user("sso@example.com")
    for email in ("eve@example.com", "sso@example.com", "nobody@example.com"):
        ask(client, email)
    run_queue()
    assert mailoutbox == []


def test_the_link_leads_to_the_portals_own_address(client: Client, bob: User, mailoutbox: Any, run_queue: Any) -> None:
    client.post(
        "/sign-in/reset", {"email": bob.email}, headers={"host": "127.0.0.1", "x-forwarded-host": "evil.example"}
    )
    run_queue()
    assert "http://localhost:8000/sign-in/reset/" in mailoutbox[0].body
    assert "evil" not in mailoutbox[0].body


def test_asking_is_limited_whoever_has_the_email(client: Client, bob: User) -> None:
    for email in (bob.email, "nobody@example.com"):
        assert [ask(client, email).status_code for _ in range(11)] == [302] * 10 + [429]


def test_a_reset_clears_the_duty_to_change_the_password(
    client: Client, bob: User, mailoutbox: Any, run_queue: Any
) -> None:
    User.objects.update(must_change_password=True)
    ask(client, bob.email)
    run_queue()
    page = client.get(link_in(mailoutbox[0]))
    client.post(page["Location"], {"password1": NEW, "password2": NEW})
    assert not User.objects.get(pk=bob.pk).must_change_password
