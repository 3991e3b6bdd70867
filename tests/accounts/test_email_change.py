"""Users change their own email, once they have shown that it is theirs."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(bob: User) -> Client:
    """Bob has just signed in."""
    client = Client()
    client.post("/sign-in", {"login": bob.email, "password": PASSWORD})
    return client


def ask(browser: Client, email: str) -> Any:
    return browser.post("/account/email", {"email": email, "action_add": ""})


def code_in(mail: Any) -> str:
    found = re.search(r"^\S{6,}$", mail.body, re.MULTILINE)
    assert found, mail.body
    return found[0]


def test_it_works(browser: Client, bob: User, mailoutbox: Any, run_queue: Any) -> None:
    assert ask(browser, "Robert@Example.com")["Location"] == "/account/email/confirm"
    assert [mail.to for mail in mailoutbox] == [["robert@example.com"]]
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"  # until it is confirmed
    response = browser.post("/account/email/confirm", {"code": code_in(mailoutbox[0])}, follow=True)
    assert "Your email is now robert@example.com." in response.content.decode()
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("robert@example.com", True, True)
    ]
    assert Client().post("/sign-in", {"login": "robert@example.com", "password": PASSWORD}).status_code == 302
    assert Client().post("/sign-in", {"login": "bob@example.com", "password": PASSWORD}).status_code == 200
    run_queue()
    assert mailoutbox[1].to == ["bob@example.com"]  # the old address hears of it
    assert "from bob@example.com to robert@example.com" in mailoutbox[1].body


def test_three_wrong_codes_end_it(browser: Client, bob: User, mailoutbox: Any) -> None:
    ask(browser, "robert@example.com")
    for _ in range(3):
        browser.post("/account/email/confirm", {"code": "WRONG-CODE"})
    browser.post("/account/email/confirm", {"code": code_in(mailoutbox[0])})
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"


def test_a_code_works_only_in_the_session_that_asked(browser: Client, bob: User, mailoutbox: Any) -> None:
    ask(browser, "robert@example.com")
    other = Client()
    other.post("/sign-in", {"login": bob.email, "password": PASSWORD})
    other.post("/account/email/confirm", {"code": code_in(mailoutbox[0])})
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"
    browser.post("/account/email/confirm", {"code": code_in(mailoutbox[0])})
    bob.refresh_from_db()
    assert bob.email == "robert@example.com"


def test_an_email_of_another_user_is_not_told_and_not_taken(
    browser: Client, bob: User, alice: User, mailoutbox: Any
) -> None:
    assert ask(browser, alice.email)["Location"] == ask(browser, "nobody@example.com")["Location"]
    ask(browser, alice.email)
    browser.post("/account/email/confirm", {"code": code_in(mailoutbox[-1])})
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"


def test_emails_are_limited(browser: Client, bob: User) -> None:
    statuses = [ask(browser, f"{n}@example.com").status_code for n in range(11)]
    assert statuses == [302] * 10 + [429]


def test_an_email_that_a_site_admin_changes_is_the_only_one(bob: User) -> None:
    bob.email = "robert@example.com"
    bob.save()
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("robert@example.com", True, True)
    ]
    assert Client().post("/sign-in", {"login": "bob@example.com", "password": PASSWORD}).status_code == 200
    assert Client().post("/sign-in", {"login": "robert@example.com", "password": PASSWORD}).status_code == 302


def test_a_mail_server_that_is_away_changes_nothing(browser: Client, bob: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = 1
    browser.raise_request_exception = False
    response = ask(browser, "robert@example.com")
    assert response.status_code == 503
    assert "did not accept the email to robert@example.com" in response.content.decode()
