"""`make bench-hostile`: memory and time that hostile and damaged files take to be refused, by command and by upload.

Writes each file, imports it with the command, then as an upload that a worker process imports, and prints a table: what
came of it, the greatest resident memory of any process, and the seconds until its end. Fails if a file takes more than
160 MiB or 60 seconds. Some of the files are within the limits, and as large as those allow. Words on the command line
choose files whose names contain one of them; the results of the others are kept.
"""

import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
_folder = tempfile.TemporaryDirectory(prefix="bench-")
os.environ["DATA_DIR"] = _folder.name
os.environ.setdefault("DATABASE_URL", f"sqlite:///{os.environ['DATA_DIR']}/portal.sqlite3")
os.environ["SECRET_KEY"] = "test" * 20
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command

from accounts.models import User
from benchmarks.measure import read_facts, save
from imports import services
from imports.models import ImportJob
from imports.options import ImportOptions
from jobs.leased import ENDED
from tests.running import RunningPortal

MIB = 2**20
MAX_PEAK_MIB = 160
MAX_SECONDS = 60
HEADER = b"Issue id,Issue key,Issue Type,Summary,Description\n"
ISSUE_BYTES = settings.IMPORT_MAX_ISSUE_BYTES
TEXT_CHARACTERS = settings.IMPORT_MAX_TEXT_CHARACTERS

Write = Callable[[Path], None]


def issue(number: int, **fields: Any) -> bytes:
    values = {"project": {"key": "AC"}, "issuetype": {"id": "1", "name": "Bug"}, "summary": "x"} | fields
    return json.dumps({"id": number, "key": f"AC-{number}", "fields": values}, ensure_ascii=False).encode()


