"""Starts chaos runs, each with its own database, disk and ports, and with timeouts short enough to wait for.

A run has two folders: DATA_DIR, which is a small disk of its own if this process may mount one, and CHAOS_DIR for logs
and for the files that control faults.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

from tests.chaos.disk import mounted
from tests.chaos.postgres import started_server
from tests.running import free_port

DATA_MB = 400
SHORT = {
    "DATABASE_PATIENCE_SECONDS": "3",
    "EXPORT_LEASE_SECONDS": "5",
    "EXPORT_ATTEMPTS": "12",  # more than any export is hit by faults, so that none is DEAD
    "EXPORT_ASK_SECONDS": "5",
    "EXPORT_RESERVE_MB": "1",
    "EMAIL_RETRY_SECONDS": "1,1,2,2,4,4,8,8",
    "EMAIL_SENDING_SECONDS": "16",
    "WORKER_ANSWER_SECONDS": "15",
    "WORKER_NICE": "0",  # the runs share the machine with others, and measure time
    "WEB_CONCURRENCY": "2",
    "LOG_LEVEL": "INFO",
}
LOG_CHARACTERS = 20_000


def run(vendor: str, *arguments: str) -> dict[str, Any]:
    """Start one run and return its result. Its progress goes to standard error.

    Raises:
        RuntimeError: the run ended without a result.
    """
    with TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with mounted(folder / "data", DATA_MB), started_database(vendor, folder) as database:
            done = subprocess.run(
                [sys.executable, "-m", "tests.chaos", *arguments],
                cwd=settings.BASE_DIR,
                env=os.environ | SHORT | _own(folder) | database,
                stdout=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                _print_logs(folder)
        try:
            result: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise RuntimeError(f"the run exited with {done.returncode} and without a result: {done.stdout}") from None
        return result


def _own(folder: Path) -> dict[str, str]:
    """The environment variables that keep this run apart from others."""
    mail_port = free_port()
    web_port = free_port()
    return {
        "CHAOS_DIR": str(folder),
        "CHAOS_MAIL_PORT": str(mail_port),
        "DATA_DIR": str(folder / "data"),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "PORTAL_URL": f"http://localhost:{web_port}",
        "PYTHONWARNINGS": "",
        "SECRET_KEY": "chaos" * 20,
    }


@contextmanager
def started_database(vendor: str, folder: Path) -> Iterator[dict[str, str]]:
    """Yield environment variables that name an empty database. PostgreSQL gets a server that this run can crash."""
    if vendor == "sqlite":
        yield {"DATABASE_URL": f"sqlite:///{folder / 'data' / 'portal.sqlite3'}"}
        return
    with started_server() as environment:
        yield environment


def _print_logs(folder: Path) -> None:
    keep = os.environ.get("CHAOS_KEEP_LOGS")
    for log in sorted(folder.glob("*.log")):
        text = log.read_text(errors="replace")
        if keep:
            Path(keep).mkdir(parents=True, exist_ok=True)
            Path(keep, f"{folder.name}-{log.name}").write_text(text)
        else:
            print(f"== {log.name}\n{text[-LOG_CHARACTERS:]}", file=sys.stderr)
