"""`make bench-api`: what one REST request costs at BENCH_ISSUES (default 1,000,000) issues, on PostgreSQL.

The whole application answers, from middleware to JSON, without a web server's share: milliseconds at p50 and
p95 of TURNS requests, warm, and the queries of the dearest of them. It fails where a promise is broken.
"""

import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
TURNS = 100
EXPORT = "/rest/api/3/issues/archive/export"
MOST_QUERIES = {"PUT accepted": 12, "GET task 200": 4, "GET task 304": 4}

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
logging.disable(logging.WARNING)  # every refusal would be one

import django

django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tokens import create_token
from archive.models import Account, IssueType, Project

Ask = Callable[[], Any]


def main() -> int:
    for command in (["migrate", "-v0"], ["seed_issues", str(ISSUES)]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    client = signed_in()
    narrow = one_of_each()
    print(f"{connection.vendor}, {ISSUES:,} issues, {TURNS} requests each, {os.cpu_count()} cores")
    print(f"{'':<34}{'p50 ms':>10}{'p95 ms':>10}{'queries':>10}")
    found = dict(accepted(client, name, body) for name, body in (("{}", {}), ("five filters", narrow)))
    found |= while_one_waits(client)
    broken = [
        name for name, queries in found.items() for promise, most in MOST_QUERIES.items()
        if name.startswith(promise) and queries > most
    ]  # fmt: skip
    print("promises kept" if not broken else f"more queries than promised: {', '.join(broken)}")
    return len(broken)


def signed_in() -> Client:
    user = User.objects.create_user("bench@example.com", role=User.Role.JIRA_ADMIN)
    _, secret = create_token(user, "bench")
    credentials = b64encode(f"{user.email}:{secret}".encode()).decode()
    return Client(headers={"authorization": f"Basic {credentials}", "host": "localhost"})


def one_of_each() -> dict[str, Any]:
    people = list(Account.objects.values_list("account_id", flat=True)[:20])
    return {
        "projects": list(Project.objects.values_list("key", flat=True)[:5]),
        "issueTypes": list(IssueType.objects.values_list("type_id", flat=True)[:3]),
        "reporters": people,
        "archivedBy": people,
        "archivedDateRange": {"dateAfter": "2000-01-01", "dateBefore": "2100-01-01"},
    }


def accepted(client: Client, name: str, body: dict[str, Any]) -> tuple[str, int]:
    def put() -> Any:
        answer = client.put(EXPORT, json.dumps(body), content_type="application/json")
        assert answer.status_code == 202, answer.content
        return answer

    def cancel(answer: Any) -> None:
        client.post(f"/rest/api/3/task/{answer.json()['taskId']}/cancel")

    return measured(f"PUT accepted, {name}", put, after=cancel)


def while_one_waits(client: Client) -> dict[str, int]:
    task = f"/rest/api/3/task/{client.put(EXPORT, '{}', content_type='application/json').json()['taskId']}"
    etag = client.get(task)["ETag"]
    return dict(
        [
            measured("PUT refused 412", lambda: expect(412, client.put(EXPORT, "{}", content_type="application/json"))),
            measured("GET task 200", lambda: expect(200, client.get(task))),
            measured("GET task 304", lambda: expect(304, client.get(task, headers={"if-none-match": etag}))),
        ]
    )


def expect(status: int, answer: Any) -> Any:
    assert answer.status_code == status, answer.content
    return answer


def measured(name: str, ask: Ask, after: Callable[[Any], None] = lambda _: None) -> tuple[str, int]:
    """Print p50, p95 and queries of a request; the queries again for whoever holds them to a promise."""
    times = []
    for turn in range(TURNS + 5):
        start = time.perf_counter()
        answer = ask()
        if turn >= 5:  # the first ones warm up
            times.append((time.perf_counter() - start) * 1000)
        after(answer)
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    # Counted now, as the next request empties the list, and without the transaction's own words.
    queries = sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in captured)
    assert queries
    after(answer)
    cuts = statistics.quantiles(times, n=20)
    print(f"{name:<34}{statistics.median(times):>10.1f}{cuts[-1]:>10.1f}{queries:>10}", flush=True)
    return name, queries


if __name__ == "__main__":
    sys.exit(main())
