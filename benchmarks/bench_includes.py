"""`make bench-includes`: what the details of issues cost, compared with the ordinary export of the same issues.

Runs on PostgreSQL (DATABASE_URL names a server), then on SQLite in a separate process. BENCH_ISSUES is the archive's
size (default 1,000,000), BENCH_ROUNDS how often each way runs (default 5). Two archives are measured: the sample
issues, of which one in twenty has details, and a tenth as many that all have.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.archives import manage, seed
from benchmarks.measure import ISSUES, Way, in_turns, ratio, save

EVERYTHING = "include=customFields,comments,worklogs,links,attachments,watchers,changelog"
SEED_DETAILED = """
from django.core.management import call_command
from imports import seed_details
seed_details.SHARE = 1
call_command("seed_issues", "{}", verbosity=0)
"""
WAYS = {"ordinary": "", "everything": EVERYTHING, "ndjson": "format=ndjson"}


def bench(vendor: str, folder: Path) -> None:
    for part in ("all", "detailed"):
        if part == "detailed":
            seed_detailed()
        ways = [way(name, query, folder / f"{name}.file") for name, query in WAYS.items()]
        in_turns(ways)
        count = count_issues()
        ordinary = ways[0].median("wall")
        ratios = {}
        for measured in ways:
            size = (folder / f"{measured.name}.file").stat().st_size
            wall = measured.median("wall")
            peak = measured.median("peak") / 2**20
            print(
                f"{vendor} {part} {count:,} {measured.name}: {wall:.2f} s, {size:,} bytes, {peak:.0f} MiB", flush=True
            )
            key, value = ratio(f"include_{vendor}_{part}_{measured.name}", wall / ordinary)
            ratios[key] = value
        save(f"include_{vendor}_{part}", ways, ratios, issues=count)


def way(name: str, query: str, file: Path) -> Way:
    script = str(ROOT / "benchmarks" / "one_export.py")
    return Way(name, [sys.executable, script, "ours", str(file), "{}", query], {})


def seed_detailed() -> None:
    """Replace the archive by a tenth as many issues, of which each has details."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in ("archive_detailperson", "archive_issuedetail", "archive_archivedissue", "archive_monthsummary"):
            cursor.execute(f"DELETE FROM {table}")
    manage("shell", "-v0", "-c", SEED_DETAILED.format(ISSUES // 10))
    maintain()


def maintain() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("ANALYZE")


def count_issues() -> int:
    from archive.models import ArchivedIssue

    return ArchivedIssue.objects.count()


def main() -> None:
    import django

    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=os.environ.get("BENCH_FOLDER")))
    os.environ["DATA_DIR"] = str(folder / "data")
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ["LOG_LEVEL"] = "ERROR"
    try:
        if sys.argv[1:] == ["sqlite"]:
            os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'archive.sqlite3'}"
        seed(ISSUES)
        django.setup()
        from django.db import connection

        maintain()
        bench(connection.vendor, folder)
        if sys.argv[1:] != ["sqlite"]:
            subprocess.run([sys.executable, __file__, "sqlite"], env=os.environ, check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
