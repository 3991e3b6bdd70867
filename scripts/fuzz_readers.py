"""`make fuzz-readers`: every reader of bytes from outside for FUZZ_SECONDS (default 600), two at a time.

Prints a table. Fails if a reader raised an error, took more than five seconds for a case, or 200 MiB of memory.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "fuzz"
READERS = ("filter", "csv", "json", "range", "multipart")
AT_A_TIME = 2
SECONDS = int(os.environ.get("FUZZ_SECONDS", "600"))


def main() -> int:
    print(f"{'reader':10} {'cases':>12} {'a second':>9} {'longest case':>13} {'peak memory':>12} {'of it before':>13}")
    names = sys.argv[1:] or list(READERS)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        codes = list(pool.map(fuzz, names))
    return max(codes)


def fuzz(name: str) -> int:
    """Fuzz one reader in a process of its own, and print its line of the table."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").unlink(missing_ok=True)
    command = ["nice", "-n", "19", sys.executable, "-m", "tests.fuzz.with_atheris", name, str(folder)]
    with tempfile.TemporaryDirectory(prefix="fuzz-") as data, (folder / "log").open("wb") as log:
        environment = os.environ | {
            "DATA_DIR": data,
            "DATABASE_URL": f"sqlite:///{data}/portal.sqlite3",
            "SECRET_KEY": "test" * 20,
            "LOG_LEVEL": "ERROR",
        }
        command.append(f"-max_total_time={SECONDS}")
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    if done.returncode:
        print(f"{name}: failed. The input is in {folder}, and what happened in {folder / 'log'}.")
        return 1
    found = json.loads((folder / "figures.json").read_text())
    rate = found["cases"] / found["seconds"]
    seconds = f"{found['longest_case_seconds']:.2f} s"
    memory = f"{found['peak_mib']:8} MiB {found['mib_before']:9} MiB"
    print(f"{name:10} {found['cases']:12,} {rate:9,.0f} {seconds:>13} {memory}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
