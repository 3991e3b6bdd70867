"""One run on the database that the environment names: `python -m tests.chaos --workers 2 --faults 60 --seed 1`.

Prints a JSON object: faults by name, jobs by status, violations. Exits 1 when there is any.
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
    begun = time.monotonic()
    found: list[str] = []
    try:
        struck = strike(world, alice, options.faults, found)
        result = judge(world, found)
    finally:
        world.heal()
        world.stop()
    about = {"database": connection.vendor, "workers": options.workers, "seed": options.seed}
    result |= about | {"seconds": round(time.monotonic() - begun), "faults": struck, "exits": world.exits}
    print(json.dumps(result))
    return 1 if result["violations"] else 0


def strike(world: World, alice: User, count: int, found: list[str]) -> Counter[str]:
    """That many faults, each kind in its turn, while exports come and some are cancelled."""
    struck: Counter[str] = Counter()
    names: list[str] = []
    while struck.total() < count:
        if not names:
            names = world.chance.sample(list(FAULTS), len(FAULTS))
        keep_busy(world, alice)
        found += ask(check_and_expire)
        name = names.pop()
        if undo := FAULTS[name](world):
            struck[name] += 1
            print(f"{struck.total():4} {name}", file=sys.stderr, flush=True)
            undo()
        time.sleep(world.chance.uniform(0.2, 1.5))
    return struck


def keep_busy(world: World, alice: User) -> None:
    """An export is always wanted; one in six that run is cancelled."""
    with suppress(PortalError):
        job = ask(services.running_export)
        if job is None:
            ask(lambda: services.request_export(alice, IssueFilter()))
        elif world.chance.random() < 1 / 6:
            ask(lambda: services.cancel_export(alice, job.pk))


def check_and_expire() -> list[str]:
    """Look at files that are done with, and let their time be over, so that the small disk has room."""
    done = ExportJob.objects.filter(status="COMPLETE", expires_at__gt=Now())[:50]
    violations = file_violations(list(done))
    ExportJob.objects.filter(pk__in=[job.pk for job in done]).update(expires_at=Now())
    job_tasks.sweep()
    return violations


def judge(world: World, found: list[str]) -> dict[str, Any]:
    """Let it settle, sweep, and look at everything there is."""
    world.heal()
    free = ask(lambda: seconds_until_free(4 * FREE_SECONDS))
    settle_mails()
    job_tasks.sweep()
    found += violations(world.postman.taken)
    if free is None or free > FREE_SECONDS:
        found.append(f"the slot came free after {free} s")
    return {
        "free_after": None if free is None else round(free, 1),
        "jobs": Counter(ExportJob.objects.values_list("status", flat=True)),
        "attempts": ExportEvent.objects.filter(note="Export started").count(),
        "mails": Counter(Mail.objects.values_list("status", flat=True)),
        "violations": found,
    }


def settle_mails() -> None:
    """Wait until no mail is under way."""
    end = time.monotonic() + 2 * settings.EMAIL_SENDING_SECONDS + 60
    while time.monotonic() < end and Mail.objects.filter(status__in=["queued", "sending"]).exists():
        job_tasks.sweep()
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
