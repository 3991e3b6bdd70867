"""Chromium with a running portal: web server, worker, mail server and an archive of 3,000 issues."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.running import PASSWORD, MailServer, RunningPortal, whole_portal

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
ISSUES = 3000
Open = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def async_is_safe() -> Iterator[None]:
    """Playwright runs an event loop in the thread of the tests, where Django would refuse to query the database.

    It ends with the module: Django gives code beside an event loop a database connection of its own.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is not installed: apt-get install chromium"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[RunningPortal]:
    with whole_portal(tmp_path_factory.mktemp("browser"), mail_server, ISSUES) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, portal: RunningPortal) -> dict[str, object]:
    """Alice's cookies. Signing in is slow on purpose, so it is done once."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{portal.url}/sign-in")
    page.fill("[name=login]", "alice@example.com")
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(f"{portal.url}/")
    state = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture
def open_page(browser: Browser, portal: RunningPortal, signed_in: dict[str, object]) -> Iterator[Open]:
    """Open a path as alice in a new context. Errors and warnings in the console of a page fail the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(f"{message.type}: {message.text}")

    def open_path(path: str, *, width: int = 1280, anonymous: bool = False, **options: object) -> Page:
        state = {} if anonymous else {"storage_state": signed_in}
        context = browser.new_context(viewport={"width": width, "height": 900}, **state, **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(portal.url + path)
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert complaints == []
