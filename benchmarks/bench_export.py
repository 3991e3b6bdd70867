"""`make bench`: compares the real export task with the databases' own tools and with common libraries.

Runs on PostgreSQL (DATABASE_URL names a server, as scripts/with_postgresql.py sets it), then on SQLite in a separate
process. BENCH_ISSUES is the archive's size (default 1,000,000), BENCH_ROUNDS how often each method runs (default 5).
With fewer than 100,000 issues it is a trial: 3 rounds by default, and the libraries run once.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.archives import manage, seed
from benchmarks.measure import IS_TRIAL, ISSUES, ROUNDS, Way, in_turns, postmaster, ratio, save


def ours(name: str, file: Path, **environment: str) -> Way:
    return Way(name, [sys.executable, str(ROOT / "benchmarks" / "one_export.py"), "ours", str(file)], environment)


def peer(name: str, file: Path, issues: int) -> Way:
    command = [sys.executable, str(ROOT / "benchmarks" / "one_export.py"), name, str(file), str(issues)]
    return Way(name, command)


def bench_postgresql(folder: Path) -> Way:
    """The task with two connections and with one, compared with psql with the same statement and session settings."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT pg_backend_pid()")
        server = postmaster(cursor.fetchone()[0])
    statement, header, session = same_statement()
    script = folder / "copy.sql"
    script.write_text(statement)
    psql = Way("psql COPY", psql_command(script), {"PGOPTIONS": session}, folder / "psql.csv")
    parallel = {"PGOPTIONS": session.replace("-c max_parallel_workers_per_gather=0", "")}
    psql_parallel = Way("psql COPY, parallel plan", psql.command, parallel, folder / "psql-parallel.csv")
    two = ours("ours, 2 connections", folder / "two.csv", EXPORT_CONNECTIONS="2")
    one = ours("ours, 1 connection", folder / "one.csv", EXPORT_CONNECTIONS="1")
    ways = [psql, two, one, *([] if IS_TRIAL else [psql_parallel])]
    in_turns(ways, server)
    check_same(folder, header)
    table("PostgreSQL", ways, psql)
    ratios = dict(
        [
            ratio("export_postgresql_2", two.median("wall") / psql.median("wall")),
            ratio("export_postgresql_1", one.median("wall") / psql.median("wall")),
        ]
    )
    save("export_postgresql", ways, ratios, issues=ISSUES, bytes=(folder / "two.csv").stat().st_size)
    return two


def same_statement() -> tuple[str, bytes, str]:
    """The statement of our one-connection export, with its values in it; the header; the session's settings."""
    import psycopg
    from django.db import connection

    from archive.filters import IssueFilter
    from exports.builder import postgresql
    from exports.builder.snapshot import wait_uninterrupted

    issues = IssueFilter().issues()
    with postgresql.open_snapshot(issues, guard=True, wait=wait_uninterrupted) as snapshot:
        statement, params = postgresql.copy_sql(issues, snapshot.form)
        first = snapshot.form.header
    with psycopg.ClientCursor(connection.connection) as cursor:
        text = cursor.mogrify(statement, params)
    settings = "-c jit=off -c join_collapse_limit=1 -c max_parallel_workers_per_gather=0 -c TimeZone=UTC"
    return text, first, settings


def psql_command(script: Path) -> list[str]:
    from django.db import connection

    given = connection.get_connection_params()
    where = [f"{name}={given[name]}" for name in ("host", "port", "user", "password", "dbname") if given.get(name)]
    return ["psql", " ".join(where), "-X", "-q", "-f", str(script)]


def check_same(folder: Path, header: bytes) -> None:
    """Check that our file is a header followed by psql's output, byte for byte."""
    body = (folder / "psql.csv").read_bytes()
    wanted = hashlib.sha256(header + body).hexdigest()
    for name in ("two.csv", "one.csv"):
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != wanted:
            sys.exit(f"{name} differs from psql's output.")
    print(f"byte-equal to psql: {len(header) + len(body):,} bytes", flush=True)


