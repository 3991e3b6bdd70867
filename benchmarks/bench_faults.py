"""`make bench-faults`: how fast a running export is cancelled, and how fast it continues after its worker is killed.

Runs the portal's own processes on PostgreSQL with default settings and exports BENCH_ISSUES issues (default 1,000,000).
Times are seconds as a REST client sees them.
"""

import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import requests

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
CANCELS = 20

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from benchmarks.measure import ratio, save
from tests.running import FAST, MailServer, RunningPortal

EMAIL = "bench@example.com"


class Caller:
    """A REST client of the running portal."""

    def __init__(self, portal: RunningPortal) -> None:
        self.portal = portal
        token = portal.manage("create_api_token", EMAIL, "--name", "bench").splitlines()[-1]
        self.client = portal.session(EMAIL, token)

    def submit(self) -> str:
        answer = self.client.put(f"{self.portal.url}/rest/api/3/issues/archive/export", json={})
        answer.raise_for_status()
        return answer.headers["Location"]

    def until(self, task: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = 600) -> dict[str, Any]:
        """Poll the task until a response is as wanted, and return it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            body: dict[str, Any] = self.client.get(task).json()
            if wanted(body):
                return body
            time.sleep(0.02)
        sys.exit(f"{task} did not get that far within {seconds:,.0f} s: {body}")

    def cancel(self, task: str) -> requests.Response:
        return self.client.post(f"{task}/cancel")


def main() -> None:
    folder = Path(os.environ["DATA_DIR"])
    with MailServer() as mails:
        url = f"smtp://127.0.0.1:{mails.controller.port}"
        portal = RunningPortal(folder, os.environ["DATABASE_URL"], url)
        for name in FAST:
            portal.environment.pop(name, None)
        for command in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"], ["seed_issues", str(ISSUES)]):
            portal.manage(*command)
        portal.manage("create_admin", EMAIL, "--keep-password")
        portal.start_worker()
        portal.start_web()
        try:
            measure(Caller(portal), mails)
        finally:
            for name in list(portal.processes):
                portal.stop(name)


def measure(caller: Caller, mails: MailServer) -> None:
    cancels = sorted(cancel_one(caller) for _ in range(CANCELS))
    left = [path.name for path in (caller.portal.folder / "exports").glob("*")]
    if left:
        sys.exit(f"cancelled exports left files: {left}")
    p95 = cancels[round(0.95 * (CANCELS - 1))]
    print(f"cancel to CANCELLED: median {statistics.median(cancels):.2f} s, p95 of {CANCELS} {p95:.2f} s", flush=True)
    restart, whole = kill_at_half(caller)
    time.sleep(2)
    print(
        f"killed at half: next attempt after {restart:.1f} s, complete after {whole:.1f} s, {len(mails.messages)} email"
    )
    if len(mails.messages) != 1:
        sys.exit("not exactly one email")
    ratios = dict([ratio("cancel_p95_s", p95), ratio("next_attempt_s", restart)])
    save("faults", [], ratios, issues=ISSUES, cancels=cancels, complete_after=whole)


def cancel_one(caller: Caller) -> float:
    """Seconds from the cancel request's 202 to CANCELLED, for an export that is writing."""
    task = caller.submit()
    caller.until(task, lambda body: body["status"] == "RUNNING" and body["progress"] > 0)
    start = time.perf_counter()
    if caller.cancel(task).status_code != 202:
        sys.exit("the cancel request was refused")
    caller.until(task, lambda body: body["status"] == "CANCELLED")
    return time.perf_counter() - start


def kill_at_half(caller: Caller) -> tuple[float, float]:
    """Kill the exporting process. Returns the seconds until the next attempt starts, and until COMPLETE."""
    task = caller.submit()
    caller.until(task, lambda body: body["progress"] >= 50)
    _, worker = claim()
    os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)
    start = time.perf_counter()
    while claim()[0] < 2:
        caller.client.get(task)
        time.sleep(0.05)
    restart = time.perf_counter() - start
    caller.until(task, lambda body: body["status"] == "COMPLETE")
    return restart, time.perf_counter() - start


def claim() -> tuple[int, str]:
    """Attempt and worker of the newest export."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        record = connection.execute("SELECT attempt, worker FROM exports_exportjob ORDER BY id DESC").fetchone()
    assert record
    return record[0], record[1]


if __name__ == "__main__":
    main()
