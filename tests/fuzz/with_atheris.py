"""Feed one reader with what atheris makes up: `python -m tests.fuzz.with_atheris READER FOLDER [libFuzzer's options]`.

Atheris prefers inputs that reach new lines of the portal's code. It ends at the first input that a reader doesn't
survive, takes more than five seconds for, or takes too much memory for, and keeps that in FOLDER. `figures.json` there
has the cases, the seconds, the longest case and the memory.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import atheris

SECONDS_A_CASE = 5
MOST_MEMORY_MIB = 200  # beside what the portal takes before the first case
PORTAL = ["archive", "core", "exports", "imports", "django.http", "django.core.files.uploadhandler"]
MIB = 1024 * 1024

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

with atheris.instrument_imports(include=PORTAL):
    import django

    django.setup()

    from tests.fuzz.readers import READERS, SEEDS, WORDS, Read, multipart_reader


class Measured:
    """A reader that measures itself."""

    def __init__(self, read: Read, figures: Path) -> None:
        self._read = read
        self._figures = figures
        self._start = time.monotonic()
        self._base_mib = resident_mib()
        self._case_count = 0
        self._longest_seconds = 0.0

    def __call__(self, data: bytes) -> None:
        start = time.perf_counter()
        self._read(data)
        self._longest_seconds = max(self._longest_seconds, time.perf_counter() - start)
        self._case_count += 1
        if self._case_count % 100 == 0:
            self.save()

    def save(self) -> None:
        figures = {
            "cases": self._case_count,
            "seconds": round(time.monotonic() - self._start, 1),
            "longest_case_seconds": round(self._longest_seconds, 3),
            "peak_mib": round(peak_mib()),
            "mib_before": round(self._base_mib),
        }
        self._figures.write_text(json.dumps(figures))


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def find_reader(name: str) -> Read:
    if name != "multipart":
        return READERS[name]
    from django.core.management import call_command
    from django.test import Client

    from accounts.models import User
    from accounts.permissions import Role

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_user("erin@example.com", roles=[Role.IMPORTER]))
    return multipart_reader(client)


def write_words(name: str, path: Path) -> None:
    """A dictionary for libFuzzer, in which each byte is written as hexadecimal digits."""
    lines = []
    for word in WORDS[name]:
        digits = "".join([f"\\x{byte:02x}" for byte in word])
        lines.append(f'"{digits}"\n')
    path.write_text("".join(lines))


def main() -> None:
    name = sys.argv[1]
    folder = Path(sys.argv[2])
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    write_words(name, folder / "words")
    read = Measured(find_reader(name), folder / "figures.json")
    options = [
        f"-dict={folder / 'words'}",
        f"-artifact_prefix={folder}/",
        f"-timeout={SECONDS_A_CASE}",
        f"-rss_limit_mb={round(resident_mib()) + MOST_MEMORY_MIB}",
        "-max_len=20000",
        *sys.argv[3:],
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *options], read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
