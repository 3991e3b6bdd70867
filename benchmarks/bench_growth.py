"""What an export costs as the archive grows: `make bench-growth`, after bench_filters.py has filled DATABASE_URL.

All issues of archives of a hundredth, a tenth and the whole of BENCH_ISSUES, and two filters that match about
BENCH_ISSUES of the ten times larger archive: a range of dates, and projects. All in turns on one server.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["LOG_LEVEL"] = "ERROR"

import django

django.setup()

import json

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from benchmarks.archives import another
from benchmarks.measure import Way, in_turns, ratio, save
from exports.models import ArchivedIssue


def main() -> None:
    folder = Path(os.environ["DATA_DIR"])
    archives = {f"{issues:,}": another(issues) for issues in (ISSUES // 100, ISSUES // 10, ISSUES)}
    ways = [way(name, folder, {}, url) for name, url in archives.items()]
    largest = ArchivedIssue.objects.count()
    found = {f"dates, of {largest:,}": dates(), f"projects, of {largest:,}": projects()}
    rows = dict(zip(archives, (ISSUES // 100, ISSUES // 10, ISSUES), strict=True))
    rows |= {name: count for name, (_, count) in found.items()}
    ways += [way(name, folder, body, os.environ["DATABASE_URL"]) for name, (body, _) in found.items()]
    in_turns(ways)
    tell(ways, rows)


def way(name: str, folder: Path, body: dict[str, Any], url: str) -> Way:
    command = [sys.executable, str(ROOT / "benchmarks" / "one_export.py"), "ours", str(folder / "out.csv")]
    return Way(name, [*command, json.dumps(body)], {"DATABASE_URL": url})


def dates() -> tuple[dict[str, Any], int]:
    """The first days of the archive that hold no more than ISSUES, and how many they hold."""
    days = ArchivedIssue.objects.annotate(day=TruncDate("archived_date")).values_list("day").annotate(n=Count("pk"))
    taken = list(_up_to_limit(days.order_by("day")))
    first, beyond = taken[0][0], taken[-1][0]
    number = sum(count for _, count in taken[:-1])
    return {"archivedDateRange": {"dateAfter": str(first), "dateBefore": str(beyond)}}, number


def projects() -> tuple[dict[str, Any], int]:
    """The smallest projects that together hold no more than ISSUES, and how many they hold."""
    sizes = ArchivedIssue.objects.values_list("project__key").annotate(n=Count("pk")).order_by("n", "project__key")
    taken = list(_up_to_limit(sizes))[:-1]
    return {"projects": [key for key, _ in taken]}, sum(count for _, count in taken)


def _up_to_limit(sizes: QuerySet[ArchivedIssue, Any]) -> Iterator[tuple[Any, int]]:
    """Those that fit, and the first that does not."""
    total = 0
    for name, count in sizes:
        total += count
        yield name, count
        if total > ISSUES:
            return


def tell(ways: list[Way], rows: dict[str, int]) -> None:
    print(f"\n{'':<28} {'rows':>10} {'wall s':>8} {'µs/row':>8} {'MiB':>6} {'over idle':>10}")
    for item in ways:
        wall, peak, idle = (item.median(name) for name in ("wall", "peak", "idle"))
        print(
            f"{item.name:<28} {rows[item.name]:>10,} {wall:8.2f} {wall / rows[item.name] * 1e6:8.2f} "
            f"{peak / 2**20:6.0f} {(peak - idle) / 2**20:10.1f}"
        )
    tenth, whole = ways[1], ways[2]
    slowest = max(item.median("wall") / rows[item.name] for item in ways[2:])
    ratios = dict(
        [
            ratio("memory_growth", max(item.median("peak") for item in ways[2:]) / tenth.median("peak")),
            ratio("time_growth", whole.median("wall") / tenth.median("wall") / 10),
            ratio("time_growth_of_a_filter", slowest / (whole.median("wall") / ISSUES)),
        ]
    )
    save("export_growth", ways, ratios, rows=rows)


if __name__ == "__main__":
    main()
