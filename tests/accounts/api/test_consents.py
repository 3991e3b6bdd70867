"""Consents to OAuth2 applications: what the user reads, how they end, and that no token outlives them."""

import datetime
import re
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from accounts import consents, people
from accounts.models import ApplicationScopes, AuditEvent, Consent, FailedAttempts, RoleGrant, User
from accounts.permissions import Role
from tests.accounts.api.test_oauth import BOTH, CALLBACK, READ, application, ask, bearer, consent, machine
from tests.rest_client import put

pytestmark = pytest.mark.django_db(transaction=True)

TASK = "/rest/api/3/task/1"
WRITE = "write:jira-work"


class Authorized:
    """An application of alice's that bob allowed to act for him, with the answers that it got."""

    def __init__(self, alice: User, bob: User, **changes: str) -> None:
        self.app, self.secret = application(alice, "authorization-code")
        self.who = {"client_id": self.app.client_id, "client_secret": self.secret}
        answer, self.verifier = consent(bob, self.app, **changes)
        self.code = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
        self.tokens = self.exchange().json()
        self.consent = Consent.objects.get()

    def exchange(self) -> Any:
        return ask(
            grant_type="authorization_code", code=self.code, redirect_uri=CALLBACK, code_verifier=self.verifier,
            **self.who,
        )  # fmt: skip

    def refresh(self, **changes: str) -> Any:
        form = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]} | changes
        answer = ask(**form, **self.who)
        if answer.status_code == 200:
            self.tokens = answer.json()
        return answer

    def status(self) -> int:
        """404 if the access token is accepted: there is no such task."""
        status: int = bearer(self.tokens["access_token"]).get(TASK).status_code
        return status


@pytest.fixture
def authorized(alice: User, bob: User) -> Authorized:
    return Authorized(alice, bob)


def page_of(user: User, path: str = "/account/consents") -> str:
    browser = Client()
    browser.force_login(user)
    return browser.get(path).content.decode()


def post(user: User, path: str, **form: str) -> int:
    browser = Client()
    browser.force_login(user)
    return browser.post(path, form).status_code


def request_of(app: Application, **changes: str) -> dict[str, str]:
    return {
        "response_type": "code", "client_id": app.client_id, "redirect_uri": CALLBACK, "scope": BOTH, "state": "s1",
        "code_challenge": "a" * 43, "code_challenge_method": "S256",
    } | changes  # fmt: skip


def events(action: str) -> list[Any]:
    found = AuditEvent.objects.filter(action=action).order_by("id")
    return list(found.values_list("actor", "object_label", "outcome", "details"))


def test_it_works(authorized: Authorized, bob: User) -> None:
    assert authorized.status() == 404
    text = page_of(bob)
    for words in ("Nightly report", "alice@example.com", "client.example", READ, WRITE, "End access"):
        assert words in text
    assert post(bob, f"/account/consents/{authorized.consent.pk}/end") == 302
    assert authorized.status() == 401
    assert authorized.refresh().json() == {"error": "invalid_grant"}
    assert "You have allowed no application" in page_of(bob)
    assert events("grant.given") == [("bob@example.com", "Nightly report", "ok", {"scopes": [READ, WRITE]})]
    details = {"scopes": [READ, WRITE], "reason": "ended by the user", "given_by": "bob@example.com"}
    assert events("grant.ended") == [("bob@example.com", "Nightly report", "ok", details)]


def test_the_consent_page_says_who_asks_where_it_leads_and_for_how_long(alice: User, bob: User, settings: Any) -> None:
    settings.OAUTH_CONSENT_DAYS = 10
    app, _ = application(alice, "authorization-code")
    browser = Client()
    browser.force_login(bob)
    text = browser.get("/oauth/authorize", request_of(app)).content.decode()
    assert "Alice (alice@example.com)" in text
    assert "<strong>client.example</strong>" in text
    [shown] = re.findall(r'Lasts until</dt><dd><time datetime="([^"]+)"', text)
    left = datetime.datetime.fromisoformat(shown) - timezone.now()
    assert datetime.timedelta(days=9, hours=23) < left <= datetime.timedelta(days=10)


@pytest.mark.parametrize("wish", [{"approval_prompt": "auto"}, {"prompt": "none"}])
def test_every_request_asks_again(authorized: Authorized, bob: User, wish: dict[str, str]) -> None:
    browser = Client()
    browser.force_login(bob)
    page = browser.get("/oauth/authorize", request_of(authorized.app) | wish)
    assert page.status_code == 200
    assert "Allow Nightly report?" in page.content.decode()


