"""One chaos run on the database in DATABASE_URL: `python -m tests.chaos --workers 2 --faults 60 --seed 1`.

Prints a JSON object: faults by name, jobs by status, violations. Exits with 1 if there are violations.
"""

import argparse
import json
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models.functions import Now  # noqa: E402

from accounts.models import User  # noqa: E402
from archive.filters import IssueFilter  # noqa: E402
from core.errors import PortalError  # noqa: E402
from exports import services  # noqa: E402
from exports.models import ExportEvent, ExportJob, Mail  # noqa: E402
from jobs import tasks as job_tasks  # noqa: E402
from tests.chaos.faults import FAULTS  # noqa: E402
from tests.chaos.invariants import file_violations, seconds_until_free, violations  # noqa: E402
from tests.chaos.world import World, ask  # noqa: E402

FREE_SECONDS = 30


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--faults", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--issues", type=int, default=30_000)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    call_command("seed_issues", str(options.issues), stdout=sys.stderr)
    alice = User.objects.create_superuser("alice@example.com", "correct horse battery staple")
    world = World(options.workers, options.seed)
    world.start()
    start = time.monotonic()
    found: list[str] = []
    try:
        fault_counts = inject_faults(world, alice, options.faults, found)
        result = check_result(world, found)
    finally:
        world.heal()
        world.stop()
    result["database"] = connection.vendor
    result["workers"] = options.workers
    result["seed"] = options.seed
    result["seconds"] = round(time.monotonic() - start)
    result["faults"] = fault_counts
    result["exits"] = world.exits
    print(json.dumps(result))
    if result["violations"]:
        return 1
    return 0


def inject_faults(world: World, alice: User, count: int, found: list[str]) -> Counter[str]:
    """Inject `count` faults, all kinds in random order, while exports run and some are cancelled.

    Returns how often each kind was injected, and adds violations to `found`.
    """
    fault_counts: Counter[str] = Counter()
    names: list[str] = []
    while fault_counts.total() < count:
        if not names:
            names = world.chance.sample(list(FAULTS), len(FAULTS))
        keep_busy(world, alice)
        found += ask(check_and_expire)
        name = names.pop()
        undo = FAULTS[name](world)
        if undo:
            fault_counts[name] += 1
            print(f"{fault_counts.total():4} {name}", file=sys.stderr, flush=True)
            undo()
        time.sleep(world.chance.uniform(0.2, 1.5))
    return fault_counts


def keep_busy(world: World, alice: User) -> None:
    """Request an export if none is running; otherwise cancel it in one of six cases."""
    with suppress(PortalError):
        job = ask(services.running_export)
        if job is None:
            ask(lambda: services.request_export(alice, IssueFilter()))
        elif world.chance.random() < 1 / 6:
            ask(lambda: services.cancel_export(alice, job.pk))


def check_and_expire() -> list[str]:
    """Check the files of completed exports, then expire them, because the disk is small."""
    completed = ExportJob.objects.filter(status="COMPLETE", expires_at__gt=Now())[:50]
    violations = file_violations(list(completed))
    ExportJob.objects.filter(pk__in=[job.pk for job in completed]).update(expires_at=Now())
    job_tasks.sweep()
    return violations


def check_result(world: World, found: list[str]) -> dict[str, Any]:
    """Undo all faults, wait until everything has settled, and check all invariants."""
    world.heal()
    free_after = ask(lambda: seconds_until_free(4 * FREE_SECONDS))
    settle_mails()
    job_tasks.sweep()
    found += violations(world.mail_server.received)
    if free_after is None:
        found.append(f"the slot was still taken after {4 * FREE_SECONDS} s")
    else:
        if free_after > FREE_SECONDS:
            found.append(f"the slot became free only after {free_after} s")
        free_after = round(free_after, 1)
    return {
        "free_after": free_after,
        "jobs": Counter(ExportJob.objects.values_list("status", flat=True)),
        "attempts": ExportEvent.objects.filter(note="Export started").count(),
        "mails": Counter(Mail.objects.values_list("status", flat=True)),
        "violations": found,
    }


def settle_mails() -> None:
    """Wait until all emails are sent or have failed."""
    end = time.monotonic() + 2 * settings.EMAIL_SENDING_SECONDS + 60
    while time.monotonic() < end and Mail.objects.filter(status__in=["queued", "sending"]).exists():
        job_tasks.sweep()
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
