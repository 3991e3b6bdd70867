"""`make bench-web`: the portal's web server worker against gunicorn's own with threads, on SQLite.

Each round downloads a file of BENCH_MB (200) megabytes, and requests a page BENCH_PAGES (2,000) times over two kept
connections. Prints the medians of five rounds: seconds, and seconds of CPU that the server's processes took.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
_folder = tempfile.TemporaryDirectory(prefix="bench-")
os.environ["DATA_DIR"] = _folder.name
os.environ["DATABASE_URL"] = f"sqlite:///{_folder.name}/portal.sqlite3"
os.environ["SECRET_KEY"] = "test" * 20
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

import psutil
from django.core.management import call_command

from accounts.models import User
from accounts.tokens import create_token
from archive.filters import IssueFilter
from benchmarks.measure import save
from exports import services, tasks
from exports.models import ExportJob
from tests.running import RunningPortal, wait_for

MB = int(os.environ.get("BENCH_MB", "200"))
PAGES = int(os.environ.get("BENCH_PAGES", "2000"))
ROUNDS = 5
CONNECTIONS = 2
WORKERS = {"portal": "core.web_worker.PacedWorker", "gunicorn": "gthread"}
BLOCK = 1024 * 1024


def main() -> None:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    path, headers = make_file()
    portals = {name: start(worker) for name, worker in WORKERS.items()}
    figures: dict[str, list[list[float]]] = {}
    try:
        for _ in range(ROUNDS):
            for name, portal in portals.items():
                for work, run in (
                    ("download", lambda portal=portal: download(portal, path, headers)),
                    ("pages", lambda portal=portal: request_pages(portal)),
                ):
                    figures.setdefault(f"{work}, {name}", []).append(measure(portal, run))
    finally:
        for portal in portals.values():
            portal.stop("web")
    medians = {}
    for name, rounds in figures.items():
        seconds, cpu = (round(statistics.median(values), 3) for values in zip(*rounds, strict=True))
        medians[name] = {"seconds": seconds, "cpu_seconds": cpu}
        print(f"{name:22} {seconds:8.3f} s {cpu:8.3f} s of CPU")
    save("web", [], {}, mb=MB, pages=PAGES, rounds=ROUNDS, medians=medians)


def make_file() -> tuple[str, Mapping[str, str]]:
    """An exported file, made as large as it should be; returns its path, and the headers with which one gets it."""
    user = User.objects.create_superuser("bench@example.com")
    call_command("seed_issues", "100")
    job = services.request_export(user, IssueFilter())
    tasks.build_export(job.pk)
    file = next(Path(_folder.name).glob("exports/**/*.csv"))
    with file.open("ab") as output:
        for _ in range(MB):
            output.write(b"x" * 1_000_000)
    ExportJob.objects.filter(pk=job.pk).update(bytes=file.stat().st_size)
    _, secret = create_token(user, "bench")
    credentials = b64encode(f"bench@example.com:{secret}".encode()).decode()
    return f"/exports/{job.pk}/file", {"Authorization": f"Basic {credentials}", "Host": "localhost"}


def start(worker: str) -> RunningPortal:
    portal = RunningPortal(Path(_folder.name), os.environ["DATABASE_URL"], "console:")
    binding = f"127.0.0.1:{portal.port}"
    portal._start("web", sys.executable, "-m", "gunicorn", "--worker-class", worker, "--bind", binding, "portal.wsgi")
    wait_for(lambda: is_up(portal), "the web server answers")
    request_pages(portal, 100)
    return portal


def is_up(portal: RunningPortal) -> bool:
    try:
        connection = HTTPConnection("127.0.0.1", portal.port)
        connection.request("GET", "/sign-in", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False


def measure(portal: RunningPortal, run: Callable[[], None]) -> list[float]:
    """Seconds, and seconds of CPU of the server's processes."""
    before = cpu_of(portal)
    start_time = time.perf_counter()
    run()
    return [time.perf_counter() - start_time, cpu_of(portal) - before]


def cpu_of(portal: RunningPortal) -> float:
    parent = psutil.Process(portal.processes["web"].pid)
    total = 0.0
    for process in (parent, *parent.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    return total


def download(portal: RunningPortal, path: str, headers: Mapping[str, str]) -> None:
    connection = HTTPConnection("127.0.0.1", portal.port)
    connection.request("GET", path, headers=dict(headers))
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    buffer = bytearray(BLOCK)
    byte_count = 0
    while count := answer.readinto(buffer):
        byte_count += count
    assert byte_count >= MB * 1_000_000, byte_count
    connection.close()


def request_pages(portal: RunningPortal, count: int = PAGES) -> None:
    def run() -> None:
        connection = HTTPConnection("127.0.0.1", portal.port)
        for _ in range(count // CONNECTIONS):
            connection.request("GET", "/sign-in", headers={"Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
