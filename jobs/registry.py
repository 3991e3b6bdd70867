"""What the apps above bring to `jobs`, each from its `AppConfig.ready`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from health_check.base import HealthCheck

from jobs.leased import LeasedJob

Finding = tuple[bool, str]


def _do_nothing(_job: Any) -> None:
    pass


@dataclass(frozen=True)
class JobKind:
    """What must be known of one kind of leased job.

    The queue calls `task`, a dotted name, with the job's key. `on_failure` runs in the transaction that ends a job
    as FAILED or DEAD.
    """

    model: type[LeasedJob]
    task: str
    on_failure: Callable[[Any], None] = _do_nothing


@dataclass(frozen=True)
class Sweep:
    """A step of the sweep, which runs every minute and must be safe to run at any time, any number of times."""

    name: str
    run: Callable[[], None]


job_kinds: dict[type[LeasedJob], JobKind] = {}
sweeps: list[Sweep] = []
findings: list[Callable[[], Iterator[Finding]]] = []
health_checks: list[type[HealthCheck]] = []


def register_jobs(kind: JobKind) -> None:
    job_kinds[kind.model] = kind


def register_sweep(name: str, run: Callable[[], None]) -> None:
    sweeps.append(Sweep(name, run))


def register_findings(look: Callable[[], Iterator[Finding]]) -> None:
    """Have `manage.py doctor` report what `look` yields: whether it is well, and a sentence."""
    findings.append(look)


def register_health_check(check: type[HealthCheck]) -> None:
    """Have `/health` include this check."""
    health_checks.append(check)
