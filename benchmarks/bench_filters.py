"""`make bench-growth`: the time of the count before an export and of the archive page, for many filters on PostgreSQL.

Runs with BENCH_ISSUES sample issues (default 1,000,000) and with ten times as many: the database copies them. Figures
are p50 and p95 in milliseconds, with warm caches.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
TIMES, TURNS = 10, 25

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["LOG_LEVEL"] = "ERROR"

import django

django.setup()

from django.db.models import Count

from archive.filters import MOST_ISSUES, IssueFilter, count_up_to_limit
from archive.models import Account, ArchivedIssue, IssueType, Project
from archive.web.page import page_of
from benchmarks.archives import archive
from benchmarks.measure import ratio, save


def main() -> None:
    small, large = (measured(archive(ISSUES, times)) for times in (1, TIMES))
    print(f"\n{'p50 / p95 in ms':<36}{ISSUES:>21,}{ISSUES * TIMES:>32,}")
    print(f"{'':<36}{'count':>14}{'page':>14}{'count':>18}{'page':>14}{'matches':>12}")
    for name in small:
        print(f"{name:<36}{line(small[name])}    {line(large[name])}{large[name]['matches']:>12,}")
    slowest = max(item["count"][1] for item in large.values() if item["matches"] <= MOST_ISSUES)
    over = max((item["count"][1] for item in large.values() if item["matches"] > MOST_ISSUES), default=0)
    ratios = dict([ratio("slowest_count_ms", slowest), ratio("slowest_count_over_the_limit_ms", over)])
    ratios |= dict([ratio("slowest_page_ms", max(item["page"][1] for item in large.values()))])
    save("filters", [], ratios, issues=ISSUES, times=TIMES, small=small, large=large)


def measured(url: str) -> dict[str, Any]:
    """Measure all filters on this database, in a process that is connected to it."""
    command = [sys.executable, __file__, "here"]
    done = subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=True, stdout=subprocess.PIPE)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def measure_here() -> None:
    print(json.dumps({name: timed(body) for name, body in chosen_filters().items()}))


def line(item: dict[str, Any]) -> str:
    return "".join(f"{p50:7.1f}/{p95:6.1f}" for p50, p95 in (item["count"], item["page"]))


def chosen_filters() -> dict[str, dict[str, Any]]:
    """Filters of all kinds, for the largest and the smallest parts of this archive."""
    projects = by_size(Project, "key", "project")
    types = by_size(IssueType, "type_id", "issue_type")
    reporters = by_size(Account, "account_id", "reporter")
    archivists = by_size(Account, "account_id", "archived_by")
    middle = projects[len(projects) // 3 : len(projects) // 3 + 5]
    quarter = {"archivedDateRange": {"dateAfter": "2021-01-01", "dateBefore": "2021-04-01"}}
    day = {"archivedDateRange": {"dateAfter": "2021-02-01", "dateBefore": "2021-02-02"}}
    return {
        "all": {},
        "the biggest project": {"projects": projects[:1]},
        "five middling projects": {"projects": middle},
        "a day": day,
        "a quarter": quarter,
        "archived by one": {"archivedBy": archivists[:1]},
        "archived by the rarest": {"archivedBy": archivists[-1:]},
        "three reporters": {"reporters": reporters[100:103]},
        "the two rarest types": {"issueTypes": types[-2:]},
        "the commonest type": {"issueTypes": types[:1]},
        "five projects, a quarter": {"projects": middle} | quarter,
        "big project, reporters, a type": {
            "projects": projects[:1], "reporters": reporters[100:103], "issueTypes": types[-1:],
        },
        "a quarter, archived by one": {"archivedBy": archivists[:1]} | quarter,
        "big project, archived by one, a type": {
            "projects": projects[:1], "archivedBy": archivists[:1], "issueTypes": types[:1],
        },
    }  # fmt: skip


def by_size(model: Any, name: str, field: str) -> list[str]:
    """The values of this field in the archive's issues, most frequent first. `name` is the attribute to return."""
    sizes = ArchivedIssue.objects.values_list(field).annotate(size=Count("pk")).order_by("-size")
    names = dict(model.objects.values_list("pk", name))
    return [names[key] for key, _ in sizes if key is not None]


def timed(body: dict[str, Any]) -> dict[str, Any]:
    issue_filter = IssueFilter.from_json(body)
    matches = issue_filter.issues().count()
    return {
        "matches": matches,
        "count": spread(lambda: count_up_to_limit(issue_filter.issues())),
        "page": spread(lambda: list(page_of(issue_filter.issues(), ""))),
    }


def spread(work: Callable[[], Any]) -> tuple[float, float]:
    """p50 and p95 in milliseconds of TURNS runs, after one that warms up caches."""
    work()
    times = sorted(clock(work) for _ in range(TURNS))
    return statistics.median(times), times[round(0.95 * (TURNS - 1))]


def clock(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    if sys.argv[1:] == ["here"]:
        measure_here()
    else:
        main()
