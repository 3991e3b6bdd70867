"""The portal that faults are injected into: its processes, which are restarted, its database, disks and mail server."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from jobs.leased import JobStatus, LeasedJob
from jobs.supervisor import EXIT_CLUSTER_DIED, EXIT_KILLED, EXIT_WEDGED
from tests.chaos import disk
from tests.chaos.mail_server import FaultyMailServer
from tests.chaos.processes import family, roles
from tests.chaos.relay import Relay

T = TypeVar("T")
EXPORTS_MB = 250
WEB = "web"
STOP_SECONDS = 40
WEB_START_SECONDS = 30
WORKER_START_SECONDS = 60
# A worker exits in time, whether it was healthy, damaged just before, or while Python was still starting.
EXIT_CODES = {0, EXIT_WEDGED, EXIT_CLUSTER_DIED, EXIT_KILLED, -signal.SIGTERM, -signal.SIGKILL}
NOT_STARTED = 1  # allowed if the database was away
WEB_EXIT_CODES = {0, -signal.SIGKILL, 1}  # 1: the port is still taken by the workers of a master that was killed
DISK_SPEED = "8000 0"  # keeps exports busy for a moment without using the processors
SLOW_DISK_SPEED = "1000 2000"


@dataclass(frozen=True)
class Hit:
    """A fault that was injected, from when to when (seconds since the epoch)."""

    name: str
    lane: str
    start: float
    end: float


class World:
    """Everything a fault can affect."""

    def __init__(self, worker_count: int) -> None:
        self.began_at = time.monotonic()
        self.folder = Path(os.environ["CHAOS_DIR"])
        self.storage: Path = settings.DATA_DIR / "exports"
        self.mail_server = FaultyMailServer()
        self.workers = [f"worker{number}" for number in range(worker_count)]
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.started_at: dict[str, float] = {}
        self.failed_starts: list[tuple[str, float, float]] = []
        self.exits: Counter[str] = Counter()
        self.hits: list[Hit] = []
        self.violations: list[str] = []
        self.processes_of_imports: list[subprocess.Popen[bytes]] = []
        self.web_is_ready = threading.Event()
        self.web_outage_count = 0
        self.wanted = Counter[str]()  # what faults wait for, so that it is done next
        self.web_activity = {"download": threading.Event(), "upload": threading.Event()}
        self.relay = _start_relay()
        self.has_preload = self._compile_preload()
        self.has_disk = os.path.ismount(settings.DATA_DIR) and disk.mount(self.storage, EXPORTS_MB)
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep_processes, name="keeper", daemon=True)
        for clock in (WEB, "worker"):
            self.set_clock(clock, 0)
        self.set_disk_speed(DISK_SPEED)

    def report(self, violation: str) -> None:
        """Add a violation."""
        self.say(f"   ! {violation}")
        self.violations.append(violation)

    def say(self, words: str) -> None:
        """Print progress, after the seconds since the start."""
        print(f"{time.monotonic() - self.began_at:6.1f} {words}", file=sys.stderr, flush=True)

    # -- Processes -------------------------------------------------------------------------------

    def start(self) -> None:
        self._keeper.start()

    def stop(self) -> None:
        """Stop all processes like a service manager: with SIGTERM, after which each must exit by itself."""
        self._stopping.set()
        self._keeper.join()
        for process in self.processes.values():
            process.terminate()
        for name, process in self.processes.items():
            try:
                code = process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.report(f"{name} did not end within {STOP_SECONDS} s of SIGTERM")
                process.kill()
                continue
            if code not in EXIT_CODES:
                self.report(f"{name} exited with {code} after SIGTERM")
        self.mail_server.stop()
        if self.has_disk:
            disk.unmount(self.storage)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def with_role(self, role: str) -> list[int]:
        """The running processes with this role, of all workers."""
        found: list[int] = []
        for name in self.workers:
            worker = self.processes.get(name)
            if worker:
                for pid, its_role in roles(worker.pid, self.log(name)).items():
                    if its_role == role:
                        found.append(pid)
        return found

    def wait_for_worker(self) -> None:
        """Wait until a worker is ready for jobs; a violation if that takes too long."""
        end = time.monotonic() + WORKER_START_SECONDS
        while time.monotonic() < end:
            if self.with_role("queue worker"):
                return
            time.sleep(0.2)
        self.report(f"no worker was ready within {WORKER_START_SECONDS} s")

    def web_workers(self) -> list[int]:
        master = self.processes.get(WEB)
        if master is None:
            return []
        return family(master.pid)[1:]

    def note_web_outage(self) -> None:
        """Web processes were killed: until `wait_for_web`, clients cannot expect answers."""
        self.web_is_ready.clear()
        self.web_outage_count += 1

    def wait_for_web(self) -> None:
        """Wait until the web server answers again."""
        end = time.monotonic() + WEB_START_SECONDS
        while time.monotonic() < end:
            with suppress(OSError):
                requests.get(settings.PORTAL_URL + "/sign-in", timeout=WEB_START_SECONDS)
                self.web_is_ready.set()
                return
            time.sleep(0.2)
        self.report(f"the web server did not answer within {WEB_START_SECONDS} s of its start")
        self.web_is_ready.set()

    def command(self, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a process of the portal. It reaches the database over the network and logs to `<name>.log`."""
        with self.log(name).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=settings.BASE_DIR,
                env=self._environment(name),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self, name: str) -> dict[str, str]:
        environment = dict(os.environ)
        clock = WEB if name == WEB else "worker"
        if self.has_preload:
            environment["LD_PRELOAD"] = str(self.folder / "preload.so")
            environment["CHAOS_DISK"] = str(self._disk_file)
            if connection.vendor == "postgresql":  # all processes of SQLite share one clock
                environment["CHAOS_CLOCK"] = str(self._clock_file(clock))
        if self.relay:
            server = f"127.0.0.1:{self.relay.port}"
            environment["DATABASE_URL"] = f"postgresql://postgres@{server}/postgres?application_name={name}"
        return environment

    def _keep_processes(self) -> None:
        """Restart processes that exit, like systemd with Restart=always."""
        port = urlsplit(settings.PORTAL_URL).port
        commands: dict[str, list[str]] = {}
        for name in self.workers:
            commands[name] = ["manage.py", "run_worker"]
        commands[WEB] = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "portal.wsgi"]
        while not self._stopping.wait(0.3):
            for name, command in commands.items():
                process = self.processes.get(name)
                if process is None or process.poll() is not None:
                    if process:
                        self._note_exit(name, process.returncode)
                    self.started_at[name] = time.time()
                    self.processes[name] = self.command(name, *command)

    def _note_exit(self, name: str, code: int) -> None:
        self.exits[f"{name}: {code}"] += 1
        if name != WEB and code == NOT_STARTED:
            self.failed_starts.append((name, self.started_at[name], time.time()))
            return
        allowed = WEB_EXIT_CODES if name == WEB else EXIT_CODES
        if code not in allowed:
            self.report(f"{name} exited with {code}")

    @contextmanager
    def wanting(self, activity: str) -> Iterator[None]:
        """Have an activity done as soon as possible, because a fault is to hit it."""
        self.wanted[activity] += 1
        try:
            yield
        finally:
            self.wanted[activity] -= 1

    # -- What faults change ----------------------------------------------------------------------

    def set_clock(self, whose: str, seconds: int) -> None:
        self._clock_file(whose).write_text(str(seconds))

    def set_disk_speed(self, speeds: str) -> None:
        self._disk_file.write_text(speeds)

    def running_job(self, model: type[LeasedJob], seconds: float = 8) -> LeasedJob | None:
        """A job of this kind that a worker is running. Waits up to `seconds` for one; None if there is none."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            job: LeasedJob | None = ask(lambda: model.objects.filter(status=JobStatus.RUNNING).first())
            if job:
                return job
            time.sleep(0.05)
        return None

    def _clock_file(self, whose: str) -> Path:
        return self.folder / f"clock-{whose}"

    @property
    def _disk_file(self) -> Path:
        return self.folder / "disk-speed"

    def _compile_preload(self) -> bool:
        """Compile the library with which clocks and disks can be wrong; False if there is no C compiler."""
        compiler = shutil.which("cc")
        if not compiler:
            return False
        source = Path(__file__).with_name("preload.c")
        target = self.folder / "preload.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", target, source, "-ldl"], check=True)
        return True


def _start_relay() -> Relay | None:
    if connection.vendor != "postgresql":
        return None
    return Relay(os.environ["CHAOS_PGSOCKET"])


def ask(question: Callable[[], T], seconds: float = 60) -> T:
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
