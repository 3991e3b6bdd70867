"""Every address of the portal, found by asking its own table: who may not come in does not, wherever it is."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User

pytestmark = pytest.mark.django_db

# What anybody may see: the doors themselves, and descriptions that name no one.
OPEN = (
    "/sign-in",
    "/admin/login/",
    "/rest/api/3/openapi.json",
    "/rest/api/3/docs",
    "/.well-known/",
    "/health",
)
# Opened by the caller's own secret, not by who is signed in.
BY_SECRET = ("/oauth/token", "/oauth/revoke")
# A person without any role has an account all the same.
OWN = ("/account", "/sign-out", "/sign-in", "/oauth/authorize", "/admin/logout/", "/admin/password_change/")
REFUSED = {301, 302, 401, 403, 404, 405}
SAMPLES = {
    "job_id": "1",
    "task_id": "1",
    "key": "FOO-1",
    "pk": "1",
    "mail_id": "1",
    "import_id": "1",
    "name": "projects",
}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[str]:
    """An example address of each route."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern).lstrip("^/").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, route)
        elif "(" not in route:
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda match: SAMPLES.get(match[1], "1"), route)


EVERY = sorted(set(addresses()))


def test_it_works() -> None:
    assert {"/", "/exports/", "/exports/1/file", "/rest/api/3/task/1", "/admin/exports/exportjob/"} <= set(EVERY)
    assert all(any(address.startswith(door) for address in EVERY) for door in (*OPEN, *BY_SECRET, *OWN))


@pytest.mark.parametrize("address", [address for address in EVERY if not address.startswith(OPEN)])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nobody_comes_in_without_a_name(address: str, method: str) -> None:
    answer = Client(raise_request_exception=False).generic(method, address, b"{}", content_type="application/json")
    if address.startswith(BY_SECRET):
        assert answer.status_code in REFUSED | {400}
        return
    assert answer.status_code in REFUSED, answer.content[:300]
    if answer.status_code in {301, 302}:
        assert answer["Location"].startswith(("/sign-in", "/admin/login/")) or answer["Location"] == "/admin/", answer[
            "Location"
        ]


@pytest.mark.parametrize("address", [address for address in EVERY if not address.startswith((*OWN, *OPEN))])
def test_nobody_comes_in_without_a_role(address: str, dave: User) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(dave)
    answer = browser.get(address)
    if address.startswith(BY_SECRET):
        assert answer.status_code in REFUSED | {400}
        return
    assert answer.status_code in REFUSED, answer.content[:300]


@pytest.mark.parametrize("address", [address for address in EVERY if not address.startswith(BY_SECRET)])
def test_no_form_is_taken_from_another_origin(address: str, alice: User) -> None:
    browser = Client(
        enforce_csrf_checks=True, raise_request_exception=False, headers={"origin": "https://evil.example"}
    )
    browser.force_login(alice)
    assert browser.post(address).status_code in {403, 404, 405}
