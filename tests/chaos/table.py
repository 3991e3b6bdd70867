"""`make chaos`: four long runs, on both databases with one and two workers; updates docs/reliability.md."""

import os
import re
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings

from tests.chaos.runs import run

ROUNDS = os.environ.get("CHAOS_ROUNDS", "5")
RUNS = [("postgresql", "1", "1"), ("sqlite", "1", "2"), ("postgresql", "2", "3"), ("sqlite", "2", "4")]
RUNS_AT_ONCE = 2
HEADINGS = (
    "run",
    "faults",
    "exports",
    "attempts",
    "attempts lost",
    "imports",
    "changes of the archive",
    "HTTP requests",
    "emails",
    "slot free after",
    "violations",
)
BEGIN, END = "<!-- make chaos writes from here -->", "<!-- to here -->"


def main() -> int:
    with ProcessPoolExecutor(RUNS_AT_ONCE) as pool:
        runs = list(pool.map(_run, *zip(*RUNS, strict=True)))
    page = settings.BASE_DIR / "docs" / "reliability.md"
    text = "\n".join([BEGIN, "", *runs_table(runs), "", *faults_table(runs), "", END])
    page.write_text(re.sub(f"{BEGIN}.*{END}", lambda _: text, page.read_text(), flags=re.DOTALL))
    found: list[str] = []
    for result in runs:
        found += result["violations"]
    print("\n".join([text, *found]))
    return int(bool(found))


def _run(vendor: str, workers: str, seed: str) -> dict[str, Any]:
    result = run(vendor, "--workers", workers, "--rounds", ROUNDS, "--seed", seed)
    print(result, flush=True)
    return result


def runs_table(runs: list[dict[str, Any]]) -> Iterable[str]:
    yield f"| {' | '.join(HEADINGS)} |"
    yield f"| {' | '.join(['---'] * len(HEADINGS))} |"
    for one in runs:
        cells = [
            f"{one['database']}, {one['workers']} worker{'s' * (one['workers'] > 1)}, {one['seconds']} s",
            str(sum(one["faults"].values())),
            _counts(one["jobs"]),
            str(one["attempts"]),
            str(one["lost_attempts"]),
            _counts(one["imports"]),
            str(one["changes"]),
            str(_request_count(one["work"])),
            _counts(one["mails"]),
            f"{one['free_after']} s",
            str(len(one["violations"])),
        ]
        yield f"| {' | '.join(cells)} |"


def _request_count(work: dict[str, int]) -> int:
    return sum(count for name, count in work.items() if name.startswith("HTTP "))


def faults_table(runs: list[dict[str, Any]]) -> Iterable[str]:
    total: Counter[str] = sum((Counter(one["faults"]) for one in runs), Counter())
    yield "| fault | times |"
    yield "| --- | --- |"
    for name, times in sorted(total.items()):
        yield f"| {name} | {times} |"
    yield f"| **all** | **{total.total()}** |"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
