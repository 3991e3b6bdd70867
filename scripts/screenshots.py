"""`make screenshots`: save every page in every state (desktop, dark and phone) in build/screenshots."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
FOLDER = ROOT / "build" / "screenshots"
VIEWPORTS = {"desk": (1280, "light"), "dark": (1280, "dark"), "phone": (360, "light")}


def main() -> None:
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import CHROMIUM, FLAGS
    from tests.browser.gallery import Visitor, pictures, still_portal

    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with still_portal(Path(name), f"sqlite:///{name}/portal.sqlite3") as portal:
            visitor = Visitor(browser, portal)
            for picture in pictures(portal):
                page = visitor.open(picture)
                for viewport, (width, scheme) in VIEWPORTS.items():
                    page.set_viewport_size({"width": width, "height": 900})
                    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                    page.screenshot(path=FOLDER / f"{picture.name}-{viewport}.png", full_page=True)
        browser.close()
    print(f"{len(list(FOLDER.iterdir()))} screenshots in {FOLDER}")


if __name__ == "__main__":
    main()