def test_a_denied_request_gives_nothing(alice: User, bob: User) -> None:
    app, _ = application(alice, "authorization-code")
    browser = Client()
    browser.force_login(bob)
    answer = browser.post("/oauth/authorize", request_of(app))
    assert "error=access_denied" in answer["Location"]
    assert not Consent.objects.exists()
    assert events("grant.given") == [("bob@example.com", "Nightly report", "refused", {"scopes": [READ, WRITE]})]


@pytest.mark.parametrize("form", [{"client_id": "unknown"}, {"client_id": ""}, {"scope": ""}])
def test_a_form_that_names_no_application_gets_a_page(alice: User, bob: User, form: dict[str, str]) -> None:
    app, _ = application(alice, "authorization-code")
    browser = Client()
    browser.force_login(bob)
    answer = browser.post("/oauth/authorize", request_of(app) | form | {"allow": "yes"})
    assert answer.status_code == 400
    assert "This application can't be authorized" in answer.content.decode().replace("&#x27;", "'")
    assert not Consent.objects.exists()


@pytest.mark.parametrize("person", ["carol", "dave", "erin"])
def test_who_cannot_use_the_rest_api_allows_nothing(alice: User, request: Any, person: str) -> None:
    app, _ = application(alice, "authorization-code")
    browser = Client()
    browser.force_login(request.getfixturevalue(person))
    assert browser.get("/oauth/authorize", request_of(app)).status_code == 403
    assert browser.post("/oauth/authorize", request_of(app) | {"allow": "yes"}).status_code == 403
    assert not Consent.objects.exists()
    assert not Grant.objects.exists()


def test_a_scope_can_be_taken_out(authorized: Authorized, bob: User) -> None:
    client = bearer(authorized.tokens["access_token"])
    cancel = f"/rest/api/3/task/{put(client, {}).json()['taskId']}/cancel"
    narrow = f"/account/consents/{authorized.consent.pk}/narrow"
    assert post(bob, narrow, scope="unknown") == 404
    assert post(bob, narrow, scope=WRITE) == 302
    assert client.post(cancel).status_code == 403
    assert authorized.refresh().json()["scope"] == READ
    assert authorized.refresh(scope=BOTH).status_code == 400
    assert bearer(authorized.tokens["access_token"]).post(cancel).status_code == 403
    assert post(bob, narrow, scope=READ) == 302
    assert authorized.status() == 401
    assert [details for *_, details in events("grant.narrowed")] == [{"scopes": [READ]}]


def test_nobody_sees_or_ends_the_consents_of_others(authorized: Authorized, alice: User) -> None:
    assert "Nightly report" not in page_of(alice)
    for action in ("end", "narrow"):
        assert post(alice, f"/account/consents/{authorized.consent.pk}/{action}", scope=READ) == 404
    assert authorized.status() == 404


# -- ASVS 10.4.2: a code works once ------------------------------------------------------------------------


def test_a_code_that_is_used_twice_ends_the_tokens_that_it_gave(authorized: Authorized) -> None:
    assert authorized.refresh().status_code == 200
    assert authorized.exchange().json() == {"error": "invalid_grant"}
    assert authorized.status() == 401
    assert authorized.refresh().json() == {"error": "invalid_grant"}
    assert [details["reason"] for *_, details in events("grant.ended")] == ["code used twice"]


def test_a_code_of_another_application_changes_nothing(authorized: Authorized, bob: User) -> None:
    other, secret = application(bob, "authorization-code")
    answer = ask(
        grant_type="authorization_code", code=authorized.code, redirect_uri=CALLBACK, client_id=other.client_id,
        client_secret=secret, code_verifier=authorized.verifier,
    )  # fmt: skip
    assert answer.json() == {"error": "invalid_grant"}
    assert authorized.status() == 404


