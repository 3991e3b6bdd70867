"""The client's address behind proxies. If it is unknown, nobody could be held to a limit, so the request is refused."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import FailedAttempts, User
from accounts.throttle import _key, normalize_address
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(header: str | None, remote: str = "127.0.0.1", password: str = "wrong") -> Any:
    headers = {}
    if header is not None:
        headers["x-forwarded-for"] = header
    browser = Client(headers=headers, REMOTE_ADDR=remote)
    return browser.post("/sign-in", {"login": "bob@example.com", "password": password})


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "1.2.3.4", "127.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "1.2.3.4:5678", "1.2.3.4"),
    ],
)
def test_failures_behind_a_proxy_count_for_the_clients_own_address(
    bob: User, settings: Any, proxies: int, header: str, address: str
) -> None:
    settings.PROXIES = proxies
    assert sign_in(header).status_code == 200
    assert FailedAttempts.objects.filter(pk=_key("password", "address", normalize_address(address))).exists()


@pytest.mark.parametrize(
    ("proxies", "header", "remote"),
    [
        (1, None, "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "nonsense", "10.0.0.1"),
        (1, "1.2.3.4, unknown", "10.0.0.1"),
        (2, "1.2.3.4", "10.0.0.1"),
        (0, None, ""),  # a web server on a Unix socket
    ],
)
def test_a_request_of_an_unknown_client_is_refused(
    bob: User, settings: Any, proxies: int, header: str | None, remote: str
) -> None:
    settings.PROXIES = proxies
    response = sign_in(header, remote, PASSWORD)
    text = response.content.decode()
    assert response.status_code == 400
    assert f"PROXIES is {proxies}" in text
    assert "X-Forwarded-For" in text
    assert "sessionid" not in response.cookies
    assert not FailedAttempts.objects.exists()


def test_it_is_refused_in_json_under_rest(settings: Any) -> None:
    settings.PROXIES = 1
    response = Client().get("/rest/api/3/task/1")
    assert response.status_code == 400
    assert "Set PROXIES to the number of proxies" in response.json()["errorMessages"][0]


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_monitors_ask_without_the_proxy(settings: Any, path: str) -> None:
    settings.PROXIES = 1
    assert Client().get(path).status_code in {200, 503}
