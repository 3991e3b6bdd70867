"""One chaos run on the database in DATABASE_URL: `python -m tests.chaos --workers 2 --rounds 5 --seed 1`.

Prints a JSON object: faults by name, jobs by status, violations. Exits with 1 if there are violations. `--only NAME`
injects faults whose names contain NAME. Started by hand, it sets up a database and folders of its own.
"""

import argparse
import json
import os
import random
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

if __name__ == "__main__" and "CHAOS_DIR" not in os.environ:
    from tests.chaos.runs import run

    vendor = sys.argv[1] if len(sys.argv) > 1 else ""
    if vendor not in {"postgresql", "sqlite"}:
        sys.exit("usage: python -m tests.chaos postgresql|sqlite [--only NAME] [--rounds N] [--workers N] [--seed N]")
    result = run(vendor, *sys.argv[2:])
    print(json.dumps(result, indent=2))
    sys.exit(bool(result["violations"]))

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from exports.models import ExportJob, Mail  # noqa: E402
from imports.models import ImportJob  # noqa: E402
from jobs import tasks as job_tasks  # noqa: E402
from tests.chaos import audit  # noqa: E402
from tests.chaos.fault import Fault, inject  # noqa: E402
from tests.chaos.faults import by_lane, possible  # noqa: E402
from tests.chaos.invariants_archive import content_violations, import_violations, removal_violations  # noqa: E402
from tests.chaos.invariants_files import age_orphans, file_violations, folder_violations  # noqa: E402
from tests.chaos.invariants_jobs import (  # noqa: E402
    job_violations,
    mail_violations,
    seconds_until_ended,
    start_violations,
)
from tests.chaos.monitor import Monitor  # noqa: E402
from tests.chaos.work import Work, prepare  # noqa: E402
from tests.chaos.world import World, ask  # noqa: E402

FREE_SECONDS = 30
IMPORTS_SECONDS = 90  # several imports may wait, one after the other


def main() -> int:
    options = read_options()
    alice, token = prepare(options.issues)
    start = audit.record()
    world = World(options.workers)
    work = Work(world, alice, token, options.seed)
    monitor = Monitor(world)
    world.start()
    monitor.start()
    try:
        world.wait_for_web()
        work.start()
        world.say("the portal works")
        inject_all(world, options)
        work.stop()
        world.say("all faults were injected")
        result = settle(world)
        world.say("everything has ended")
    finally:
        monitor.stop()
        world.stop()
    if options.audit:
        changes = audit.find_changes(start)
        check(world, import_violations(changes, work.files.by_version, start))
        check(world, removal_violations(changes))
        check(world, content_violations(changes, start))
        result["changes"] = len(changes)
        world.say("the archive was rebuilt")
    injected = Counter(hit.name for hit in world.hits)
    result |= {
        "database": connection.vendor,
        "workers": options.workers,
        "seconds": round(time.monotonic() - world.began_at),
        "faults": injected,
        "missing_faults": [fault.name for fault in chosen(world, options) if fault.name not in injected],
        "work": work.counts,
        "exits": world.exits,
        "memory": monitor.memory,
        "violations": world.violations,
    }
    print(json.dumps(result))
    return int(bool(world.violations))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1, help="how often each fault is injected")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--issues", type=int, default=10_000)
    parser.add_argument("--only", default="", help="inject only faults with this in their name")
    parser.add_argument("--idle", type=float, default=0, help="seconds to wait before the first fault")
    parser.add_argument("--no-audit", dest="audit", action="store_false")
    return parser.parse_args()


def inject_all(world: World, options: argparse.Namespace) -> None:
    """Inject every possible fault as often as asked, while the portal works. Lanes run at the same time."""
    wait_until_working(world)
    time.sleep(options.idle)
    lanes: list[threading.Thread] = []
    for number, (name, its_faults) in enumerate(by_lane(chosen(world, options)).items()):
        chance = random.Random(f"{options.seed} {number}")
        lanes.append(threading.Thread(target=inject_lane, args=(world, its_faults, options.rounds, chance), name=name))
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()


def chosen(world: World, options: argparse.Namespace) -> list[Fault]:
    return [fault for fault in possible(world) if options.only in fault.name]


def wait_until_working(world: World) -> None:
    """Wait until a worker runs a job, so that the first faults hit something."""
    world.running_job(ExportJob, seconds=30)


def inject_lane(world: World, faults: list[Fault], rounds: int, chance: random.Random) -> None:
    try:
        last = None
        for _ in range(rounds):
            order = chance.sample(faults, len(faults))
            if order[0] is last:  # twice in a row, a fault would last longer than a worker may be silent
                order.reverse()
            last = order[-1]
            for fault in order:
                world.wait_for_worker()  # otherwise, nobody would work for a fault to hit
                inject(fault, world, chance)
                time.sleep(chance.uniform(0.1, 1))
    except Exception as error:
        world.report(f"the harness could not inject a fault: {type(error).__name__}: {error}")
        raise
    finally:
        connection.close()


def settle(world: World) -> dict[str, Any]:
    """Wait until everything has ended, and check what can be seen in the database and the folders."""
    free_after = ask(lambda: seconds_until_ended(ExportJob, 4 * FREE_SECONDS))
    if free_after is None or free_after > FREE_SECONDS:
        world.report(f"the slot of exports was free only after {free_after} s")
    if ask(lambda: seconds_until_ended(ImportJob, IMPORTS_SECONDS)) is None:
        world.report(f"imports were still active after {IMPORTS_SECONDS} s")
    settle_mails()
    age_orphans()
    job_tasks.sweep()
    check(world, file_violations(list(ExportJob.objects.filter(file_removed_at=None))))
    check(world, folder_violations())
    check(world, job_violations(world.hits))
    check(world, start_violations(world.failed_starts, world.hits))
    check(world, mail_violations(world.mail_server.received))
    return {
        "free_after": free_after and round(free_after, 1),
        "jobs": Counter(ExportJob.objects.values_list("status", flat=True)),
        "failures": count_failures(),
        "imports": Counter(ImportJob.objects.values_list("status", flat=True)),
        "attempts": sum(ExportJob.objects.values_list("attempt", flat=True)),
        "lost_attempts": sum(ExportJob.objects.values_list("lost_attempt_count", flat=True)),
        "mails": Counter(Mail.objects.values_list("status", flat=True)),
    }


def count_failures() -> Counter[str]:
    """The messages of failed jobs, without their numbers."""
    messages: Counter[str] = Counter()
    for model in (ExportJob, ImportJob):
        for message in model.objects.filter(status="FAILED").values_list("message", flat=True):
            messages[re.sub(r"incident \w+|[\d.,]*\d", "…", message)] += 1
    return messages


def check(world: World, violations: Iterable[str]) -> None:
    for violation in violations:
        world.report(violation)


def settle_mails() -> None:
    """Wait until all emails are sent or have failed."""
    end = time.monotonic() + 2 * settings.EMAIL_SENDING_SECONDS + 60
    while time.monotonic() < end and Mail.objects.filter(status__in=["queued", "sending"]).exists():
        job_tasks.sweep()
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
