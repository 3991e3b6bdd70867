"""From the filter to the file in a browser: with a mouse, with the keyboard only, without JavaScript, on a phone."""

import csv
import hashlib
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.conftest import ISSUES, Open
from tests.running import PASSWORD, MailServer, wait_for

pytestmark = pytest.mark.processes

WIDTHS = [360, 1280]
EXPORT_BUTTON = re.compile(r"Export [\d,]+ issues?$")


def records(download: Download) -> list[list[str]]:
    """The records of the file, without the header."""
    text = Path(download.path()).read_bytes().decode()
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def amount(text: str | None) -> int:
    found = re.search(r"[\d,]+", text or "")
    assert found, text
    return int(found[0].replace(",", ""))


def has_no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", WIDTHS)
def test_it_works(open_page: Open, width: int) -> None:
    page = open_page("/", width=width)
    expect(page.get_by_role("button", name=f"Export {ISSUES:,} issues")).to_be_enabled()
    page.get_by_role("combobox", name="Project").fill("harb")
    page.get_by_role("option", name="HARBOR").click()
    page.wait_for_url("**/?projects=HARBOR")
    expect(page.get_by_role("link", name="Remove HARBOR")).to_be_visible()
    expect(page.locator("#results h2")).not_to_have_text(f"{ISSUES:,} issues")
    expected = amount(page.locator("#results h2").text_content())
    assert has_no_sideways_scroll(page)

    page.get_by_role("button", name=f"Export {expected:,} issues").click()
    page.wait_for_url("**/exports/*")
    link = page.get_by_role("link", name="Download CSV")
    expect(link).to_be_visible()
    expect(page).to_have_title(re.compile("✓ Ready · Export"))
    expect(page.get_by_text("Email to alice@example.com: sent")).to_be_visible()
    assert has_no_sideways_scroll(page)
    with page.expect_download() as fetched:
        link.click()
    assert len(records(fetched.value)) == expected
    assert {record[5] for record in records(fetched.value)} == {"HARBOR"}
    sha256 = page.locator("dd code").text_content()
    assert hashlib.sha256(Path(fetched.value.path()).read_bytes()).hexdigest() == sha256
    page.emulate_media(media="print")
    expect(link).to_be_hidden()
    expect(page.locator("dd code")).to_be_visible()


def test_with_the_keyboard_only(open_page: Open) -> None:
    page = open_page("/")
    keys = page.keyboard
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    keys.press("Enter")
    keys.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.press("Tab")
    project = page.get_by_role("combobox", name="Project")
    expect(project).to_be_focused()
    keys.type("pay")
    expect(page.get_by_role("option", name="PAY")).to_be_visible()
    expect(project).to_have_attribute("aria-expanded", "true")
    keys.press("ArrowDown")
    expect(project).to_have_attribute("aria-activedescendant", "projects-option-1")
    keys.press("Enter")
    page.wait_for_url("**/?projects=PAY")
    expect(project).to_be_focused()
    expect(project).to_have_value("")

    keys.press("Tab")
    expect(page.get_by_role("combobox", name="Issue type")).to_be_focused()
    keys.press("ArrowDown")
    expect(page.get_by_role("option", name="Bug")).to_be_visible()
    keys.press("Escape")
    expect(page.get_by_role("option", name="Bug")).to_be_hidden()
    keys.type("bug")
    expect(page.get_by_role("option", name="Bug")).to_be_visible()
    keys.press("Enter")
    page.wait_for_url("**/?projects=PAY&issueTypes=10003")

    button = page.get_by_role("button", name=EXPORT_BUTTON)
    expected = amount(button.text_content())
    for _ in range(20):
        keys.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    expect(button).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/exports/*")
    link = page.get_by_role("link", name="Download CSV")
    expect(link).to_be_visible()
    link.focus()
    with page.expect_download() as fetched:
        keys.press("Enter")
    assert len(records(fetched.value)) == expected


def test_without_javascript(open_page: Open) -> None:
    page = open_page("/", width=360, java_script_enabled=False)
    page.get_by_role("combobox", name="Project").fill("pay")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("checkbox", name="PAY Payments").check()
    page.get_by_role("button", name="Apply").click()
    assert "projects=PAY" in page.url
    button = page.get_by_role("button", name=EXPORT_BUTTON)
    expected = amount(button.text_content())
    assert 0 < expected < ISSUES
    button.click()
    link = page.get_by_role("link", name="Download CSV")
    expect(link).to_be_visible()  # the page reloads itself
    with page.expect_download() as fetched:
        link.click()
    assert len(records(fetched.value)) == expected


def test_the_link_in_the_email_opens_the_file_after_sign_in(open_page: Open, mail_server: MailServer) -> None:
    message = wait_for(lambda: next(iter(mail_server.messages), None), "an email about an earlier export")
    body = message.get_body(("plain",))
    assert body
    link = re.search(r"http://\S+/file", body.get_content())
    assert link
    page = open_page("/sign-in", width=360, anonymous=True)
    page.goto(link[0])
    page.get_by_label("Email").fill("alice@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Sign in", exact=True).click()
    assert records(fetched.value)