def test_a_code_that_is_used_twice_at_the_same_moment_gives_no_lasting_token(alice: User, bob: User) -> None:
    app, secret = application(alice, "authorization-code")
    answer, verifier = consent(bob, app)
    form = {
        "grant_type": "authorization_code", "code": parse_qs(urlsplit(answer["Location"]).query)["code"][0],
        "redirect_uri": CALLBACK, "client_id": app.client_id, "client_secret": secret, "code_verifier": verifier,
    }  # fmt: skip
    start = threading.Barrier(4)
    answers = []

    def exchange() -> None:
        start.wait()
        answers.append(Client(raise_request_exception=False).post("/oauth/token", form))
        connection.close()

    threads = [threading.Thread(target=exchange) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status_code for answer in answers)
    assert len(statuses) == 4
    assert statuses.count(200) <= 1
    assert set(statuses) <= {200, 400}
    assert Consent.objects.get().ended_at
    assert not AccessToken.objects.exists()
    assert not RefreshToken.objects.filter(revoked=None).exists()


# -- ASVS 10.4.8: refresh tokens end, however often they are used ------------------------------------------


def test_a_consent_ends_its_tokens_however_often_they_are_refreshed(authorized: Authorized, bob: User) -> None:
    for _ in range(3):
        assert authorized.refresh().status_code == 200
    Consent.objects.update(expires_at=timezone.now() + datetime.timedelta(seconds=100))
    assert 90 <= authorized.refresh().json()["expires_in"] <= 100
    now = timezone.now()
    Consent.objects.update(given_at=now - datetime.timedelta(days=90), expires_at=now)
    assert authorized.refresh().json() == {"error": "invalid_grant"}
    assert "You have allowed no application" in page_of(bob)


def test_a_refresh_token_without_a_consent_is_refused(authorized: Authorized) -> None:
    Consent.objects.all().delete()
    assert authorized.refresh().json() == {"error": "invalid_grant"}


def test_a_stolen_refresh_token_ends_the_consent(authorized: Authorized) -> None:
    stolen = authorized.tokens["refresh_token"]
    assert authorized.refresh().status_code == 200
    assert authorized.refresh(refresh_token=stolen).status_code == 400
    assert authorized.status() == 401
    assert [details["reason"] for *_, details in events("grant.ended")] == ["refresh token used twice"]


# -- M10: suspended people and their applications ----------------------------------------------------------


def test_suspending_and_restoring_revives_no_refresh_token(authorized: Authorized, alice: User, bob: User) -> None:
    rotated = authorized.tokens["refresh_token"]
    assert authorized.refresh().status_code == 200
    people.suspend(bob, by=alice)
    assert authorized.refresh().status_code == 400
    people.restore(bob, by=alice)
    assert authorized.status() == 401
    for token in (rotated, authorized.tokens["refresh_token"]):
        assert authorized.refresh(refresh_token=token).status_code == 400
    assert authorized.exchange().status_code == 400


def test_a_refresh_during_suspension_gives_no_lasting_token(authorized: Authorized, alice: User, bob: User) -> None:
    start = threading.Barrier(2)

    def refresh() -> None:
        start.wait()
        while authorized.refresh().status_code == 200:
            pass
        connection.close()

    thread = threading.Thread(target=refresh)
    thread.start()
    start.wait()
    people.suspend(bob, by=alice)
    people.restore(bob, by=alice)
    thread.join()
    assert authorized.status() == 401
    assert authorized.refresh().status_code == 400
    assert not AccessToken.objects.exists()


def test_who_loses_the_role_loses_the_access_of_applications(authorized: Authorized, bob: User) -> None:
    RoleGrant.objects.filter(user=bob).delete()
    assert authorized.refresh().json() == {"error": "invalid_grant"}
    answer = put(bearer(authorized.tokens["access_token"]), {})
    assert (answer.status_code, answer.json()["errorMessages"]) == (403, ["User is not an admin."])


def test_the_application_of_a_suspended_person_does_nothing_for_others(authorized: Authorized, alice: User) -> None:
    """Whoever is suspended still knows the application's secret and the tokens that it got."""
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert authorized.status() == 401
    assert authorized.refresh().json() == {"error": "invalid_client"}
    User.objects.create_user("other@example.com", roles=[Role.SITE_ADMIN])
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert authorized.status() == 404
    people.suspend(alice, by=None)
    people.restore(alice, by=None)
    assert authorized.status() == 401
    assert authorized.refresh().json() == {"error": "invalid_client"}


