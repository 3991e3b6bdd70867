"""Without https, browsers are led to it and programs are refused."""

import base64
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tokens import create_token

pytestmark = pytest.mark.django_db

SENTENCE = "This request came unencrypted. Use http://localhost:8000. If it contained a token, revoke that token."


@pytest.fixture(autouse=True)
def https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True


def test_it_works(client: Client) -> None:
    response = client.get("/exports/?page=2")
    assert (response.status_code, response["Location"]) == (301, "https://testserver/exports/?page=2")


def test_a_program_is_refused_and_told_in_json(client: Client, bob: User) -> None:
    _, token = create_token(bob, "script")
    header = "Basic " + base64.b64encode(f"{bob.email}:{token}".encode()).decode()
    answer = client.get("/rest/api/3/task/1", headers={"authorization": header})
    assert (answer.status_code, answer.json()) == (403, {"errorMessages": [SENTENCE], "errors": {}})
    assert client.get("/rest/api/3/task/1", headers={"authorization": header}, secure=True).status_code == 404


@pytest.mark.parametrize(
    "address", ["/oauth/token", "/oauth/revoke", "/rest/api/2/issue/unarchive", "/mail/mailgun/tracking/"]
)
def test_no_program_is_redirected(client: Client, address: str) -> None:
    assert client.post(address).status_code == 403


def test_a_download_with_a_token_is_not_redirected(client: Client) -> None:
    assert client.get("/exports/1/file").status_code == 301
    assert client.get("/exports/1/file", headers={"authorization": "Bearer secret"}).status_code == 403


def test_monitors_need_no_https(client: Client) -> None:
    assert client.get("/health/ready").status_code == 200
