"""Every address in the URL configuration refuses users without access."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User

pytestmark = pytest.mark.django_db

# Public: sign-in, health checks and API descriptions.
PUBLIC = (
    "/sign-in",
    "/admin/login/",
    "/rest/api/3/openapi.json",
    "/rest/api/3/docs",
    "/.well-known/",
    "/health",
)
# Authenticated by a client secret instead of a user.
BY_CLIENT_SECRET = ("/oauth/token", "/oauth/revoke")
# Every user can open these, also without a role.
ANY_USER = ("/account", "/sign-out", "/sign-in", "/oauth/authorize", "/admin/logout/", "/admin/password_change/")
REFUSED = {301, 302, 401, 403, 404, 405}
SAMPLES = {
    "job_id": "1",
    "task_id": "1",
    "version": "3",
    "key": "FOO-1",
    "pk": "1",
    "mail_id": "1",
    "import_id": "1",
    "name": "projects",
}


def addresses(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "/") -> Iterator[str]:
    """An example address for each route, and for each version of the REST API."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern).lstrip("^/").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, route)
        elif "(" not in route:
            for version in ("2", "3"):
                versioned = route.replace("<jira_version:version>", version)
                yield re.sub(r"<(?:\w+:)?(\w+)>", lambda match: SAMPLES.get(match[1], "1"), versioned)


EVERY = sorted(set(addresses()))


def test_it_works() -> None:
    assert {
        "/",
        "/exports/",
        "/exports/1/file",
        "/rest/api/2/task/1",
        "/rest/api/3/task/1",
        "/admin/exports/exportjob/",
    } <= set(EVERY)
    assert all(
        any(address.startswith(prefix) for address in EVERY) for prefix in (*PUBLIC, *BY_CLIENT_SECRET, *ANY_USER)
    )


@pytest.mark.parametrize("address", [address for address in EVERY if not address.startswith(PUBLIC)])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_anonymous_users_are_refused(address: str, method: str) -> None:
    answer = Client(raise_request_exception=False).generic(method, address, b"{}", content_type="application/json")
    if address.startswith(BY_CLIENT_SECRET):
        assert answer.status_code in REFUSED | {400}
        return
    assert answer.status_code in REFUSED, answer.content[:300]
    if answer.status_code in {301, 302}:
        assert answer["Location"].startswith(("/sign-in", "/admin/login/")) or answer["Location"] == "/admin/", answer[
            "Location"
        ]


@pytest.mark.parametrize("address", [address for address in EVERY if not address.startswith((*ANY_USER, *PUBLIC))])
def test_users_without_a_role_are_refused(address: str, dave: User) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(dave)
    answer = browser.get(address)
    if address.startswith(BY_CLIENT_SECRET):
        assert answer.status_code in REFUSED | {400}
        return
    assert answer.status_code in REFUSED, answer.content[:300]


@pytest.mark.parametrize("address", [address for address in EVERY if not address.startswith(BY_CLIENT_SECRET)])
def test_forms_from_another_origin_are_refused(address: str, alice: User) -> None:
    browser = Client(
        enforce_csrf_checks=True, raise_request_exception=False, headers={"origin": "https://evil.example"}
    )
    browser.force_login(alice)
    assert browser.post(address).status_code in {403, 404, 405}
