"""No password, token, client secret, code or session key ever gets into the audit trail or its log."""

import base64
import hashlib
import logging
import re
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import serializers
from django.test import Client
from oauth2_provider.models import Application
from rest_framework.test import APIClient

from accounts import audit
from accounts.models import ApiToken, AuditEvent, User
from exports import services, tasks
from exports.models import ExportJob
from tests.accounts.test_second_factor import add_app
from tests.conftest import PASSWORD
from tests.factories import make_issue
from tests.rest_client import EXPORT, basic

pytestmark = pytest.mark.django_db(transaction=True)

CALLBACK = "https://client.example/callback"
WRONG = "the wrong horse battery staple"
NEW = "another horse, another staple"
HEADERS = {"referer": "http://testserver/"}


class Secrets(list[str]):
    """What must never be found. Short ones would be found by chance."""

    def learn(self, *values: str) -> None:
        for value in values:
            assert len(value) >= 6, value
            self.append(value)


@pytest.fixture
def known() -> Secrets:
    found = Secrets()
    found.learn(PASSWORD, WRONG, NEW)
    return found


@pytest.fixture
def log(settings: Any, caplog: Any) -> Iterator[Any]:
    settings.AUDIT_LOG = "stdout"
    logger = logging.getLogger("audit")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


def learn_cookies(client: Client, known: Secrets) -> None:
    known.learn(*[cookie.value for cookie in client.cookies.values() if cookie.value])


def sign_in(client: Client, known: Secrets) -> None:
    for email, password in (("bob@example.com", WRONG), (PASSWORD, WRONG), ("nobody@example.com", PASSWORD)):
        assert client.post("/sign-in", {"login": email, "password": password}).status_code == 200
    assert client.post("/sign-in", {"login": "bob@example.com", "password": PASSWORD}).status_code == 302
    learn_cookies(client, known)


def use_tokens(client: Client, known: Secrets) -> None:
    page = client.post("/account/tokens", {"name": "nightly", "days": "30", "scopes": ["read:jira-work"]})
    token = page.context["secret"]
    known.learn(token, token.partition(".")[2])
    rest = APIClient()
    for email, secret in (("bob@example.com", token), ("alice@example.com", token), (token, token), ("", token)):
        rest.credentials(HTTP_AUTHORIZATION=basic(email, secret))
        rest.put(EXPORT, {}, format="json")
    rest.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    rest.get(f"/rest/api/3/task/1?access_token={token}")
    client.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke")


def use_oauth(client: Client, bob: User, known: Secrets) -> None:
    form = {"name": "Report", "kind": "web", "redirect_uris": CALLBACK, "scopes": ["read:jira-work"]}
    secret = client.post("/account/applications", form).context["secret"]
    app = Application.objects.get()
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": app.client_id, "redirect_uri": CALLBACK, "scope": "read:jira-work",
        "state": "state-of-the-client", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    answer = client.post("/oauth/authorize", query | {"allow": "yes"})
    code = parse_qs(urlsplit(answer["Location"]).query)["code"][0]
    known.learn(secret, verifier, code)
    who = {"client_id": app.client_id, "client_secret": secret}
    ask = Client()
    right = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": verifier}
    tokens = ask.post("/oauth/token", right | who).json()
    known.learn(tokens["access_token"], tokens["refresh_token"])
    renewed = ask.post(
        "/oauth/token", {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]} | who
    ).json()
    known.learn(renewed["access_token"], renewed["refresh_token"])
    rest = APIClient()
    rest.credentials(HTTP_AUTHORIZATION=f"Bearer {renewed['access_token']}")
    rest.put(EXPORT, {}, format="json")
    # Clients that mix up their fields
    ask.post("/oauth/token", {"grant_type": secret, "client_id": secret, "client_secret": app.client_id, "code": code})
    ask.post("/oauth/token", right | {"client_id": secret, "code": secret})
    ask.post("/oauth/token", {"grant_type": code}, headers={"authorization": basic(secret, app.client_id)})
    ask.post("/oauth/revoke", {"token": renewed["access_token"]} | who)
    client.post(f"/account/applications/{app.pk}/remove")


def change_credentials(client: Client, mailoutbox: Any, run_queue: Any, known: Secrets) -> str:
    """Returns a recovery code."""
    client.post("/account/password", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    learn_cookies(client, known)
    key, codes = add_app(client)
    known.learn(key, *codes)
    client.post("/account/email", {"email": "new-bob@example.com", "action_add": ""})
    Client().post("/sign-in/reset", {"email": "bob@example.com"})
    run_queue()
    found = [re.search(r"/sign-in/reset/(\S+)", mail.body) for mail in mailoutbox]
    links = [match for match in found if match]
    assert links
    key = links[0][1]
    known.learn(key, key.partition("-")[2])
    visitor = Client()
    page = visitor.get(f"/sign-in/reset/{key}")
    visitor.post(page["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    learn_cookies(visitor, known)
    return codes[0]


def browse(client: Client, job: ExportJob, known: Secrets) -> None:
    b"".join(client.get(f"/exports/{job.pk}/file", headers={"range": "bytes=1-"}).streaming_content)  # type: ignore[attr-defined]
    client.get(f"/imports/?token={known[0]}")
    client.post("/sign-out")


def search_in_admin(alice: User, known: Secrets) -> None:
    admin = Client()
    admin.force_login(alice)
    learn_cookies(admin, known)
    for secret in list(known):
        b"".join(admin.get("/admin/accounts/auditevent/csv/", {"q": secret}))


def test_it_works(
    alice: User, bob: User, client: Client, known: Secrets, log: Any, mailoutbox: Any, run_queue: Any, settings: Any
) -> None:
    settings.AUDIT_ISSUE_VIEWS = True
    make_issue(1)
    sign_in(client, known)
    use_oauth(client, bob, known)
    job = ExportJob.objects.get()
    services.cancel_export(bob, job.pk)
    use_tokens(client, known)
    job = ExportJob.objects.latest("pk")
    tasks.build_export(job.pk)
    client.get("/issues/FOO-1")
    code = change_credentials(client, mailoutbox, run_queue, known)
    client.post("/sign-in", {"login": "bob@example.com", "password": PASSWORD})
    for given in ("12345678", code):
        client.post("/sign-in/second-factor", {"code": given})
    learn_cookies(client, known)
    browse(client, job, known)
    search_in_admin(alice, known)

    recorded = set(AuditEvent.objects.values_list("action", flat=True))
    assert recorded >= {
        "session.started", "token.created", "credential.refused", "application.created", "grant.given",
        "access_token.issued", "access_token.revoked", "password.changed", "second_factor.added",
        "export.downloaded", "access.refused", "audit.exported",
    }  # fmt: skip
    trail = serializers.serialize("json", AuditEvent.objects.all())
    trail += "\n".join(audit.as_line(event) for event in AuditEvent.objects.all())
    lines = "\n".join(record.getMessage() for record in log.records if record.name == "audit")
    assert lines.count("\n") + 1 == AuditEvent.objects.exclude(action="person.created").count()
    assert len(known) > 15
    for secret in known:
        assert secret not in trail, secret
        assert secret not in lines, secret