# -- ASVS 10.4.1, 10.4.10, 10.4.11 -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://client.example/callback/",
        "https://client.example/callback?x=1",
        "https://client.example/callback#x",
        "https://client.example:443/callback",
        "https://CLIENT.example/callback",
        "https://client.example/%63allback",
        "https://client.example/x/../callback",
        "https://user@client.example/callback",
        "http://client.example/callback",
    ],
)
def test_a_redirect_uri_is_compared_character_by_character(alice: User, bob: User, redirect_uri: str) -> None:
    app, _ = application(alice, "authorization-code")
    browser = Client()
    browser.force_login(bob)
    page = browser.get("/oauth/authorize", request_of(app, redirect_uri=redirect_uri))
    assert page.status_code == 400
    form = request_of(app, redirect_uri=redirect_uri) | {"allow": "yes"}
    assert browser.post("/oauth/authorize", form).status_code in {200, 400}
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("client_type", "redirect_uri", "status"),
    [
        ("public", "http://127.0.0.1:50123/back", 200),
        ("confidential", "http://127.0.0.1:50123/back", 400),
        ("public", "http://localhost:50123/back", 400),
        ("public", "http://x@127.0.0.1:50123/back", 400),
        ("public", "http://127.0.0.1.evil.example:50123/back", 400),
        ("public", "http://127.0.0.1:50123/back/", 400),
    ],
)
def test_only_a_native_app_on_the_device_chooses_its_port(
    bob: User, client_type: str, redirect_uri: str, status: int
) -> None:
    app, _ = application(bob, "authorization-code")
    Application.objects.update(client_type=client_type, redirect_uris="http://127.0.0.1:1/back")
    browser = Client()
    browser.force_login(bob)
    assert browser.get("/oauth/authorize", request_of(app, redirect_uri=redirect_uri)).status_code == status


def test_an_application_gets_no_other_scopes_than_it_was_registered_with(alice: User) -> None:
    app, secret = application(alice, "client-credentials")
    ApplicationScopes.objects.update(scope=READ)
    form = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": secret}
    assert ask(**form).json()["scope"] == READ
    assert ask(**form, scope="read:issue:jira").json()["scope"] == "read:issue:jira"
    for scope in (WRITE, BOTH, "delete:async-task:jira"):
        assert ask(**form, scope=scope).json() == {"error": "invalid_scope"}
    ApplicationScopes.objects.all().delete()
    assert ask(**form, scope=READ).json() == {"error": "invalid_scope"}


def test_a_confidential_client_proves_who_it_is(authorized: Authorized) -> None:
    token = authorized.tokens["access_token"]
    for secret in ("", "wrong"):
        who = {"client_id": authorized.app.client_id, "client_secret": secret}
        assert Client().post("/oauth/revoke", {"token": token, **who}).status_code == 401
        refused = ask(grant_type="refresh_token", refresh_token=authorized.tokens["refresh_token"], **who)
        assert refused.status_code == 401
    assert authorized.status() == 404


def test_a_client_that_revokes_a_token_ends_the_consent(authorized: Authorized, bob: User) -> None:
    other, secret = application(bob, "authorization-code")
    stranger = {"client_id": other.client_id, "client_secret": secret}
    token = authorized.tokens["access_token"]
    assert Client().post("/oauth/revoke", {"token": token, **stranger}).status_code == 200
    assert authorized.status() == 404
    assert Client().post("/oauth/revoke", {"token": token, **authorized.who}).status_code == 200
    assert authorized.status() == 401
    assert "You have allowed no application" in page_of(bob)
    assert len(events("access_token.revoked")) == 1


# -- M9: guessing is limited, and nobody is kept out -------------------------------------------------------