def bench_sqlite(folder: Path) -> None:
    """The task, compared with the sqlite3 shell's own CSV of the same cells."""
    from django.db import connection

    from archive.filters import IssueFilter
    from exports.builder import sqlite
    from exports.builder.snapshot import wait_uninterrupted

    issues = IssueFilter().issues()
    with sqlite.open_snapshot(issues, guard=True, wait=wait_uninterrupted) as snapshot:
        record = {f"c{index}": cell for index, cell in enumerate(snapshot.form.cells)}
    chosen = issues.order_by("archived_date", "id").annotate(**record).values_list(*record)
    script = folder / "select.sql"
    script.write_text(str(chosen.query).replace("%%", "%") + ";")
    database = str(connection.settings_dict["NAME"])
    shell = Way("sqlite3 -csv", ["sqlite3", "-readonly", "-csv", database, f".read {script}"], {}, folder / "shell.csv")
    task = ours("ours", folder / "ours.csv")
    in_turns([shell, task])
    table("SQLite", [shell, task], shell)
    ratios = dict([ratio("export_sqlite", task.median("wall") / shell.median("wall"))])
    save("export_sqlite", [shell, task], ratios, issues=ISSUES)


def bench_peers(folder: Path) -> Way:
    """Common libraries with a tenth of the archive. Returns our own task at that size."""
    small = ours("ours", folder / "ours.csv", EXPORT_CONNECTIONS="2")
    names = ("values_iterator", "model_instances", "import_export", "pandas", "polars")
    ways = [small, *(peer(name, folder / f"{name}.csv", ISSUES // 10) for name in names)]
    in_turns(ways, rounds=1 if IS_TRIAL else ROUNDS)
    table(f"Alternatives,  {ISSUES // 10:,}", ways, small)
    slow = next(way for way in ways if way.name == "import_export").median("wall")
    ratios = dict([ratio("import_export_over_ours", slow / small.median("wall"))])
    save("export_peers", ways, ratios, issues=ISSUES // 10)
    return small


def report_growth(small: Way, large: Way) -> None:
    """Peak memory and time per row of the whole archive, compared with a tenth of it."""
    per_row = large.median("wall") / small.median("wall") / 10
    over_idle = large.median("peak") - large.median("idle")
    print(f"peak above idle at {ISSUES:,}: {over_idle / 2**20:.0f} MiB", flush=True)
    ratio("memory_growth", large.median("peak") / small.median("peak"))
    ratio("time_growth", per_row)


def table(title: str, ways: list[Way], base: Way) -> None:
    print(f"\n{title:<28} {'wall s':>8} {'ratio':>7} {'CPU s':>7} {'server':>7} {'MiB':>6}")
    for way in ways:
        wall, cpu, server, peak = (way.median(name) for name in ("wall", "cpu", "server_cpu", "peak"))
        print(
            f"{way.name:<28} {wall:8.2f} {wall / base.median('wall'):7.2f} {cpu:7.2f} {server:7.2f} {peak / 2**20:6.0f}"
        )
    print(flush=True)


def main() -> None:
    """Run everything; with the argument "sqlite", only the part for the SQLite archive in DATABASE_URL."""
    import django

    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ.get("BENCH_FOLDER")))
    os.environ["DATA_DIR"] = str(folder / "data")
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    try:
        django.setup()
        if sys.argv[1:] == ["sqlite"]:
            bench_sqlite(folder)
        else:
            bench_both(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bench_both(folder: Path) -> None:
    """Fill both archives in parallel, one core each, and write them to disk before measuring."""
    on_sqlite = {"DATABASE_URL": f"sqlite:///{folder / 'archive.sqlite3'}"}
    seed(ISSUES // 10)
    small = bench_peers(folder)
    with ThreadPoolExecutor() as pool:
        filled = pool.submit(seed, ISSUES, **on_sqlite)
        manage("seed_issues", str(ISSUES))
        filled.result()
    os.sync()
    report_growth(small, bench_postgresql(folder))
    subprocess.run([sys.executable, __file__, "sqlite"], env=os.environ | on_sqlite, check=True)


if __name__ == "__main__":
    main()
