"""OAuth2 as Jira's clients use it: consent with PKCE, client credentials, refresh, revocation, scopes."""

import base64
import hashlib
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken
from rest_framework.test import APIClient

from accounts.models import ApplicationScopes, User
from exports.models import ExportJob
from tests.rest_client import EXPORT, put

pytestmark = pytest.mark.django_db(transaction=True)

CALLBACK = "https://client.example/callback"
READ = "read:jira-work"
BOTH = "read:jira-work write:jira-work"
GRANULAR = "read:issue:jira delete:async-task:jira"


def application(owner: User, grant: str, **fields: Any) -> tuple[Application, str]:
    """An application and its secret."""
    secret = secrets.token_urlsafe(32)
    made = Application.objects.create(
        name="Nightly report", user=owner, client_type="confidential", client_secret=secret,
        authorization_grant_type=grant, redirect_uris=CALLBACK if grant == "authorization-code" else "", **fields,
    )  # fmt: skip
    ApplicationScopes.objects.create(application=made, scope=BOTH)
    return made, secret


def ask(**form: str) -> Any:
    return Client().post("/oauth/token", form)


def machine(owner: User, scope: str = BOTH) -> APIClient:
    """A client with a token from client credentials."""
    app, secret = application(owner, "client-credentials")
    answer = ask(grant_type="client_credentials", client_id=app.client_id, client_secret=secret, scope=scope)
    assert answer.status_code == 200, answer.content
    return bearer(answer.json()["access_token"])


