"""Every page in every state: axe-core finds no violation, nothing scrolls sideways, and the console is empty."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.browser.gallery import Visitor, pictures, still_portal

pytestmark = pytest.mark.processes

VIEWPORTS = {"light": 1280, "dark": 1280, "phone": 360}
# Only colors differ between the light and the dark page, and all else between the wide page and the phone.
COLOR_RULES = ["color-contrast", "link-in-text-block"]
WITHOUT_COLORS = {rule: {"enabled": False} for rule in COLOR_RULES}
RUN_AXE = "options => axe.run(options).then(results => results.violations)"


def problems(page: Page, viewport: str) -> list[str]:
    """What is wrong with a page in which axe is loaded."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if viewport == "dark":
        options["runOnly"] = COLOR_RULES
    elif viewport == "phone":
        options["rules"] = WITHOUT_COLORS
    found = []
    for violation in page.evaluate(RUN_AXE, options):
        found += [_describe(violation["id"], node) for node in violation["nodes"]]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        found.append("scrolls sideways")
    return [f"{viewport}: {problem}" for problem in found]


def _describe(rule: str, node: dict[str, Any]) -> str:
    return f"{rule}: {node['html'][:200]} {node.get('failureSummary', '')}"


@pytest.mark.skipif(
    not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="pages do not depend on the database"
)
def test_every_page_is_accessible_in_light_and_dark_and_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    faults: dict[str, list[str]] = {}
    seen = 0
    with still_portal(tmp_path) as portal:
        visitor = Visitor(browser, portal)
        for picture in pictures(portal):
            page = visitor.open(picture)
            page.evaluate(AXE_SCRIPT)
            for viewport, width in VIEWPORTS.items():
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme="dark" if viewport == "dark" else "light")
                found = problems(page, viewport)
                if found:
                    faults.setdefault(picture.name, []).extend(found)
            seen += 1
    assert faults == {}
    assert visitor.complaints == []
    assert seen > 30
