"""Archives of any size, each in a database of its own on the PostgreSQL server of DATABASE_URL and created once."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent


def manage(*arguments: str, **environment: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL)


def seed(issues: int, **environment: str) -> None:
    """Create the tables in the database of DATABASE_URL and add `issues` issues."""
    manage("migrate", "-v0", **environment)
    manage("seed_issues", str(issues), **environment)


def archive(issues: int, times: int = 1) -> str:
    """The URL of a database with `issues` times `times` issues. It is created if it does not exist."""
    server = os.environ["DATABASE_URL"]
    name = f"archive_{issues * times}"
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    with psycopg.connect(server, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return url
        connection.execute(f"CREATE DATABASE {name}")
    seed(issues, DATABASE_URL=url)
    with psycopg.connect(url, autocommit=True) as connection:
        multiply(connection, times)
        connection.execute("VACUUM ANALYZE")  # as autovacuum would do later
    return url


def multiply(connection: "psycopg.Connection[tuple[object, ...]]", times: int) -> None:
    """Copy the archive until it is `times` as large. Copies have new IDs and keys; their dates are days earlier."""
    from archive.models import STORED_FIELDS

    names = [str(field.column) for field in STORED_FIELDS]
    values = {
        "id": "id + %s * 100000000",
        "key": "key || '-' || %s",
        "archived_date": "archived_date - %s * interval '1 day'",
    }
    columns = ", ".join(values.get(name, name) for name in names)
    for turn in range(1, times):
        connection.execute(
            f"INSERT INTO archive_archivedissue ({', '.join(names)}) "
            f"SELECT {columns} FROM archive_archivedissue WHERE id < 1000000000",
            [turn, str(turn), turn],
        )
    connection.execute("DELETE FROM archive_monthsummary")
