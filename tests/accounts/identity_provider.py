"""A certified OpenID Connect provider on loopback, and someone who signs in there: see tests/clients/provider.mjs."""

import html
import os
import re
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from django.test import Client

from tests.running import wait_for

CLIENTS = Path(__file__).parents[1] / "clients"
NODE = Path(sysconfig.get_path("scripts"), "node")
BACK = "/sign-in/with/op/back"


class IdentityProvider:
    """Begins to listen at `port` of loopback with `running_provider`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.issuer = f"http://localhost:{port}"

    def variables(self, **others: str) -> dict[str, str]:
        """The environment variables with which the portal uses this provider."""
        return {
            "OIDC_OP_ISSUER": self.issuer,
            "OIDC_OP_CLIENT_ID": "portal",
            "OIDC_OP_CLIENT_SECRET": "secret",
        } | others

    def know(self, **people: dict[str, Any]) -> None:
        """Who signs in with which claims, by name."""
        requests.post(f"{self.issuer}/test", json={"people": people}, timeout=30)

    def forge(self, what: str) -> None:
        """What to put in place of each ID token; "" for the true one."""
        requests.post(f"{self.issuer}/test", json={"forge": what}, timeout=30)


@contextmanager
def running_provider(provider: IdentityProvider, portal_url: str) -> Iterator[None]:
    command = [str(NODE), "provider.mjs", str(provider.port), portal_url + BACK]
    process = subprocess.Popen(command, cwd=CLIENTS, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(lambda: _answers(provider), "the identity provider answers")
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # the command starts Node as a process of its own
        process.wait(timeout=30)


def _answers(provider: IdentityProvider) -> bool:
    try:
        return requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=5).ok
    except requests.RequestException:
        return False


class Visitor:
    """One browser: what it sends to the portal, and its session at the provider."""

    def __init__(self) -> None:
        self.portal = Client(raise_request_exception=False)
        self.provider = requests.Session()

    def begin(self, next_page: str = "") -> str:
        """Choose the provider on the sign-in page. Returns the address that the portal leads to."""
        page = self.portal.post("/sign-in/with/op", {"next": next_page}).content.decode()
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
        assert found, page
        return html.unescape(found[1])

    def sign_in_there(self, address: str, name: str) -> str:
        """Sign in at the provider, and allow the portal to know who it is. Returns the address it leads back to."""
        response = self.provider.get(address, allow_redirects=False, timeout=30)
        while True:
            location = response.headers.get("Location")
            if location is None:
                response = self._fill_in(response, name)
            elif urlsplit(location).path == BACK:
                return location
            else:
                response = self.provider.get(urljoin(response.url, location), allow_redirects=False, timeout=30)

    def come_back(self, address: str) -> Any:
        url = urlsplit(address)
        return self.portal.get(f"{url.path}?{url.query}")

    def sign_in(self, name: str, next_page: str = "") -> Any:
        return self.come_back(self.sign_in_there(self.begin(next_page), name))

    def is_signed_in(self) -> bool:
        return self.portal.get("/account").status_code == 200

    def _fill_in(self, response: requests.Response, name: str) -> requests.Response:
        action = re.search(r'<form[^>]* action="([^"]+)"', response.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', response.text)
        assert action, response.text
        assert prompt, response.text
        form = {"prompt": prompt[1], "login": name, "password": "anything"}
        return self.provider.post(
            urljoin(response.url, html.unescape(action[1])), data=form, allow_redirects=False, timeout=30
        )
