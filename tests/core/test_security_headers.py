"""Every answer has the security headers, whatever gives it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.security_headers import HEADERS, headers_without_a_request
from tests.factories import make_issue

pytestmark = pytest.mark.django_db

POLICY = {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'"}
HSTS = "max-age=31536000; includeSubDomains; preload"
SECURE = {
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31536000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
}


@pytest.fixture(autouse=True)
def https(settings: Any, tmp_path: Path) -> None:
    """The settings of a portal with https, and one static file."""
    for name, value in SECURE.items():
        setattr(settings, name, value)
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "portal.css").write_text("body {}")


def check(response: Any, cache: str = "no-store") -> None:
    assert cache in response.headers["Cache-Control"]
    expected = {name: value for name, value in HEADERS.items() if name != "Cache-Control"}
    assert {name: response.headers.get(name) for name in expected} == expected
    assert set(response.headers["Content-Security-Policy"].split("; ")) >= POLICY
    assert response.headers["Strict-Transport-Security"] == HSTS


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/", 302),
        ("GET", "/nowhere", 404),
        ("GET", "/exports/1/file", 401),
        ("POST", "/exports/1/file", 401),
        ("POST", "/sign-out", 302),
        ("GET", "/sign-out", 405),
        ("TRACE", "/", 405),
        ("GET", "/rest/api/3/task/1", 401),
        ("GET", "/rest/nowhere", 404),
        ("GET", "/rest/api/3/docs", 200),
        ("GET", "/oauth/authorize", 302),
        ("POST", "/oauth/token", 400),
        ("GET", "/static/nothing.css", 404),
    ],
)
def test_answers_to_anybody(client: Client, method: str, address: str, status: int) -> None:
    response = client.generic(method, address, secure=True)
    assert response.status_code == status
    check(response)


@pytest.mark.parametrize("address", ["/", "/exports/", "/issues/FOO-1", "/account", "/admin/"])
def test_pages(client: Client, alice: User, address: str) -> None:
    make_issue(1)
    client.force_login(alice)
    response = client.get(address, secure=True)
    assert response.status_code == 200
    check(response)


def test_the_sign_in_page(client: Client) -> None:
    check(client.get("/sign-in", secure=True))


def test_static_files(client: Client) -> None:
    response: Any = client.get("/static/portal.css", secure=True)
    assert b"".join(response.streaming_content) == b"body {}"
    check(response, cache="public")
    assert "Access-Control-Allow-Origin" not in response
    response.close()


@pytest.mark.parametrize("address", ["/health", "/health/ready"])
def test_health_checks(client: Client, address: str) -> None:
    check(client.get(address, secure=True))


@pytest.mark.parametrize("address", ["/", "/sign-in", "/rest/api/3/task/1", "/static/nothing.css", "/health"])
@pytest.mark.parametrize("is_secure", [True, False])
def test_a_wrong_host(client: Client, address: str, is_secure: bool) -> None:
    response = client.get(address, secure=is_secure, headers={"host": "evil.example"})
    assert response.status_code in {400, 403}  # 403 is for programs that come by http
    if not is_secure:
        assert "Strict-Transport-Security" not in response
        response["Strict-Transport-Security"] = HSTS
    check(response)


@pytest.mark.parametrize("address", ["/sign-in", "/rest/api/3/issues/archive/export"])
def test_a_body_that_is_too_large(client: Client, address: str) -> None:
    response = client.post(address, b"x" * 1_100_000, content_type="text/plain", secure=True)
    assert response.status_code == 413
    check(response)


@pytest.mark.parametrize("address", ["/sign-in", "/rest/api/3/task/1"])
def test_an_unknown_client(client: Client, settings: Any, address: str) -> None:
    settings.PROXIES = 1
    response = client.get(address, secure=True)
    assert response.status_code == 400
    check(response)


@pytest.mark.parametrize("address", ["/account", "/rest/api/3/task/1"])
def test_an_unexpected_error(alice: User, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    monkeypatch.setattr(User, "zone", property(lambda _user: 1 / 0))
    response = client.get(address, secure=True)
    assert response.status_code == 500
    check(response)


def test_what_the_web_server_answers_itself() -> None:
    found = headers_without_a_request()
    assert found.items() >= HEADERS.items()
    assert set(found["Content-Security-Policy"].split("; ")) >= POLICY
    assert found["Strict-Transport-Security"] == HSTS