def repeat(file: "IO[bytes] | gzip.GzipFile", piece: bytes, total_bytes: int) -> None:
    block = piece * max(1, MIB // len(piece))
    for _ in range(total_bytes // len(block)):
        file.write(block)


def plain(start: bytes, piece: bytes, total_bytes: int, end: bytes = b"") -> Write:
    """A file of about `total_bytes` bytes: the start, the piece again and again, and the end."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(start)
            repeat(file, piece, total_bytes)
            file.write(end)

    return write


def packed(start: bytes, piece: bytes, total_bytes: int) -> Write:
    def write(path: Path) -> None:
        with gzip.open(path, "wb", compresslevel=9) as file:
            file.write(start)
            repeat(file, piece, total_bytes)

    return write


def archive(member_count: int, content: bytes) -> Write:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as file:
            for number in range(member_count):
                file.writestr(f"{number}.json", content)

    return write


def document(count: int, text: str) -> Write:
    """A sound search response."""

    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(b'{"issues": [\n')
            for number in range(1, count):
                file.write(issue(number, description=text) + b",\n")
            file.write(issue(count, description=text) + b"]}")

    return write


def values_within_limit() -> bytes:
    """An issue of as many values as are allowed, in the kind of value that takes most memory."""
    list_size = settings.IMPORT_MAX_DETAIL_ITEMS
    count = (settings.IMPORT_MAX_JSON_VALUES - 100) // 2
    text = b"{"
    for start in range(0, count, list_size):
        values = [b'{"b":%d}' % number for number in range(start, min(start + list_size, count))]
        text += b'"a%d":[' % start + b",".join(values) + b"],"
    return text + padding(ISSUE_BYTES - len(text) - 1000) + issue(1)[1:]


def padding(total_bytes: int) -> bytes:
    """Members of an issue, each with as long a text as is allowed."""
    text = b""
    while len(text) < total_bytes:
        size = min(TEXT_CHARACTERS, total_bytes - len(text))
        text += b'"c%d":"' % len(text) + b"x" * size + b'",'
    return text


def largest_issue() -> bytes:
    """An issue as large as is allowed, whose characters take most memory."""
    start = issue(1, description="😀" + "x" * (TEXT_CHARACTERS - 2))
    return b"{" + padding(ISSUE_BYTES - len(start) - 1000) + start[1:]


EMOJI = "😀".encode()
LABELS = [f"label-{number}" for number in range(20_000)]

FILES: dict[str, Write] = {
    "CSV: an open quotation mark, 300 MB": plain(HEADER + b'1,AC-1,Bug,"', b"a line\n", 300 * MIB),
    "CSV: an open quotation mark, 300 MB of line breaks": plain(HEADER + b'1,AC-1,Bug,"', b"\n", 300 * MIB),
    "CSV: one line of 300 MB": plain(HEADER + b"1,AC-1,Bug,", b"a,", 300 * MIB),
    "CSV: a cell of 33 MB": plain(HEADER + b'1,AC-1,Bug,,"', b"x", 33 * MIB, b'"\n'),
    "CSV: the longest cell allowed, with an emoji": plain(
        HEADER + b'1,AC-1,Bug,,"' + EMOJI, b"x", TEXT_CHARACTERS - MIB, b'"\n'
    ),
    "CSV: a heading of 50,000 digits": plain(
        HEADER.rstrip() + b"," + b"1" * 50_000 + b"x\n", b"\n", MIB, b"1,AC-1,Bug,,,\n"
    ),
    "CSV: 300,000 headings": plain(HEADER.rstrip() + b",a" * 300_000 + b"\n", b"\n", MIB),
    "JSON: a bad token in 300 MB": plain(b'{"issues": [\n{"a": nope},', issue(1) + b",\n", 300 * MIB),
    "JSON: a bad token in 300 MB with emojis": plain(
        b'{"issues": [\n{"a": nope},', issue(1, summary="😀") + b",\n", 300 * MIB
    ),
    "JSON: a text of 200 MB": plain(b'{"issues": [\n{"id": "', b"x", 200 * MIB, b'"}]}'),
    "JSON: 200 MB of lists": plain(b'{"issues": [\n{"id": [', b"[],", 200 * MIB, b"0]}]}"),
    "JSON: 100 MB of opening brackets": plain(b"[\n", b"[", 100 * MIB),
    "sound JSON: 100 MB of issues with an emoji each": document(20_000, "😀" + "text " * 1_000),
    "JSON: the largest issue allowed, with an emoji": plain(b"[\n" + largest_issue() + b"]", b"\n", MIB),
    "JSON: as many values as are allowed": plain(b"[\n" + values_within_limit() + b"]", b"\n", MIB),
    "NDJSON: as many values as are allowed": plain(values_within_limit() + b"\n" + issue(2) + b"\n", b"\n", MIB),
    "NDJSON: five summaries of 20 MB": plain(issue(1) + b"\n", issue(2, summary="x" * (20 * MIB)) + b"\n", 100 * MIB),
    "NDJSON: 20,000 labels": plain(issue(1) + b"\n" + issue(2, labels=LABELS) + b"\n", b"\n", MIB),
    "NDJSON: 90 MB of empty objects": plain(issue(1) + b"\n", b"{}\n", 90 * MIB),
    "gzip: 3 GB of line breaks after an issue": packed(issue(1) + b"\n", b"\n", 3000 * MIB),
    "gzip: 3 GB of line breaks after a CSV record": packed(HEADER + b"1,AC-1,Bug,,\n", b"\n", 3000 * MIB),
    "gzip: 200 MB of wrong issues": packed(issue(1) + b"\n", b'{"id": 1, "key": "' + b"x" * 900 + b'"}\n', 200 * MIB),
    "zip: 20,000 files": archive(20_000, b"x"),
    "zip: 200,000 files": archive(200_000, b"x"),
    "zip: 10,000 files, as many as are allowed": archive(10_000, b"x"),
}  # fmt: skip


def main() -> None:
    folder = Path(os.environ["DATA_DIR"])
    call_command("migrate", verbosity=0)
    user = User.objects.create_superuser("bench@example.com", password="bench")
    portal = RunningPortal(folder, os.environ["DATABASE_URL"], "console:")
    is_within = True
    chosen = sys.argv[1:]
    facts = {}
    if chosen:
        facts = read_facts("hostile")["files"]
    print(f"{'file':52} {'command':>18} {'upload':>18}   what came of it")
    for name, write in FILES.items():
        if chosen and not any(word in name for word in chosen):
            continue
        path = folder / "hostile"
        write(path)
        command = run_command(portal, path)
        upload = run_upload(portal, user, path)
        path.unlink()
        facts[name] = {"command": command[:2], "upload": upload[:2]}
        is_within &= max(command[0], upload[0]) <= MAX_PEAK_MIB and max(command[1], upload[1]) <= MAX_SECONDS
        print(f"{name:52} {shown(command)} {shown(upload)}   {upload[2]}", flush=True)
    save("hostile", [], {}, files=facts)
    if not is_within:
        sys.exit(f"a file took more than {MAX_PEAK_MIB} MiB or {MAX_SECONDS} s")


Measured = tuple[float, float, str]  # MiB, seconds, what came of it


def shown(measured: Measured) -> str:
    return f"{measured[0]:6.0f} MiB {measured[1]:5.1f} s"


def run_command(portal: RunningPortal, path: Path) -> Measured:
    start = time.monotonic()
    command = [sys.executable, "manage.py", "import_issues", str(path), "--rejects", str(path.parent)]
    peak = 0.0
    with path.with_suffix(".log").open("wb") as output:
        process = subprocess.Popen(command, env=portal.environment, cwd=ROOT, stdout=output, stderr=output)
        while process.poll() is None:
            peak = max([peak, *peaks(process.pid)])
            time.sleep(0.02)
    for rejects in path.parent.glob("hostile.rejects*"):
        rejects.unlink()
    return peak, time.monotonic() - start, ""


def run_upload(portal: RunningPortal, user: User, path: Path) -> Measured:
    """The seconds begin when a worker claims the import."""
    portal.start_worker()
    worker = portal.processes["worker"]
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(MIB), b"")
        job = services.request_import(user, path.name, path.stat().st_size, chunks, ImportOptions())
    start = time.monotonic()
    peak = 0.0
    while job.status not in ENDED and time.monotonic() - start < 5 * MAX_SECONDS:
        time.sleep(0.1)
        job = ImportJob.objects.get(pk=job.pk)
        peak = max([peak, *peaks(worker.pid)])
    portal.stop("worker")
    seconds = 5.0 * MAX_SECONDS
    if job.started_at and job.finished_at:
        seconds = (job.finished_at - job.started_at).total_seconds()
    return peak, seconds, describe(job)


def peaks(pid: int) -> Iterator[float]:
    """The greatest resident memory that the process and each of its descendants has had so far, in MiB."""
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:  # it has just ended
            continue
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        if found:
            yield int(found[1]) / 1024


def describe(job: ImportJob) -> str:
    settings_named = re.search(r"IMPORT_MAX_\w+", f"{job.message} {job.report}")
    if settings_named:
        return f"{job.status}: {settings_named[0]}"
    imported_count = job.created_count + job.updated_count + job.unchanged_count
    return f"{job.status}: {imported_count:,} imported, {job.rejected_count:,} rejected {job.message[:60]}"


if __name__ == "__main__":
    main()
