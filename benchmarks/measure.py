"""Runs commands in turns (A B A B …), measures each as a whole process, and reports medians."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

RESULTS = Path(__file__).parent / "results"
ISSUES = int(os.environ.get("BENCH_ISSUES", "1000000"))
# With fewer than 100,000 issues, a run is a trial that ends within a minute: fewer rounds, less exact figures.
IS_TRIAL = ISSUES < 100_000
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3" if IS_TRIAL else "5"))


@dataclass
class Way:
    """One way to do the work: a command and the file it writes. `figures` has a list of values for each figure.

    Figures are `wall` (seconds), `cpu` (seconds, of the client), `server_cpu` (seconds) and `peak` (bytes). The command
    may measure some of them itself and print them as one line of JSON; these take precedence.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    output: Path | None = None
    figures: dict[str, list[float]] = field(default_factory=dict)

    def run(self, server: "psutil.Process | None") -> None:
        before = _children_cpu(server)
        start = time.perf_counter()
        printed, usage = _run(self.command, os.environ | dict(self.environment), self.output)
        taken: dict[str, Any] = {
            "wall": time.perf_counter() - start,
            "cpu": usage.ru_utime + usage.ru_stime,
        }
        taken |= json.loads(printed.splitlines()[-1]) if printed.strip().startswith("{") else {}
        if server:
            time.sleep(0.2)  # the server's process exits after its client
        taken["server_cpu"] = _children_cpu(server) - before
        for name, value in taken.items():
            self.figures.setdefault(name, []).append(value)

    def median(self, figure: str) -> float:
        return statistics.median(self.figures.get(figure, [0]))


def in_turns(ways: Sequence[Way], server: "psutil.Process | None" = None, rounds: int = ROUNDS) -> None:
    """Run all ways in turn, `rounds` times, so that other load on the machine affects all of them alike."""
    for _ in range(rounds):
        for way in ways:
            way.run(server)
            print(f"  {way.name:<28} {way.figures['wall'][-1]:7.2f} s", file=sys.stderr, flush=True)


def ratio(name: str, value: float) -> tuple[str, float]:
    print(f"ratio {name} {value:.3f}", flush=True)
    return name, value


def save(name: str, ways: Sequence[Way], ratios: Mapping[str, float], **facts: Any) -> None:
    """Write benchmarks/results/NAME.json with the machine, the facts, the ratios and all figures of all runs."""
    RESULTS.mkdir(exist_ok=True)
    body = {
        "machine": {"cores": os.cpu_count(), "memory_gib": round(psutil.virtual_memory().total / 2**30)},
        "facts": facts,
        "ratios": dict(ratios),
        "ways": {way.name: way.figures for way in ways},
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(body, indent=1) + "\n")


def read_facts(name: str) -> dict[str, Any]:
    """The facts that an earlier run of the benchmark saved."""
    facts: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())["facts"]
    return facts


def postmaster(backend_pid: int) -> "psutil.Process | None":
    """The database server's main process, None if it runs on another host. Its children's CPU time is the server's."""
    try:
        parent: psutil.Process | None = psutil.Process(backend_pid).parent()
    except psutil.NoSuchProcess:
        return None
    return parent


def _children_cpu(server: "psutil.Process | None") -> float:
    if server is None:
        return 0.0
    times = server.cpu_times()
    return float(times.children_user + times.children_system)


def _run(command: Sequence[str], environment: Mapping[str, str], output: Path | None) -> tuple[str, Any]:
    """Run the command. Returns its output and resource usage. Its file is written to disk before this returns."""
    target = output.open("wb") if output else subprocess.PIPE
    process = subprocess.Popen(command, env=environment, stdout=target, stderr=subprocess.PIPE)
    assert process.stderr
    printed = process.stdout.read().decode() if process.stdout else ""
    errors = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)[:200]} failed: {errors[-2000:]}")
    if output and not isinstance(target, int):
        os.fsync(target.fileno())
        target.close()
    return printed, usage
