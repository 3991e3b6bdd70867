"""The pages on which users create and remove their API tokens and OAuth2 applications."""

import base64
import datetime
import html
import re
from typing import Any

import pytest
from django.test import Client
from oauth2_provider.models import Application

from accounts.models import ApiToken, User

FORM = {"name": "nightly", "days": "90", "scopes": ["read:jira-work", "write:jira-work"]}
WEB = {
    "name": "Dashboard",
    "kind": "web",
    "redirect_uris": "https://dash.example.com/back\nhttps://other.example.com/",
    "scopes": ["read:jira-work"],
}


@pytest.fixture
def post(client: Client, bob: User) -> Any:
    """Sends a form as bob and returns the text of the resulting page."""
    client.force_login(bob)
    return lambda path, form: html.unescape(client.post(path, form, follow=True).content.decode())


def field(text: str, name: str) -> str:
    found = re.search(rf'<input id="{name}" [^>]*value="([^"]+)"', text)
    assert found, name
    return found[1]


def is_accepted(email: str, secret: str) -> bool:
    basic = base64.b64encode(f"{email}:{secret}".encode()).decode()
    return Client().get("/rest/api/3/task/1", headers={"authorization": f"Basic {basic}"}).status_code == 404


def test_a_token_works_and_is_shown_only_once(client: Client, post: Any) -> None:
    text = post("/account/tokens", FORM)
    secret = field(text, "secret")
    assert is_accepted("bob@example.com", secret)
    page = client.get("/account/tokens").content.decode()
    assert "nightly" in page
    assert secret.partition(".")[0] in page
    assert secret not in page
    token = ApiToken.objects.get()
    assert token.expiry_date
    assert token.scope == "read:jira-work write:jira-work"
    assert datetime.timedelta(days=89) < token.expiry_date - token.created < datetime.timedelta(days=90)


def test_a_token_can_have_fewer_scopes(client: Client, post: Any) -> None:
    post("/account/tokens", FORM | {"scopes": ["read:jira-work"]})
    assert ApiToken.objects.get().scope == "read:jira-work"
    assert '<td data-label="Scopes">read:jira-work</td>' in client.get("/account/tokens").content.decode()


def test_the_page_offers_no_lifetime_beyond_the_sites_maximum(client: Client, post: Any, settings: Any) -> None:
    settings.API_TOKEN_MAX_DAYS = 45
    options = re.findall(r'<option value="(\d+)"( selected)?', client.get("/account/tokens").content.decode())
    assert options == [("7", ""), ("30", ""), ("45", " selected")]
    assert "Select a valid choice" in post("/account/tokens", FORM)
    assert not ApiToken.objects.exists()


def test_a_revoked_token_stops_working(post: Any) -> None:
    secret = field(post("/account/tokens", FORM), "secret")
    text = post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke", {})
    assert "Token revoked." in text
    assert "You have no tokens." in text
    assert not is_accepted("bob@example.com", secret)


@pytest.mark.parametrize(
    "change", [{"name": " "}, {"days": "9999"}, {"days": ""}, {"scopes": []}, {"scopes": ["admin"]}]
)
def test_invalid_input_creates_no_token(post: Any, change: dict[str, Any]) -> None:
    assert "field-error" in post("/account/tokens", FORM | change)
    assert not ApiToken.objects.exists()


def test_users_cannot_see_or_remove_the_credentials_of_others(client: Client, post: Any, alice: User) -> None:
    post("/account/tokens", FORM)
    post("/account/applications", WEB)
    client.force_login(alice)
    assert client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke").status_code == 404
    assert client.post(f"/account/applications/{Application.objects.get().pk}/remove").status_code == 404
    assert "nightly" not in client.get("/account/tokens").content.decode()
    assert "Dashboard" not in client.get("/account/applications").content.decode()
    assert not ApiToken.objects.get().revoked


@pytest.mark.parametrize("person", ["carol", "dave", "erin"])
@pytest.mark.parametrize(("path", "form"), [("/account/tokens", FORM), ("/account/applications", WEB)])
def test_who_cannot_use_the_rest_api_creates_no_credentials(
    client: Client, request: pytest.FixtureRequest, person: str, path: str, form: dict[str, Any]
) -> None:
    client.force_login(request.getfixturevalue(person))
    assert "Ask a site admin" in client.get(path).content.decode()
    assert "<h2" not in client.get(path).content.decode()
    assert client.post(path, form).status_code == 403
    assert not ApiToken.objects.exists()
    assert not Application.objects.exists()


def test_who_lost_the_role_can_still_revoke(client: Client, post: Any, bob: User) -> None:
    post("/account/tokens", FORM)
    bob.role_grants.all().delete()
    assert "nightly" in client.get("/account/tokens").content.decode()
    assert "Token revoked." in post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke", {})


def test_the_secret_of_a_web_app_is_shown_only_once(client: Client, post: Any, bob: User) -> None:
    text = post("/account/applications", WEB)
    application = Application.objects.get()
    assert field(text, "client-id") == application.client_id
    secret = field(text, "client-secret")
    assert application.client_secret != secret  # only a hash is stored
    assert application.user == bob
    assert application.redirect_uris.split() == ["https://dash.example.com/back", "https://other.example.com/"]
    assert secret not in client.get("/account/applications").content.decode()


def test_a_service_gets_a_token_and_acts_as_its_owner(client: Client, post: Any) -> None:
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


def test_a_mobile_or_desktop_app_has_no_secret(post: Any) -> None:
    text = post("/account/applications", WEB | {"kind": "native"})
    assert "client-secret" not in text
    assert Application.objects.get().client_type == "public"


@pytest.mark.parametrize("redirect_uris", ["", "javascript:alert(1)", "ftp://files.example.com/"])
def test_a_web_app_needs_a_valid_redirect_uri(post: Any, redirect_uris: str) -> None:
    text = post("/account/applications", WEB | {"redirect_uris": redirect_uris})
    assert re.search(r'class="(notice bad|field-error)"', text)
    assert not Application.objects.exists()
