"""`make bench-pages`: the server time of every page with BENCH_ISSUES archived issues (default 1,000,000).

Runs on the database of DATABASE_URL and fills it if necessary. Requests go through the whole application inside this
process: middleware, views, queries and templates, but not the network. Exits with 1 if a page is slower than
MOST_MILLISECONDS (p95; searches have limits of their own) or needs more than MOST_QUERIES queries.
"""

import datetime
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, OuterRef, Subquery
from django.test import Client
from django.utils import timezone

from accounts.models import User
from archive.filters import IssueFilter
from archive.models import Account, ArchivedIssue
from benchmarks.measure import save
from exports.models import ExportJob
from jobs.leased import JobStatus

ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
ROUNDS = 40
JOBS = 10_000
MOST_MILLISECONDS = 150
MOST_MILLISECONDS_OF_SEARCHES = {"rare": 200, "common": 600}
RARE_MATCHES = 10_000
MOST_QUERIES = 20


def main() -> int:
    user = fill(ISSUES)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    results = {name: measure(client, path) for name, path in (pages() | searches()).items()}
    print(f"{connection.vendor}, {ArchivedIssue.objects.count():,} issues, {JOBS:,} exports, {ROUNDS} rounds")
    for name, result in results.items():
        print(f"{name:34} p50 {result['p50']:7.1f} ms   p95 {result['p95']:7.1f} ms   {result['queries']:3} queries")
    save(f"pages_{connection.vendor}", [], {}, issues=ISSUES, rounds=ROUNDS, pages=results)
    slow = [name for name, result in results.items() if result["p95"] > most_milliseconds(name)]
    many = [name for name, result in results.items() if result["queries"] > MOST_QUERIES]
    print(f"slower than allowed: {slow or 'none'}; over {MOST_QUERIES} queries: {many or 'none'}")
    return 1 if slow or many else 0


def fill(issues: int) -> User:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if ArchivedIssue.objects.count() < issues:
        call_command("seed_issues", str(issues))
    with connection.cursor() as cursor:  # as autovacuum would do later
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    user = User.objects.filter(email="bench@example.com").first() or User.objects.create_superuser("bench@example.com")
    if ExportJob.objects.count() < JOBS:
        make_jobs(user)
    return user


def make_jobs(user: User) -> None:
    """Create a long history of complete, expired, failed and cancelled exports."""
    now, states = timezone.now(), (JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELLED)
    whole = {"rows_expected": 9, "rows_written": 9, "bytes": 9, "sha256": "0" * 64, "file_name": "x", "progress": 100}
    with transaction.atomic():
        for number in range(JOBS):
            when = now - datetime.timedelta(minutes=JOBS - number)
            status = states[number % 3]
            facts = {"snapshot_at": when, "expires_at": when + datetime.timedelta(days=7), **whole}
            ExportJob.objects.create(
                submitted_by=user, status=status, submitted_at=when, started_at=when, finished_at=when, attempt=1,
                filter={"projects": ["HARBOR"]}, **(facts if status == JobStatus.COMPLETE else {}),
            )  # fmt: skip


def pages() -> dict[str, str]:
    """Paths by name. People and issue types are taken from the archive."""
    middle = ArchivedIssue.objects.order_by("archived_date", "id")[ArchivedIssue.objects.count() // 2]
    reporters = Account.objects.filter(pk__in=ArchivedIssue.objects.values("reporter"))
    people = [row.account_id for row in reporters.annotate(n=_issues_of()).order_by("-n", "pk")[:103]]
    filters: dict[str, dict[str, Any]] = {
        "unfiltered": {},
        "largest project": {"projects": ["HARBOR"]},
        "five projects": {"projects": ["DESK", "OPS", "HR", "QA", "LAB"]},
        "largest issue type": {"issueTypes": ["10003"]},
        "rare issue type": {"issueTypes": ["10010"]},
        "three reporters": {"reporters": people[100:103]},
        "the three busiest reporters": {"reporters": people[:3]},
        "archived by": {"archivedBy": [middle.archived_by.account_id]},
        "one month": {"dateAfter": "2023-03-01", "dateBefore": "2023-04-01"},
        "three years": {"dateAfter": "2020-01-01", "dateBefore": "2023-01-01"},
    }
    filters["project, type and reporters"] = filters["largest project"] | filters["largest issue type"]
    filters["project, type and reporters"] |= filters["three reporters"]
    filters["everything at once"] = filters["project, type and reporters"] | filters["archived by"]
    filters["everything at once"] |= filters["three years"]
    deep = f"{int(middle.archived_date.timestamp() * 1_000_000)}~{middle.pk}"
    job = ExportJob.objects.filter(status=JobStatus.COMPLETE).latest("pk").pk
    return {f"archive: {name}": f"/?{urlencode(query, doseq=True)}" for name, query in filters.items()} | {
        "archive: half-way down": f"/?after={deep}",
        "suggest: all people": "/suggest/reporters",
        "suggest: a name": "/suggest/reporters?find-reporters=ann",
        "suggest: no such name": "/suggest/archivedBy?find-archivedBy=nobody-is-called-so",
        "issue": f"/issues/{middle.key}",
        "history": "/exports/",
        "history: expired": "/exports/?state=expired",
        "history: half-way down": f"/exports/?before={job - JOBS // 2}",
        "export": f"/exports/{job}",
        "export: live part": f"/exports/{job}/progress",
        "staff: issues": "/admin/archive/archivedissue/",
        "staff: exports": "/admin/exports/exportjob/",
    }


def searches() -> dict[str, str]:
    """Searches by words of the sample issues, by names that begin with "search, rare" or "search, common"."""
    middle = ArchivedIssue.objects.order_by("id")[ArchivedIssue.objects.count() // 2]
    texts = [
        middle.key, "the", "backup browser", '"browser fails"', "harbor", "trailing", "export* table", "zeppelin",
        "sprint 17", "sprint* quebec*", "naive -x*", "8 zz*",
    ]  # fmt: skip
    found = {}
    for text in texts:
        count = IssueFilter(text=text).issues().count()
        kind = "rare" if count <= RARE_MATCHES else "common"
        found[f"search, {kind}: {text} ({count:,})"] = f"/?{urlencode({'text': text})}"
    query = urlencode({"text": "the", "projects": "HARBOR", "dateAfter": "2023-03-05", "dateBefore": "2024-04-01"})
    found["search, common: the, in a project and a year"] = f"/?{query}"
    return found


def most_milliseconds(name: str) -> int:
    for kind, most in MOST_MILLISECONDS_OF_SEARCHES.items():
        if name.startswith(f"search, {kind}"):
            return most
    return MOST_MILLISECONDS


def _issues_of() -> Subquery:
    counted = ArchivedIssue.objects.filter(reporter=OuterRef("pk")).order_by().values("reporter")
    return Subquery(counted.annotate(n=Count("pk")).values("n"))


def measure(client: Client, path: str) -> dict[str, float]:
    queries: list[str] = []

    def note(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return run(sql, *rest)

    with connection.execute_wrapper(note):
        answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    times = [_milliseconds(client, path) for _ in range(ROUNDS)]
    p95 = statistics.quantiles(times, n=20)[-1]
    return {"p50": round(statistics.median(times), 1), "p95": round(p95, 1), "queries": len(queries)}


def _milliseconds(client: Client, path: str) -> float:
    start = time.perf_counter()
    client.get(path)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    sys.exit(main())
