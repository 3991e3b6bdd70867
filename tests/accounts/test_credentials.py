"""API tokens and OAuth2 applications, made and taken back by the people themselves."""

import base64
import datetime
import html
import re
from typing import Any

import pytest
from django.test import Client

from accounts import applications
from accounts.models import ApiToken, User

Application: Any = applications.Application
FORM = {"name": "nightly", "days": "90", "scopes": ["read:jira-work", "write:jira-work"]}
WEB = {"name": "Dashboard", "kind": "web", "redirect_uris": "https://dash.example.com/back\nhttps://other.example.com/"}


@pytest.fixture
def post(client: Client, bob: User) -> Any:
    """Post as bob and return the page that answers."""
    client.force_login(bob)
    return lambda path, form: html.unescape(client.post(path, form, follow=True).content.decode())


def field(text: str, name: str) -> str:
    found = re.search(rf'<input id="{name}" [^>]*value="([^"]+)"', text)
    assert found, name
    return found[1]


def opens(email: str, secret: str) -> bool:
    basic = base64.b64encode(f"{email}:{secret}".encode()).decode()
    return Client().get("/rest/api/3/task/1", headers={"authorization": f"Basic {basic}"}).status_code == 404


def test_a_token_is_shown_once_and_opens_the_api(client: Client, post: Any) -> None:
    text = post("/account/tokens", FORM)
    secret = field(text, "secret")
    assert opens("bob@example.com", secret)
    page = client.get("/account/tokens").content.decode()
    assert "nightly" in page
    assert secret.partition(".")[0] in page
    assert secret not in page
    token = ApiToken.objects.get()
    assert token.expiry_date
    assert token.scope == ""
    assert datetime.timedelta(days=89) < token.expiry_date - token.created < datetime.timedelta(days=90)


def test_a_token_may_be_narrowed_and_last_for_ever(post: Any) -> None:
    post("/account/tokens", FORM | {"days": "", "scopes": ["read:jira-work"]})
    token = ApiToken.objects.get()
    assert (token.scope, token.expiry_date) == ("read:jira-work", None)


def test_a_revoked_token_opens_nothing(post: Any) -> None:
    secret = field(post("/account/tokens", FORM), "secret")
    text = post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke", {})
    assert "opens nothing any more" in text
    assert "You have no token." in text
    assert not opens("bob@example.com", secret)


@pytest.mark.parametrize("change", [{"name": " "}, {"days": "9999"}, {"scopes": []}, {"scopes": ["admin"]}])
def test_a_token_that_cannot_be_is_not_made(post: Any, change: dict[str, Any]) -> None:
    assert "field-error" in post("/account/tokens", FORM | change)
    assert not ApiToken.objects.exists()


def test_nobody_touches_what_is_anothers(client: Client, post: Any, alice: User) -> None:
    post("/account/tokens", FORM)
    post("/account/applications", WEB)
    client.force_login(alice)
    assert client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke").status_code == 404
    assert client.post(f"/account/applications/{Application.objects.get().pk}/remove").status_code == 404
    assert "nightly" not in client.get("/account/tokens").content.decode()
    assert "Dashboard" not in client.get("/account/applications").content.decode()
    assert not ApiToken.objects.get().revoked


def test_a_web_application_has_a_secret_that_is_shown_once(client: Client, post: Any, bob: User) -> None:
    text = post("/account/applications", WEB)
    application = Application.objects.get()
    assert field(text, "client-id") == application.client_id
    secret = field(text, "client-secret")
    assert application.client_secret != secret  # a hash is what is kept
    assert application.user == bob
    assert application.redirect_uris.split() == ["https://dash.example.com/back", "https://other.example.com/"]
    assert secret not in client.get("/account/applications").content.decode()


def test_a_service_gets_a_token_with_its_secret_and_acts_as_its_owner(client: Client, post: Any) -> None:
    text = post("/account/applications", WEB | {"kind": "service"})
    who = (field(text, "client-id"), field(text, "client-secret"))
    basic = base64.b64encode(":".join(who).encode()).decode()
    answer = Client().post(
        "/oauth/token", {"grant_type": "client_credentials"}, headers={"authorization": f"Basic {basic}"}
    )
    bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
    assert Client().get("/rest/api/3/task/1", headers=bearer).status_code == 404
    post(f"/account/applications/{Application.objects.get().pk}/remove", {})
    assert Client().get("/rest/api/3/task/1", headers=bearer).status_code == 401


def test_an_app_on_a_device_has_no_secret(post: Any) -> None:
    text = post("/account/applications", WEB | {"kind": "native"})
    assert "client-secret" not in text
    assert Application.objects.get().client_type == "public"


@pytest.mark.parametrize("addresses", ["", "javascript:alert(1)", "ftp://files.example.com/"])
def test_an_application_needs_an_address_to_come_back_to(post: Any, addresses: str) -> None:
    text = post("/account/applications", WEB | {"redirect_uris": addresses})
    assert re.search(r'class="(notice bad|field-error)"', text)
    assert not Application.objects.exists()
