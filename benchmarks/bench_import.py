"""`make bench-import`: compares import_issues with a raw COPY of the same rows and with Django's bulk_create.

Needs an empty database and fills it with BENCH_ISSUES issues (default 1,000,000). Import and raw COPY run in turns,
BENCH_ROUNDS times (default 3), each in a separate process, whose peak of resident memory is shown. SQLite has no COPY:
there, the comparison is executemany with prepared rows.
"""

import datetime
import multiprocessing
import os
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, connections, transaction

from archive.maintenance import after_large_change
from archive.models import ArchivedIssue
from benchmarks.jira_ndjson import write_ndjson
from benchmarks.measure import Way, ratio, save
from imports.bulk_write import NAMES, TABLE, engine, wait_alone
from imports.importer import Observer, Plan, import_one_by_one
from imports.load import Archiving
from imports.records import Person
from imports.sources import Source

BLOCK = 256 * 1024
BULK = 20_000  # rows for bulk_create: enough to measure its rate
IS_POSTGRESQL = connection.vendor == "postgresql"
OURS, RAW = "import_issues, NDJSON", "raw COPY of the same rows" if IS_POSTGRESQL else "executemany of ready rows"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
COLUMNS = ", ".join(f'"{name}"' for name in NAMES)


Figures = dict[str, list[float]]


def main(count: int) -> None:
    call_command("migrate", verbosity=0)
    ways: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder:
        small, ndjson, rows = (Path(folder, name) for name in ("small.ndjson", "issues.ndjson", "rows"))
        write_ndjson(small, count // 10)
        write_ndjson(ndjson, count)
        print(f"{connection.vendor}: {count:,} issues, {ndjson.stat().st_size / 1e6:,.0f} MB of NDJSON", flush=True)
        measure(ways, "import_issues, a tenth", count // 10, lambda: partial(run_import, small))
        for _ in range(ROUNDS):
            empty()
            measure(ways, OURS, count, lambda: partial(run_import, ndjson))
            measure(ways, RAW, count, lambda: ready_copy(rows) if IS_POSTGRESQL else ready_rows())
            after_large_change()  # imports do this themselves; raw rows leave the planner's statistics outdated
        measure(ways, "import_issues again, unchanged", count, lambda: partial(run_import, ndjson))
        bulk = min(BULK, count)
        measure(ways, f"bulk_create, {bulk:,} rows", bulk, lambda: ready_issues(bulk))
    raw, ours, tenth = ways[RAW], ways[OURS], ways["import_issues, a tenth"]
    times = ratio(f"import_{connection.vendor}", statistics.median(ours["wall"]) / statistics.median(raw["wall"]))
    growth = ratio("import_memory_growth", max(ours["peak"]) / tenth["peak"][0])
    save(f"import_{connection.vendor}", [Way(name, [], figures=way) for name, way in ways.items()],
         dict([times, growth]), issues=count)  # fmt: skip


def measure(ways: dict[str, Figures], what: str, count: int, prepare: Callable[[], Callable[[], object]]) -> None:
    """Prepare the work and run it in a separate process. Records the time of the work alone, and peak memory."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()

    def run() -> None:
        work = prepare()
        start = time.perf_counter()
        work()
        queue.put((time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024))

    process = context.Process(target=run)
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{what}: failed")
    seconds, peak = queue.get()
    print(f"{what:32} {seconds:8.1f} s {count / seconds:10,.0f} rows/s  peak {peak / 2**20:6.0f} MiB", flush=True)
    figures = ways.setdefault(what, {"wall": [], "peak": [], "rate": []})
    for name, value in (("wall", seconds), ("peak", peak), ("rate", count / seconds)):
        figures[name].append(value)


def run_import(path: Path) -> None:
    archiving = Archiving(Person("bench"), datetime.datetime.now(datetime.UTC))
    plan = Plan(archiving=archiving, rejects=path.parent)
    for report in import_one_by_one([Source(str(path), path)], plan, Observer(), lambda _report: None):
        assert report.outcome.rejected == 0


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLE}" if IS_POSTGRESQL else f"DELETE FROM {TABLE}")


def copy_out(path: Path) -> None:
    statement = f"COPY {TABLE} ({COLUMNS}) TO STDOUT"
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        file.writelines(copy)


def ready_copy(path: Path) -> Callable[[], object]:
    """Move all rows into a file in the format of COPY and empty the table. Returns the work: copying them back."""
    copy_out(path)
    empty()
    return partial(copy_in, path)


def copy_in(path: Path) -> None:
    statement = f"COPY {TABLE} ({COLUMNS}) FROM STDIN"
    with path.open("rb") as file, transaction.atomic(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        while block := file.read(BLOCK):
            copy.write(block)


def ready_rows() -> Callable[[], object]:
    """Move all rows into another table. Returns the work: inserting them again."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS ready")
        cursor.execute(f"CREATE TABLE ready AS SELECT {COLUMNS} FROM {TABLE}")
        cursor.execute(f"DELETE FROM {TABLE}")
    return insert_rows


def insert_rows() -> None:
    marks = ", ".join(["%s"] * len(NAMES))
    reader = sqlite3.connect(connection.settings_dict["NAME"])
    source = reader.execute("SELECT * FROM ready")
    with transaction.atomic(), connection.cursor() as cursor:
        engine().begin(wait_alone)  # sets the same cache size as imports
        while batch := source.fetchmany(1000):
            cursor.executemany(f"INSERT INTO {TABLE} ({COLUMNS}) VALUES ({marks})", batch)
    reader.close()


def ready_issues(count: int) -> Callable[[], object]:
    """Take issues out of the archive as model instances. Returns the work: creating them again."""
    issues = list(ArchivedIssue.objects.order_by("pk")[:count])
    ArchivedIssue.objects.filter(pk__lte=issues[-1].pk)._raw_delete("default")
    return partial(ArchivedIssue.objects.bulk_create, issues, batch_size=1000)


if __name__ == "__main__":
    main(int(os.environ.get("BENCH_ISSUES", "1000000")))
