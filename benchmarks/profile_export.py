"""`make bench-profile`: where an export of BENCH_ISSUES issues spends its time, in the worker and in PostgreSQL.

py-spy samples the worker. If perf is installed and allowed, it samples the database process at the same time.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
MOST_LISTED = 12

os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ["LOG_LEVEL"] = "ERROR"

import django

django.setup()

from benchmarks.archives import archive
from benchmarks.measure import save

Shares = list[tuple[str, float]]
FIND = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY (%' AND state = 'active'"


def main() -> None:
    url, folder = archive(ISSUES), Path(os.environ["DATA_DIR"])
    export = [sys.executable, str(ROOT / "benchmarks" / "one_export.py"), "ours", str(folder / "out.csv")]
    sampler = [str(Path(sys.executable).with_name("py-spy")), "record", "-r", "200", "-f", "raw", "-o"]
    environment = os.environ | {"DATABASE_URL": url, "EXPORT_CONNECTIONS": "1"}
    worker = subprocess.Popen([*sampler, str(folder / "stacks"), "--", *export], env=environment)
    server = sample_server(url, folder / "perf.data") if shutil.which("perf") else []
    if worker.wait():
        sys.exit("py-spy failed: it needs the right to trace processes.")
    profile = {"worker": shares(own_code(folder / "stacks")), "server": server}
    for side, found in profile.items():
        for name, share in found:
            print(f"{side:<8} {share:6.1%}  {name}")
    save("profile", [], {}, issues=ISSUES, **profile)


def own_code(stacks: Path) -> Counter[str]:
    """Samples by the innermost function of our own code; what it calls outside counts for it."""
    samples = Counter[str]()
    for line in stacks.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [re.sub(r":\d+\)$", ")", frame) for frame in stack.split(";")]
        ours = [frame for frame in frames if re.search(r"\((exports|benchmarks)/", frame)]
        if any("build_export" in frame for frame in ours):
            samples[ours[-1]] += int(count)
    return samples


def sample_server(url: str, data: Path) -> Shares:
    """The symbols that the database process executes while it runs the COPY, with their shares."""
    with psycopg.connect(url, autocommit=True) as connection:
        while not (found := connection.execute(FIND).fetchone()):
            time.sleep(0.05)
    subprocess.run(
        ["perf", "record", "-q", "-F", "500", "-p", str(found[0]), "-o", str(data), "--", "sleep", "5"],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    command = ["perf", "report", "-i", str(data), "--stdio", "--no-children", "-s", "symbol", "-g", "none"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    symbols = re.findall(r"^\s*([\d.]+)%\s+\[(.)\] (\S+)", output, re.MULTILINE)
    named = [(f"{name} (kernel)" if kind == "k" else name, float(share) / 100) for share, kind, name in symbols]
    return named[:MOST_LISTED]


def shares(samples: Counter[str]) -> Shares:
    return [(name, count / samples.total()) for name, count in samples.most_common(MOST_LISTED)]


if __name__ == "__main__":
    main()
