"""`make bench-browsing`: how fast pages are while an export runs, on PostgreSQL, with the portal's own processes.

Two users browse, once reading each page for about half a second and once without any pause; without and during an
export, in turns. Reports the median of the 95th percentiles of BENCH_ROUNDS rounds (default 5).
"""

import itertools
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = 15.0

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from benchmarks.measure import ratio, save
from tests.running import PASSWORD, RunningPortal

PAUSES = {"browsing": 0.5, "browsing_without_pause": 0.0}  # seconds
PAGES = ("/", "/?dateAfter=2021-01-01&dateBefore=2021-04-01", "/exports/")


def main() -> None:
    portal = RunningPortal(Path(os.environ["DATA_DIR"]), os.environ["DATABASE_URL"], "console:")
    portal.environment["SECRET_KEY"] = os.environ["SECRET_KEY"]
    for command in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"], ["seed_issues", str(ISSUES)]):
        portal.manage(*command)
    portal.manage("create_admin", "bench@example.com", "--keep-password")
    token = portal.manage("create_api_token", "bench@example.com", "--name", "bench").splitlines()[-1]
    portal.start_worker()
    portal.start_web()
    try:
        measure(portal, portal.session("bench@example.com", token))
    finally:
        for name in list(portal.processes):
            portal.stop(name)


def measure(portal: RunningPortal, client: requests.Session) -> None:
    browse(portal, 0, in_seconds(3))
    facts: dict[str, dict[str, list[float]]] = {name: {"quiet": [], "busy": [], "pages": []} for name in PAUSES}
    for name, pause in [*PAUSES.items()] * ROUNDS:
        quiet = browse(portal, pause, in_seconds(SECONDS))
        busy = browse_during_export(portal, client, pause)
        for kind, value in (("quiet", p95(quiet)), ("busy", p95(busy)), ("pages", len(busy))):
            facts[name][kind].append(value)
        print(f"  {name:<28} p95 {p95(quiet):4.0f} ms without, {p95(busy):4.0f} ms during an export", flush=True)
    ratios = [
        ratio(name, statistics.median(spans["busy"]) / statistics.median(spans["quiet"]))
        for name, spans in facts.items()
    ]
    save("browsing", [], dict(ratios), issues=ISSUES, rounds=ROUNDS, **facts)


def in_seconds(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def browse_during_export(portal: RunningPortal, client: requests.Session, pause: float) -> list[float]:
    answer = client.put(f"{portal.url}/rest/api/3/issues/archive/export", json={})
    answer.raise_for_status()
    ended = threading.Event()
    watcher = threading.Thread(target=watch, args=(client, answer.headers["Location"], ended))
    watcher.start()
    times = browse(portal, pause, ended.is_set)
    watcher.join()
    return times


def watch(client: requests.Session, address: str, ended: threading.Event) -> None:
    while client.get(address).json()["status"] in {"ENQUEUED", "RUNNING"}:
        time.sleep(0.5)
    ended.set()


def browse(portal: RunningPortal, pause: float, is_over: Callable[[], bool]) -> list[float]:
    """Milliseconds of every page that two users opened, with about `pause` seconds between two pages."""
    times: list[float] = []
    people = [threading.Thread(target=open_pages, args=(portal, pause, is_over, times)) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return times


def open_pages(portal: RunningPortal, pause: float, is_over: Callable[[], bool], times: list[float]) -> None:
    browser = sign_in(portal)
    for path in itertools.cycle(PAGES):
        start = time.perf_counter()
        browser.get(portal.url + path).raise_for_status()
        times.append((time.perf_counter() - start) * 1000)
        if is_over():
            return
        time.sleep(pause * random.uniform(0.5, 1.5))


def sign_in(portal: RunningPortal) -> requests.Session:
    browser = requests.Session()
    page = browser.get(f"{portal.url}/sign-in")
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {"csrfmiddlewaretoken": token, "login": "bench@example.com", "password": PASSWORD}
    browser.post(page.url, data=form).raise_for_status()
    return browser


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    main()
