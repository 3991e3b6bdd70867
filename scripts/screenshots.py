"""`make screenshots`: save pictures of the portal's pages.

Every page in every state (desktop, dark and phone) goes to build/screenshots. The pictures in README.md and the
documentation go to docs/images. `screenshots.py --docs` saves only the latter, `--states` only the former.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.running import RunningPortal

FOLDER = ROOT / "build" / "screenshots"
VIEWPORTS = {"desk": (1280, "light"), "dark": (1280, "dark"), "phone": (360, "light")}
IMAGES = ROOT / "docs" / "images"
SHOWN_FILTER = "/?projects=HARBOR&projects=PAY&issueTypes=10003&dateAfter=2023-01-01&dateBefore=2023-10-11"
# Texts that depend on when the picture is taken get fixed values, so that a new picture only differs if the page does.
STEADY = r"""
const now = Date.now(), base = Date.UTC(2026, 2, 2, 9, 30), hour = 3600e3
for (const element of document.querySelectorAll("time")) {
  const age = now - Date.parse(element.dateTime)
  if (age > 30 * 24 * hour) continue
  const moment = new Date(base - Math.round(age / hour) * hour)
  const month = moment.toLocaleString("en", {month: "short", timeZone: "UTC"})
  const day = `${moment.getUTCDate()} ${month} ${moment.getUTCFullYear()}`
  element.textContent = `${day}, ${moment.toISOString().slice(11, 16)}`
}
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
while (texts.nextNode()) {
  texts.currentNode.data = texts.currentNode.data
    .replace(/[\d,]+ per second, about \d+ s left/, "11,223 per second, about 16 s left")
    .replace(/in [\d.]+ s \([\d,]+ a second\)/, "in 0.1 s (812 a second)")
}
"""
MAIL = """
import datetime
from exports.mail import compose
from exports.models import Mail
mail = Mail.objects.filter(kind="ready").latest("pk")
mail.job.snapshot_at = datetime.datetime(2026, 3, 2, 9, 30, 4, tzinfo=datetime.UTC)
mail.job.expires_at = mail.job.snapshot_at + datetime.timedelta(days=7)
print(compose(mail).alternatives[0].content)
"""


@dataclass(frozen=True)
class Image:
    """A picture of the documentation: its name, the page's path and how many pixels of it are shown."""

    name: str
    path: str
    height: int
    width: int = 1280


def main() -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        if "--states" not in sys.argv:
            save_images(browser)
        if "--docs" not in sys.argv:
            save_states(browser)
        browser.close()


def save_states(browser: "Browser") -> None:
    """Save every page in every state."""
    from tests.browser.gallery import Visitor, pictures, still_portal

    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name, still_portal(Path(name, "portal")) as portal:
        visitor = Visitor(browser, portal)
        for picture in pictures(portal):
            page = visitor.open(picture)
            for viewport, (width, scheme) in VIEWPORTS.items():
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.screenshot(path=FOLDER / f"{picture.name}-{viewport}.png", full_page=True)
    print(f"{len(list(FOLDER.iterdir()))} screenshots in {FOLDER}")


def save_images(browser: "Browser") -> None:
    """Save the pictures of the documentation."""
    from tests.browser.gallery import Picture, Visitor, still_portal

    with tempfile.TemporaryDirectory() as name, still_portal(Path(name, "portal")) as portal:
        visitor = Visitor(browser, portal)
        for image in images(portal):
            save(visitor.open(Picture(image.name, image.path)), image)
        save_mail(browser, portal)
    print(f"{len(list(IMAGES.glob('*.png')))} pictures in {IMAGES}")


def images(portal: "RunningPortal") -> Iterator[Image]:
    """The pictures of pages. Each state is created when its picture is requested, from the state before."""
    from tests.browser import gallery

    portal.manage("seed_issues", "3000")
    portal.manage("shell", "-v0", "-c", gallery.SEEN)
    yield Image("archive", SHOWN_FILTER, 860)
    complete = portal.manage("shell", "-v0", "-c", gallery.ENDED).split()[-1]
    yield Image("export-complete", f"/exports/{complete}", 800)
    running = portal.manage("shell", "-v0", "-c", gallery.WAITING).strip()
    portal.manage("shell", "-v0", "-c", gallery.RUNNING)
    yield Image("export-running", f"/exports/{running}", 560)
    yield Image("history", "/exports/", 560)
    imported = portal.manage("shell", "-v0", "-c", gallery.IMPORTS).split()[0]
    yield Image("import", "/imports/", 680)
    yield Image("import-complete", f"/imports/{imported}", 600)


def save_mail(browser: "Browser", portal: "RunningPortal") -> None:
    """Save the email of the newest complete export."""
    mail = portal.manage("shell", "-v0", "-c", MAIL).replace(portal.url, "https://archive.example.com")
    page = browser.new_page()
    page.set_content(mail)
    page.add_style_tag(content="body { margin: 24px }")
    save(page, Image("email", "", 600, 720))


def save(page: "Page", image: Image) -> None:
    page.set_viewport_size({"width": image.width, "height": image.height})
    page.evaluate(STEADY)
    page.screenshot(path=IMAGES / f"{image.name}.png")


if __name__ == "__main__":
    main()
