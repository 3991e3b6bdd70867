"""`make bench-browsing`: how pages feel while an export runs, on PostgreSQL, with the product's own processes."""

import itertools
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
SECONDS = 15.0

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from benchmarks.measure import ratio, save
from tests.running import PASSWORD, RunningPortal

PAGES = ("/", "/?dateAfter=2021-01-01&dateBefore=2021-04-01", "/exports/")


def main() -> None:
    portal = RunningPortal(Path(os.environ["DATA_DIR"]), os.environ["DATABASE_URL"], "console:")
    portal.environment["SECRET_KEY"] = os.environ["SECRET_KEY"]
    for command in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"], ["seed_issues", str(ISSUES)]):
        portal.manage(*command)
    portal.manage("create_admin", "bench@example.com")
    token = portal.manage("create_api_token", "bench@example.com", "--name", "bench").splitlines()[-1]
    portal.start_worker()
    portal.start_web()
    try:
        measure(portal, portal.session("bench@example.com", token))
    finally:
        for name in list(portal.processes):
            portal.stop(name)


def measure(portal: RunningPortal, client: requests.Session) -> None:
    browse(portal, threading.Event(), 3)
    quiet = browse(portal, threading.Event(), SECONDS)
    answer = client.put(f"{portal.url}/rest/api/3/issues/archive/export", json={})
    answer.raise_for_status()
    ended = threading.Event()
    watcher = threading.Thread(target=watch, args=(client, answer.headers["Location"], ended))
    watcher.start()
    busy = browse(portal, ended, 600)
    watcher.join()
    value = p95(busy) / p95(quiet)
    save(
        "browsing", [], dict([ratio("browsing", value)]), issues=ISSUES,
        quiet={"p95": p95(quiet), "pages": len(quiet)}, busy={"p95": p95(busy), "pages": len(busy)},
    )  # fmt: skip


def watch(client: requests.Session, address: str, ended: threading.Event) -> None:
    while client.get(address).json()["status"] in {"ENQUEUED", "RUNNING"}:
        time.sleep(0.2)
    ended.set()


def browse(portal: RunningPortal, ended: threading.Event, seconds: float) -> list[float]:
    """Milliseconds of every page that two people opened, until `ended` or for so many seconds."""
    times: list[float] = []
    people = [threading.Thread(target=open_pages, args=(portal, ended, seconds, times)) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return times


def open_pages(portal: RunningPortal, ended: threading.Event, seconds: float, times: list[float]) -> None:
    browser = sign_in(portal)
    end = time.monotonic() + seconds
    for path in itertools.cycle(PAGES):
        start = time.perf_counter()
        browser.get(portal.url + path).raise_for_status()
        times.append((time.perf_counter() - start) * 1000)
        if ended.is_set() or time.monotonic() > end:
            return


def sign_in(portal: RunningPortal) -> requests.Session:
    browser = requests.Session()
    page = browser.get(f"{portal.url}/sign-in")
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {"csrfmiddlewaretoken": token, "username": "bench@example.com", "password": PASSWORD}
    browser.post(page.url, data=form).raise_for_status()
    return browser


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
