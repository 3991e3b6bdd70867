"""Archives of any size: seeded, multiplied inside the database, and beside one another on one server."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent


def manage(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)


def seed(issues: int, **environment: str) -> None:
    """The database of DATABASE_URL with its tables and so many issues, where it holds fewer."""
    manage("migrate", "-v0", **environment)
    manage("seed_issues", str(issues), **environment)


def another(issues: int) -> str:
    """The address of a new database on the same PostgreSQL server, with so many issues."""
    from django.db import connection

    name = f"archive_{issues}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    url = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
    seed(issues, DATABASE_URL=url)
    return url


def multiply(times: int) -> None:
    """The archive `times` over: each copy's IDs and keys are new, its dates days earlier, all in one another."""
    from django.db import connection

    from exports.models.issues import STORED_FIELDS

    names = [str(field.column) for field in STORED_FIELDS]
    values = {
        "id": "id + %s * 100000000",
        "key": "key || '-' || %s",
        "archived_date": "archived_date - %s * interval '1 day'",
    }
    columns = ", ".join(values.get(name, name) for name in names)
    with connection.cursor() as cursor:
        for turn in range(1, times):
            cursor.execute(
                f"INSERT INTO exports_archivedissue ({', '.join(names)}) "
                f"SELECT {columns} FROM exports_archivedissue WHERE id < 1000000000",
                [turn, str(turn), turn],
            )
        cursor.execute("DELETE FROM exports_monthsummary")
        cursor.execute("VACUUM ANALYZE")
