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
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection, connections, transaction

from archive.maintenance import after_large_change
from archive.models import ArchivedIssue, DetailPerson, IssueDetail, IssueWords
from benchmarks.jira_ndjson import write_ndjson
from benchmarks.measure import Way, ratio, save
from imports import bulk_details, bulk_words
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
# What an import of issues writes: the tables and their columns, those that refer to issues after them.
TABLES = {
    TABLE: NAMES,
    bulk_details.TABLE: bulk_details.NAMES,
    bulk_details.PEOPLE: ("account_id", "issue_id"),
    bulk_words.TABLE: bulk_words.NAMES,
}
MODELS = (IssueWords, DetailPerson, IssueDetail, ArchivedIssue)


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
    if IS_POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(TABLES)}")
        return
    for model in MODELS:
        model._default_manager.all()._raw_delete("default")


def ready_copy(folder: Path) -> Callable[[], object]:
    """Move all rows into files in the format of COPY and empty the tables. Returns the work: copying them back."""
    folder.mkdir(exist_ok=True)
    for number, (table, names) in enumerate(TABLES.items()):
        statement = f"COPY {table} ({_quoted(names)}) TO STDOUT"
        with (folder / str(number)).open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
            file.writelines(copy)
    empty()
    return partial(copy_in, folder)


def copy_in(folder: Path) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for number, (table, names) in enumerate(TABLES.items()):
            statement = f"COPY {table} ({_quoted(names)}) FROM STDIN"
            with (folder / str(number)).open("rb") as file, cursor.copy(statement) as copy:
                while block := file.read(BLOCK):
                    copy.write(block)


def ready_rows() -> Callable[[], object]:
    """Move all rows into other tables. Returns the work: inserting them again."""
    with connection.cursor() as cursor:
        for number, (table, names) in enumerate(TABLES.items()):
            cursor.execute(f"DROP TABLE IF EXISTS ready_{number}")
            cursor.execute(f"CREATE TABLE ready_{number} AS SELECT {_quoted(names)} FROM {table}")
    empty()
    return insert_rows


def insert_rows() -> None:
    reader = sqlite3.connect(connection.settings_dict["NAME"])
    with transaction.atomic(), connection.cursor() as cursor:
        engine().begin(wait_alone)  # sets the same cache size as imports
        for number, (table, names) in enumerate(TABLES.items()):
            marks = ", ".join(["%s"] * len(names))
            source = reader.execute(f"SELECT * FROM ready_{number}")
            while batch := source.fetchmany(1000):
                cursor.executemany(f"INSERT INTO {table} ({_quoted(names)}) VALUES ({marks})", batch)
    reader.close()


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def ready_issues(count: int) -> Callable[[], object]:
    """Take issues out of the archive as model instances. Returns the work: creating them again."""
    issues = list(ArchivedIssue.objects.order_by("pk")[:count])
    DetailPerson.objects.filter(issue__lte=issues[-1].pk)._raw_delete("default")
    IssueDetail.objects.filter(issue__lte=issues[-1].pk)._raw_delete("default")
    ArchivedIssue.objects.filter(pk__lte=issues[-1].pk)._raw_delete("default")
    return partial(ArchivedIssue.objects.bulk_create, issues, batch_size=1000)


if __name__ == "__main__":
    main(int(os.environ.get("BENCH_ISSUES", "1000000")))