def test_what_clients_get_wrong_is_limited(alice: User) -> None:
    app, secret = application(alice, "client-credentials")
    form = {"grant_type": "client_credentials", "client_id": app.client_id}
    statuses = [ask(**form, client_secret=f"wrong {n}").status_code for n in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    refused = ask(**form, client_secret="wrong")
    assert int(refused["Retry-After"]) > 0
    assert refused.json()["error"] == "temporarily_unavailable"
    assert refused["Cache-Control"] == "no-store"
    assert ask(**form, client_secret=secret).status_code == 200
    assert ask(**form, client_secret="wrong").status_code == 429
    elsewhere = Client().post("/oauth/token", form | {"client_secret": "wrong"}, REMOTE_ADDR="192.0.2.7")
    assert elsewhere.status_code == 401
    assert [outcome for *_, outcome, _ in events("access_token.issued")] == ["refused"] * 10 + ["ok", "refused"]


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_invented_clients_are_limited_by_their_address(path: str) -> None:
    forms = ({"grant_type": "client_credentials", "client_id": f"c{n}", "token": "x"} for n in range(53))
    statuses = [Client().post(path, form).status_code for form in forms]
    assert set(statuses[:50]) <= {400, 401}
    assert statuses[50:] == [429] * 3
    assert FailedAttempts.objects.exists()


def test_a_secret_that_an_earlier_release_hashed_slowly_still_works_and_is_hashed_again(alice: User) -> None:
    app, secret = application(alice, "client-credentials")
    Application.objects.update(client_secret=PBKDF2PasswordHasher().encode(secret, "salt" * 6, iterations=20_000))
    form = {"grant_type": "client_credentials", "client_id": app.client_id}
    assert ask(**form, client_secret="wrong").status_code == 401
    assert ask(**form, client_secret=secret).status_code == 200
    assert Application.objects.get().client_secret.startswith("pbkdf2_sha256$1$")
    assert ask(**form, client_secret=secret).status_code == 200
    assert ask(**form, client_secret="wrong").status_code == 401


def test_an_application_that_is_used_from_a_new_network_is_an_event(alice: User) -> None:
    client = machine(alice)
    for address in ("192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2"):
        assert client.get(TASK, REMOTE_ADDR=address).status_code == 404
    assert events("credential.new_address") == [
        ("alice@example.com", "Nightly report", "ok", {"network": "192.0.2.1"}),
        ("alice@example.com", "Nightly report", "ok", {"network": "2001:db8::/64"}),
    ]


def test_old_consents_are_deleted(authorized: Authorized) -> None:
    consents.delete_old()
    assert Consent.objects.exists()
    Consent.objects.update(ended_at=timezone.now() - datetime.timedelta(days=91))
    consents.delete_old()
    assert not Consent.objects.exists()


def test_expired_codes_and_tokens_are_deleted(authorized: Authorized, alice: User) -> None:
    app = Application.objects.create(
        user=alice, client_type="confidential", authorization_grant_type="client-credentials"
    )
    past = timezone.now() - datetime.timedelta(minutes=1)
    future = timezone.now() + datetime.timedelta(hours=1)
    for name, expires in (("old", past), ("new", future)):
        AccessToken.objects.create(application=app, token=name, scope="read:jira-work", expires=expires)
        Grant.objects.create(user=alice, application=app, code=name, expires=expires)
    before = set(AccessToken.objects.values_list("pk", flat=True))
    old = AccessToken.objects.get(token_checksum=consents.checksum("old"))
    consents.delete_old()
    assert set(AccessToken.objects.values_list("pk", flat=True)) == before - {old.pk}
    assert Grant.objects.filter(expires__lt=timezone.now()).count() == 0
    assert Grant.objects.filter(application=app).count() == 1
    assert authorized.status() == 404


def test_a_used_refresh_token_is_kept_so_that_its_reuse_is_noticed(authorized: Authorized) -> None:
    first = authorized.tokens["refresh_token"]
    authorized.refresh()
    consents.delete_old()
    assert authorized.refresh(refresh_token=first).status_code == 400
    assert authorized.status() == 401


# -- ASVS 10.1.1, 10.3.1, 10.4.3 ---------------------------------------------------------------------------


def test_answers_with_tokens_are_not_stored(authorized: Authorized) -> None:
    for answer in (authorized.refresh(), authorized.refresh(refresh_token="wrong"), authorized.exchange()):
        assert answer["Cache-Control"] == "no-store"
        assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("resource", "status"),
    [("http://localhost:8000/rest/", 404), ("https://other.example/", 401), ("http://localhost:8000/exports/", 401)],
)
def test_a_token_for_another_resource_is_refused(authorized: Authorized, resource: str, status: int) -> None:
    AccessToken.objects.update(resource=[resource])
    assert authorized.status() == status


def test_a_code_works_for_a_minute(alice: User, bob: User) -> None:
    app, secret = application(alice, "authorization-code")
    answer, verifier = consent(bob, app)
    left = Grant.objects.get().expires - timezone.now()
    assert datetime.timedelta(seconds=50) < left <= datetime.timedelta(seconds=60)
    Grant.objects.update(expires=timezone.now())
    refused = ask(
        grant_type="authorization_code", code=parse_qs(urlsplit(answer["Location"]).query)["code"][0],
        redirect_uri=CALLBACK, client_id=app.client_id, client_secret=secret, code_verifier=verifier,
    )  # fmt: skip
    assert refused.json() == {"error": "invalid_grant"}
