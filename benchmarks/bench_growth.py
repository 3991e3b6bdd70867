"""`make bench-growth`: the time and memory of exports as the archive grows.

Exports whole archives of a hundredth, a tenth and all of BENCH_ISSUES, and a date range that matches about BENCH_ISSUES
issues of a ten times larger archive, all in turns on one server. BENCH_SCATTERED=1 adds projects whose issues are
scattered over that archive. Nearly every issue is then read from another page, so the result depends on whether the
pages fit in memory.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["LOG_LEVEL"] = "ERROR"

import django

django.setup()

from benchmarks.archives import archive
from benchmarks.measure import Way, in_turns, ratio, save

Connection = psycopg.Connection[tuple[Any, ...]]


def main() -> None:
    folder = Path(os.environ["DATA_DIR"])
    rows = {f"{issues:,}": issues for issues in (ISSUES // 100, ISSUES // 10, ISSUES)}
    ways = [way(name, folder, {}, archive(issues)) for name, issues in rows.items()]
    largest = archive(ISSUES, 10)
    with psycopg.connect(largest) as connection:
        filters = {"dates": dates(connection)}
        if os.environ.get("BENCH_SCATTERED"):
            filters["projects"] = projects(connection)
    for what, (body, count) in filters.items():
        name = f"{what}, of {ISSUES * 10:,}"
        ways.append(way(name, folder, body, largest))
        rows[name] = count
    in_turns(ways)
    report(ways, rows)


def way(name: str, folder: Path, body: dict[str, Any], url: str) -> Way:
    command = [sys.executable, str(ROOT / "benchmarks" / "one_export.py"), "ours", str(folder / "out.csv")]
    return Way(name, [*command, json.dumps(body)], {"DATABASE_URL": url})


def dates(connection: Connection) -> tuple[dict[str, Any], int]:
    """A filter for as many of the first days as have at most ISSUES issues, and the number of those issues."""
    days = connection.execute(
        "SELECT (archived_date AT TIME ZONE 'UTC')::date, count(*) FROM archive_archivedissue GROUP BY 1 ORDER BY 1"
    )
    taken = list(_up_to_limit(days))
    first, beyond = taken[0][0], taken[-1][0]
    number = sum(count for _, count in taken[:-1])
    return {"archivedDateRange": {"dateAfter": str(first), "dateBefore": str(beyond)}}, number


def projects(connection: Connection) -> tuple[dict[str, Any], int]:
    """A filter for as many of the smallest projects as have at most ISSUES issues, and the number of those issues."""
    sizes = connection.execute(
        "SELECT p.key, count(*) FROM archive_archivedissue i JOIN archive_project p ON p.id = i.project_id "
        "GROUP BY 1 ORDER BY 2, 1"
    )
    taken = list(_up_to_limit(sizes))[:-1]
    return {"projects": [key for key, _ in taken]}, sum(count for _, count in taken)


def _up_to_limit(sizes: Iterable[tuple[Any, int]]) -> Iterator[tuple[Any, int]]:
    """The entries that fit into ISSUES, followed by the first that does not."""
    total = 0
    for name, count in sizes:
        total += count
        yield name, count
        if total > ISSUES:
            return


def report(ways: list[Way], rows: dict[str, int]) -> None:
    print(f"\n{'':<28} {'rows':>10} {'wall s':>8} {'µs/row':>8} {'MiB':>6} {'above idle':>10}")
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
