"""Links, anchors and images in the documentation and in the Markdown files beside it have targets."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
DOCS = ROOT / "docs"
MANY_BYTES = 200 * 1024
BESIDE = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [*(ROOT / name for name in BESIDE), *sorted(DOCS.rglob("*.md"))]


def text_of(page: Path) -> str:
    """The page without code blocks and code in sentences, in which brackets are no links."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "code", text)


def links(page: Path) -> list[str]:
    text = text_of(page)
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"<(\w+:[^>\s]+)>", text)


def anchors(page: Path) -> set[str]:
    """The anchors of the page's headings, as GitHub and MkDocs make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    found = set()
    for heading in headings:
        plain = re.sub(r"[^\w\s-]", "", heading.lower())
        found.add(re.sub(r"\s", "-", plain.strip()))
    return found


def problem(page: Path, link: str) -> str:
    """What is wrong with the link, or ""."""
    address = urlsplit(link)
    if address.scheme:
        is_local = address.hostname == "localhost"
        is_well_formed = bool(address.hostname) and (address.scheme == "https" or is_local)
        return "" if is_well_formed else "is not an https address"
    target = page.parent / address.path if address.path else page
    if not target.exists():
        return "does not exist"
    if address.fragment and address.fragment not in anchors(target):
        return "has no such heading"
    return ""


def test_it_works(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# The first page\n[a](#the-first-page) [b](page.md) [c](#second) [d](gone.md) ![e](gone.png) "
        "[f](http://example.com) [g](https://example.com/x#y) [h](https:///x) `[i](gone)` <http://localhost:8000>\n"
        "```\n[j](gone)\n```\n"
    )
    assert [link for link in links(page) if problem(page, link)] == [
        "#second",
        "gone.md",
        "gone.png",
        "http://example.com",
        "https:///x",
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_has_a_target(page: Path) -> None:
    assert [f"{link} {problem(page, link)}" for link in links(page) if problem(page, link)] == []


def test_every_picture_is_small_and_used() -> None:
    """Pictures are at most 200 KB. Each is shown on a page of the documentation, and two in the README."""
    used = {(page.parent / link).resolve() for page in PAGES for link in links(page) if link.endswith(".png")}
    pictures = set((DOCS / "images").glob("*.png"))
    assert {picture.name for picture in pictures} >= {"archive.png", "export-running.png", "export-complete.png"}
    assert used == pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > MANY_BYTES] == []
    assert [link for link in links(ROOT / "README.md") if link.endswith(".png")] == [
        "docs/images/archive.png",
        "docs/images/export-complete.png",
    ]


@pytest.mark.processes
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """MkDocs checks links between the pages, and that all pages are in the navigation. No page loads a remote file."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path / "site")]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert (tmp_path / "site" / "rest-guide.html").exists()
    for page in (tmp_path / "site").rglob("*.html"):
        assert (
            re.findall(r'<(?:script|img|link rel="stylesheet")[^>]* (?:src|href)="?https?:[^>]*>', page.read_text())
            == []
        )
