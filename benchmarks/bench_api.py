"""`make bench-api`: the time of REST requests with BENCH_ISSUES issues (default 1,000,000) on PostgreSQL.

Requests go through the whole application, from middleware to JSON, but not through a web server. Prints p50 and p95 of
TURNS requests with warm caches in milliseconds, and the number of queries. Exits with the number of requests that
need more queries than MOST_QUERIES allows.
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
logging.disable(logging.WARNING)  # Django logs each 4xx response as a warning

import django

django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tokens import create_token
from archive.models import Account, IssueType, Project

Request = Callable[[], Any]


def main() -> int:
    for command in (["migrate", "-v0"], ["seed_issues", str(ISSUES)]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    client = signed_in()
    narrow = one_of_each()
    print(f"{connection.vendor}, {ISSUES:,} issues, {TURNS} requests each, {os.cpu_count()} cores")
    print(f"{'':<34}{'p50 ms':>10}{'p95 ms':>10}{'queries':>10}")
    found = dict(accepted(client, name, body) for name, body in (("{}", {}), ("five filters", narrow)))
    found |= while_one_is_waiting(client)
    broken = [
        name for name, queries in found.items() for prefix, most in MOST_QUERIES.items()
        if name.startswith(prefix) and queries > most
    ]  # fmt: skip
    print("within the limits" if not broken else f"more queries than allowed: {', '.join(broken)}")
    return len(broken)


def signed_in() -> Client:
    user = User.objects.create_user("bench@example.com", roles=["jira-admin"])
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


def while_one_is_waiting(client: Client) -> dict[str, int]:
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


def measured(name: str, send: Request, after: Callable[[Any], None] = lambda _: None) -> tuple[str, int]:
    """Print p50, p95 and the number of queries of a request. Returns the name and the number of queries."""
    times = []
    for turn in range(TURNS + 5):
        start = time.perf_counter()
        answer = send()
        if turn >= 5:  # the first five warm up caches
            times.append((time.perf_counter() - start) * 1000)
        after(answer)
    with CaptureQueriesContext(connection) as captured:
        answer = send()
    # Count them before the next request clears the list. BEGIN and COMMIT are not queries.
    queries = sum(not query["sql"].startswith(("BEGIN", "COMMIT")) for query in captured)
    assert queries
    after(answer)
    cuts = statistics.quantiles(times, n=20)
    print(f"{name:<34}{statistics.median(times):>10.1f}{cuts[-1]:>10.1f}{queries:>10}", flush=True)
    return name, queries


if __name__ == "__main__":
    sys.exit(main())
