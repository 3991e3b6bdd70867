"""schemathesis sends thousands of unusual requests to the running portal, generated from its OpenAPI description.

All of its checks run, also on sequences of requests, with each kind of credentials. FUZZ_EXAMPLES is the number of
cases per operation and phase; `make fuzz` raises it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.running import PASSWORD, RunningPortal

pytestmark = pytest.mark.processes

EMAIL = "alice@example.com"
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "5")
MACHINE = """
from accounts.models import User
from oauth2_provider.models import Application
from accounts.models import ApplicationScopes
made = Application.objects.create(
    name="fuzz", client_id="fuzz", client_secret="fuzz-secret", client_type="confidential",
    authorization_grant_type="client-credentials", user=User.objects.get(),
)
ApplicationScopes.objects.create(application=made, scope="read:jira-work write:jira-work")
"""


def basic(portal: RunningPortal) -> list[str]:
    token = portal.manage("create_api_token", EMAIL, "--name", "fuzz").splitlines()[-1]
    return ["--auth", f"{EMAIL}:{token}"]


def bearer(portal: RunningPortal) -> list[str]:
    portal.manage("shell", "-v0", "-c", MACHINE)
    form = {"grant_type": "client_credentials", "client_id": "fuzz", "client_secret": "fuzz-secret"}
    token = requests.post(f"{portal.url}/oauth/token", data=form).json()["access_token"]
    return ["--header", f"Authorization: Bearer {token}"]


def session(portal: RunningPortal) -> list[str]:
    """Sessions are not in the description, so the check that removes the credentials would leave this one."""
    browser = requests.Session()
    page = browser.get(f"{portal.url}/sign-in").text
    form_token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert form_token
    form = {"csrfmiddlewaretoken": form_token[1], "login": EMAIL, "password": PASSWORD}
    browser.post(f"{portal.url}/sign-in", data=form).raise_for_status()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    sent = [f"Cookie: {cookies}", f"X-CSRFToken: {browser.cookies['csrftoken']}"]
    return ["--header", sent[0], "--header", sent[1], "--exclude-checks", "ignored_auth"]


def nobody(_: RunningPortal) -> list[str]:
    return []


@pytest.mark.parametrize("credentials", [basic, bearer, session, nobody])
def test_it_works(portal: RunningPortal, credentials: object, tmp_path: Path) -> None:
    command = [
        Path(sys.executable).with_name("schemathesis"), "run", f"{portal.url}/rest/api/3/openapi.json",
        "--max-examples", EXAMPLES, "--continue-on-failure", *credentials(portal),  # type: ignore[operator]
    ]  # fmt: skip
    environment = os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path)}
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    cases = re.search(r"([\d,]+) generated, ([\d,]+) passed", done.stdout)
    print(f"\n{credentials.__name__}: {cases and cases[0]}")  # type: ignore[attr-defined]  # noqa: T201
    assert done.returncode == 0, done.stdout[-6000:]
    assert cases
    assert int(cases[1].replace(",", "")) > 50
    assert cases[1] == cases[2]
    assert "Incident" not in portal.log("web")
