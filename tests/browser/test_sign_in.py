"""Passkeys, codes of an app, recovery codes and single sign-on: with a mouse, by keyboard, on a phone, without scripts.

The passkeys are those of Chromium's virtual authenticator (WebDriver's extension of WebAuthn, over DevTools).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests.accounts.identity_provider import IdentityProvider, running_provider
from tests.accounts.test_second_factor import code_of
from tests.browser.gallery import still_portal
from tests.browser.test_every_page import VIEWPORTS, problems
from tests.running import PASSWORD, RunningPortal, free_port

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="pages do not depend on the database"
    ),
]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PERSON = """
from accounts.models import User
from accounts.permissions import Role
User.objects.create_user({email!r}, {password!r}, name="Somebody", roles=[Role.JIRA_ADMIN])
"""
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def provider() -> IdentityProvider:
    """It runs in the test that needs it."""
    return IdentityProvider(free_port())


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, provider: IdentityProvider) -> Iterator[RunningPortal]:
    environment = {"OIDC_PROVIDERS": "op"} | provider.variables(OIDC_OP_TITLE="Example Inc.")
    with still_portal(tmp_path_factory.mktemp("sign-in"), **environment) as running:
        yield running


@pytest.fixture
def visit(browser: Browser, portal: RunningPortal) -> Iterator[Visit]:
    """Open a page in a new browser profile. Errors and warnings of the portal in the console fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: Any) -> None:
        is_portals = message.page.url.startswith(portal.url)
        if is_portals and message.type in {"error", "warning"}:
            complaints.append(message.text)

    def open_page(path: str = "/sign-in", *, width: int = 1280, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(portal.url + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def person(portal: RunningPortal, request: pytest.FixtureRequest) -> str:
    """The email of a Jira admin of this test."""
    email = f"{re.sub(r'[^a-z0-9]', '', request.node.name)}@example.com"
    portal.manage("shell", "-v0", "-c", PERSON.format(email=email, password=PASSWORD))
    return email


def virtual_authenticator(page: Page) -> tuple[CDPSession, str]:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return devtools, made["authenticatorId"]


def give_password(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def expect_signed_in(page: Page) -> None:
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def expect_accessible(page: Page) -> None:
    """axe finds nothing, in light and dark and on a phone, and nothing scrolls sideways."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for viewport, width in VIEWPORTS.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if viewport == "dark" else "light")
        found += problems(page, viewport)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    assert found == [], page.url


def add_passkey(page: Page, portal: RunningPortal, name: str) -> None:
    page.goto(f"{portal.url}/account/second-factor/passkeys/new")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add passkey").click()


def add_app(page: Page, portal: RunningPortal) -> tuple[str, list[str]]:
    """The app's key and the recovery codes."""
    page.goto(f"{portal.url}/account/second-factor/app")
    key = page.get_by_label("Key").input_value()
    expect_accessible(page)
    page.get_by_label("Code", exact=True).fill(code_of(key))
    page.get_by_role("button", name="Add app").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return key, page.locator(".codes code").all_text_contents()


def test_it_works_with_a_passkey_alone(visit: Visit, portal: RunningPortal, person: str) -> None:
    page = visit()
    devtools, authenticator = virtual_authenticator(page)
    give_password(page, person)
    page.goto(f"{portal.url}/account/second-factor")
    expect_accessible(page)
    page.get_by_role("link", name="Add passkey").click()
    expect_accessible(page)
    add_passkey(page, portal, "Laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect_accessible(page)
    page.get_by_role("link", name="I have saved them").click()
    expect(page.get_by_text("Laptop")).to_be_visible()
    expect_accessible(page)
    (credential,) = devtools.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"]
    assert (credential["rpId"], credential["isResidentCredential"]) == ("localhost", True)

    sign_out(page)
    page.goto(f"{portal.url}/sign-in?next=/exports/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{portal.url}/exports/")
    expect_signed_in(page)


def test_a_passkey_is_the_second_step_after_the_password(visit: Visit, portal: RunningPortal, person: str) -> None:
    page = visit(width=360)
    virtual_authenticator(page)
    give_password(page, person)
    add_passkey(page, portal, "Phone")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)

    give_password(page, person)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    expect_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect_signed_in(page)


def test_a_passkey_alone_needs_a_pin_or_a_fingerprint(visit: Visit, portal: RunningPortal, person: str) -> None:
    page = visit()
    devtools, authenticator = virtual_authenticator(page)
    give_password(page, person)
    add_passkey(page, portal, "Phone")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("The passkey was not used. Try again, or use another way.")
    expect_accessible(page)


def test_a_stolen_answer_of_a_passkey_does_not_work_again(visit: Visit, portal: RunningPortal, person: str) -> None:
    page = visit()
    virtual_authenticator(page)
    give_password(page, person)
    add_passkey(page, portal, "Laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect_signed_in(page)
    (answer,) = [body for body in sent if "credential=" in body]

    thief = visit()
    thief.evaluate("fetch('/sign-in/passkey')")  # a challenge of their own
    token = thief.locator("#passkey-form [name=csrfmiddlewaretoken]").input_value()
    body = re.sub(r"csrfmiddlewaretoken=[^&]*", f"csrfmiddlewaretoken={token}", answer)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": portal.url}
    shown = thief.context.request.post(f"{portal.url}/sign-in/passkey", data=body, headers=headers).text()
    assert "The passkey was not accepted." in shown
    assert "Sign out" not in shown


def test_codes_by_keyboard_only(visit: Visit, portal: RunningPortal, person: str) -> None:
    page = visit()
    keys = page.keyboard
    expect(page.get_by_label("Email")).to_be_focused()
    keys.type(person)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect_signed_in(page)
    key, codes = add_app(page, portal)
    sign_out(page)

    keys.type(person)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    expect_accessible(page)
    page.get_by_label("Code").focus()
    keys.type("000000")
    keys.press("Enter")
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    keys.type(code_of(key))
    keys.press("Enter")
    expect_signed_in(page)
    sign_out(page)

    give_password(page, person)
    expect(page.get_by_label("Code")).to_be_focused()
    keys.type(codes[0])
    keys.press("Enter")
    expect_signed_in(page)


def test_without_scripts_on_a_phone(visit: Visit, portal: RunningPortal, person: str) -> None:
    page = visit(width=360, scripts=False)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    give_password(page, person)
    page.goto(f"{portal.url}/account/second-factor/passkeys/new")
    expect(page.get_by_text("Passkeys need JavaScript.")).to_be_visible()
    expect(page.get_by_role("button", name="Add passkey")).to_be_hidden()
    page.goto(f"{portal.url}/account/second-factor/app")
    key = page.get_by_label("Key").input_value()
    page.get_by_label("Code", exact=True).fill(code_of(key))
    page.get_by_role("button", name="Add app").click()
    codes = page.locator(".codes code").all_text_contents()
    sign_out(page)
    give_password(page, person)
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in with the code").click()
    expect_signed_in(page)


def test_a_passkey_confirms_who_it_is(visit: Visit, portal: RunningPortal, person: str) -> None:
    page = visit()
    virtual_authenticator(page)
    give_password(page, person)
    add_passkey(page, portal, "Laptop")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{portal.url}/account/confirm?next=/account/tokens")
    expect_accessible(page)
    page.get_by_role("link", name="Use a passkey").click()
    expect_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{portal.url}/account/tokens")


def test_single_sign_on(visit: Visit, portal: RunningPortal, provider: IdentityProvider, person: str) -> None:
    """The page that leads to the provider is one of the portal's, because its CSP lets forms lead to no other host."""
    with running_provider(provider, portal.url):
        provider.know(ann={"email": person})
        page = visit("/sign-in?next=/account", width=360)
        expect_accessible(page)
        page.get_by_role("button", name="Sign in with Example Inc.").click()
        page.wait_for_url(f"{provider.issuer}/**")
        page.locator("[name=login]").fill("ann")
        page.locator("[name=password]").fill("anything")
        page.locator("[type=submit]").click()
        page.locator("[type=submit]").click()  # what the portal may know
        page.wait_for_url(f"{portal.url}/account")
        expect_signed_in(page)
        expect(page.get_by_text(person)).to_be_visible()