def bearer(token: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def consent(user: User, app: Application, **changes: str) -> tuple[Any, str]:
    """Do what the browser does. Returns the answer to "Allow" and the verifier."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": app.client_id, "redirect_uri": CALLBACK, "scope": BOTH, "state": "s1",
        "code_challenge": challenge, "code_challenge_method": "S256",
    } | changes  # fmt: skip
    browser = Client()
    browser.force_login(user)
    page = browser.get("/oauth/authorize", {name: value for name, value in query.items() if value})
    if page.status_code != 200:
        return page, verifier
    assert f"Allow {app.name}?" in page.content.decode()
    assert "form-action 'self' https://client.example" in page["Content-Security-Policy"]
    return browser.post("/oauth/authorize", query | {"allow": "yes"}), verifier


def test_it_works(bob: User) -> None:
    app, secret = application(bob, "authorization-code")
    answer, verifier = consent(bob, app)
    back = urlsplit(answer["Location"])
    answered = parse_qs(back.query)
    assert (f"{back.scheme}://{back.netloc}{back.path}", answered["state"]) == (CALLBACK, ["s1"])
    tokens = ask(
        grant_type="authorization_code", code=answered["code"][0], redirect_uri=CALLBACK, client_id=app.client_id,
        client_secret=secret, code_verifier=verifier,
    ).json()  # fmt: skip
    assert (tokens["token_type"], tokens["scope"]) == ("Bearer", BOTH)

    client = bearer(tokens["access_token"])
    submitted = put(client, {})
    assert submitted.status_code == 202
    task = client.get(f"/rest/api/3/task/{submitted.json()['taskId']}")
    assert task.json()["submittedBy"] == bob.pk
    assert client.post(f"/rest/api/3/task/{submitted.json()['taskId']}/cancel").status_code == 202


def test_a_refresh_token_works_once_and_its_reuse_revokes_all_tokens(bob: User) -> None:
    app, secret = application(bob, "authorization-code")
    answer, verifier = consent(bob, app)
    code = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
    who = {"client_id": app.client_id, "client_secret": secret}
    first = ask(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, code_verifier=verifier, **who).json()
    second = ask(grant_type="refresh_token", refresh_token=first["refresh_token"], **who).json()
    assert bearer(first["access_token"]).get("/rest/api/3/task/1").status_code == 401
    assert bearer(second["access_token"]).get("/rest/api/3/task/1").status_code == 404
    assert ask(grant_type="refresh_token", refresh_token=first["refresh_token"], **who).status_code == 400
    assert ask(grant_type="refresh_token", refresh_token=second["refresh_token"], **who).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"redirect_uri": "https://evil.example/callback"},
        {"response_type": "token"},
        {"scope": "admin:everything"},
    ],
)
def test_unsafe_requests_are_refused_before_consent(bob: User, changes: dict[str, str]) -> None:
    app, _ = application(bob, "authorization-code")
    answer, _ = consent(bob, app, **changes)
    if answer.status_code == 302:
        assert answer["Location"].startswith(CALLBACK)
        assert "error=" in answer["Location"]
        assert "code=" not in answer["Location"].replace("response_code=", "")
    else:
        assert answer.status_code == 400


def test_a_wrong_verifier_gets_no_token(bob: User) -> None:
    app, secret = application(bob, "authorization-code")
    answer, _ = consent(bob, app)
    code = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
    refused = ask(
        grant_type="authorization_code", code=code, redirect_uri=CALLBACK, client_id=app.client_id,
        client_secret=secret, code_verifier="another" * 8,
    )  # fmt: skip
    assert refused.status_code == 400


def test_client_credentials_act_for_the_owner(alice: User) -> None:
    client = machine(alice)
    task_id = put(client, {}).json()["taskId"]
    assert ExportJob.objects.get(pk=task_id).submitted_by == alice
    assert client.get(f"/exports/{task_id}/file").status_code == 409


def test_the_password_grant_is_refused(bob: User) -> None:
    app, secret = application(bob, "password")
    answer = ask(
        grant_type="password", username=bob.email, password="correct horse battery staple", client_id=app.client_id,
        client_secret=secret,
    )  # fmt: skip
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [
        (BOTH, [202, 200, 202, 409]),
        (READ, [202, 200, 403, 409]),
        ("write:jira-work", [403, 403, 202, 403]),
        (GRANULAR, [202, 200, 202, 403]),
        ("read:issue:jira", [202, 200, 403, 403]),
        ("delete:async-task:jira", [403, 403, 202, 403]),
    ],
)
def test_each_operation_needs_its_scope(alice: User, scope: str, statuses: list[int]) -> None:
    client = machine(alice, scope)
    submitted = put(client, {})
    job = ExportJob.objects.first() or ExportJob.objects.create(submitted_by=alice)
    path = f"/rest/api/3/task/{job.pk}"
    answers = [submitted, client.get(path), client.post(f"{path}/cancel"), client.get(f"/exports/{job.pk}/file")]
    assert [answer.status_code for answer in answers] == statuses
    for answer in answers:
        if answer.status_code == 403:
            assert answer.json()["errorMessages"][0].startswith("The token lacks the scope ")


def test_the_consent_page_names_what_each_scope_allows(bob: User) -> None:
    app, _ = application(bob, "authorization-code")
    query = {
        "response_type": "code", "client_id": app.client_id, "redirect_uri": CALLBACK, "scope": GRANULAR,
        "code_challenge": "a" * 43, "code_challenge_method": "S256",
    }  # fmt: skip
    browser = Client()
    browser.force_login(bob)
    page = browser.get("/oauth/authorize", query).content.decode()
    assert "<li>Ask for exports and follow them</li>" in page
    assert "<li>Cancel exports</li>" in page


def test_users_who_are_not_admins_get_no_token(dave: User) -> None:
    app, secret = application(dave, "client-credentials")
    answer = ask(grant_type="client_credentials", client_id=app.client_id, client_secret=secret)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_suspension_expiry_and_deletion_work_at_once(alice: User) -> None:
    client = machine(alice)
    token = AccessToken.objects.get()
    assert client.get("/rest/api/3/task/1").status_code == 404
    User.objects.update(is_active=False)
    assert client.get("/rest/api/3/task/1").status_code == 401
    User.objects.update(is_active=True)
    AccessToken.objects.update(expires=timezone.now())
    assert client.get("/rest/api/3/task/1").status_code == 401
    AccessToken.objects.update(expires=token.expires)
    assert client.get("/rest/api/3/task/1").status_code == 404
    token.delete()
    assert client.get("/rest/api/3/task/1").status_code == 401


def test_a_token_is_revoked_as_in_rfc_7009(alice: User) -> None:
    app, secret = application(alice, "client-credentials")
    who = {"client_id": app.client_id, "client_secret": secret}
    token = ask(grant_type="client_credentials", **who).json()["access_token"]
    assert Client().post("/oauth/revoke", {"token": token, **who}).status_code == 200
    assert bearer(token).get("/rest/api/3/task/1").status_code == 401


def test_no_secret_is_stored(bob: User) -> None:
    app, secret = application(bob, "authorization-code")
    answer, verifier = consent(bob, app)
    code = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
    tokens = ask(
        grant_type="authorization_code", code=code, redirect_uri=CALLBACK, client_id=app.client_id,
        client_secret=secret, code_verifier=verifier,
    ).json()  # fmt: skip
    stored = [
        vars(row) for row in [*AccessToken.objects.all(), *RefreshToken.objects.all(), *Application.objects.all()]
    ]
    for sent in (tokens["access_token"], tokens["refresh_token"], secret):
        assert not any(sent in str(value) for row in stored for value in row.values())


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/x-www-form-urlencoded", "", "x/y"])
def test_a_token_is_only_read_from_the_header(alice: User, content_type: str) -> None:
    client, job = machine(alice), ExportJob.objects.create(submitted_by=alice)
    token = client._credentials["HTTP_AUTHORIZATION"].partition(" ")[2]  # type: ignore[attr-defined]
    path = f"/rest/api/3/task/{job.pk}/cancel?x=%zz"
    stranger: Any = APIClient(raise_request_exception=False)
    body = f"access_token={token}".encode()
    assert stranger.generic("POST", f"{path}&access_token={token}", body, content_type=content_type).status_code == 401
    authorised: Any = client
    assert authorised.generic("POST", path, body, content_type=content_type).status_code == 202


@pytest.mark.parametrize("name", ["%3F%1Dw%C2%80", "%3Fa%3Db%26%25", "%23", "%20", "%F2%B6%94%8B"])
def test_an_unusual_path_is_404(alice: User, name: str) -> None:
    client = machine(alice)
    for path in (f"/exports/{name}/file", f"/rest/api/3/task/{name}"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "bearer a b c", "Bearer \x7f"])
def test_a_wrong_bearer_token_is_401(alice: User, header: str) -> None:
    browser = APIClient()
    browser.force_login(alice)
    answer = browser.get("/rest/api/3/task/1", headers={"authorization": header})
    assert answer.status_code == 401
    assert 'Bearer realm="' in answer["WWW-Authenticate"]


@pytest.mark.django_db
def test_clients_can_discover_the_endpoints() -> None:
    server = Client().get("/.well-known/oauth-authorization-server").json()
    assert server["issuer"] == "http://localhost:8000"
    assert server["authorization_endpoint"] == "http://localhost:8000/oauth/authorize"
    assert server["token_endpoint"] == "http://localhost:8000/oauth/token"
    assert server["revocation_endpoint"] == "http://localhost:8000/oauth/revoke"
    scopes = ["delete:async-task:jira", "read:issue:jira", READ, "write:jira-work"]
    assert server["scopes_supported"] == scopes
    assert server["response_types_supported"] == ["code"]
    assert server["grant_types_supported"] == ["authorization_code", "client_credentials", "refresh_token"]
    assert server["code_challenge_methods_supported"] == ["S256"]
    resource = Client().get("/.well-known/oauth-protected-resource").json()
    assert resource["scopes_supported"] == scopes
    assert Client().put(EXPORT).status_code == 401
