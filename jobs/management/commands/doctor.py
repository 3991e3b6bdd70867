"""`manage.py doctor`: what an operator checks first at 3 a.m., in one answer."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django_q.models import OrmQ, Schedule

from jobs import schedules
from jobs.models import SEEN_SECONDS, Worker
from jobs.registry import Finding, findings


class Command(BaseCommand):
    help = "Look at settings, clock, database, disk, workers, queue, export and mails; exit 1 when anything is wrong."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(look())
        for is_well, sentence in findings:
            self.stdout.write(f"{'ok   ' if is_well else 'WRONG'} {sentence}")
        if wrong := sum(not is_well for is_well, _ in findings):
            raise CommandError(f"{wrong} of {len(findings)} findings need somebody.", returncode=1)


def look() -> Iterator[Finding]:
    """Findings from the ground up; what stands on an absent database is not looked at."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield False, f"Database: {str(error).strip()}"
        return
    yield from _settings()
    if plan := _unapplied():
        yield False, f"Database: {plan} migrations are not applied; run migrate."
        return
    yield True, f"Database: {connection.vendor}, all migrations applied."
    yield from _workers()
    for look_further in findings:
        yield from look_further()


def _settings() -> Iterator[Finding]:
    messages = [found for found in checks.run_checks(databases=["default"]) if found.level >= checks.ERROR]
    for message in messages:
        yield False, f"Settings: {message.msg} {message.hint or ''} ({message.id})"
    if not messages:
        yield True, "Settings and clock: no check complains."


def _unapplied() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _workers() -> Iterator[Finding]:
    lately = list(Worker.objects.seen_within(SEEN_SECONDS))
    for worker in lately:
        proven = f"{worker.proven_at:%H:%M:%S} UTC" if worker.proven_at else "not yet"
        seen = f"last seen {worker.last_seen_at:%H:%M:%S} UTC, queue proven {proven}"
        yield worker.version == settings.VERSION, f"Worker: {worker}, version {worker.version}, {seen}."
    if not lately:
        yield False, f"Worker: none has been seen for {SEEN_SECONDS} s; start run_worker."
    has_schedule = Schedule.objects.filter(func=schedules.SWEEP).count() == 1
    yield (
        has_schedule,
        f"Queue: {OrmQ.objects.count()} messages; the sweep is {'' if has_schedule else 'not '}scheduled.",
    )
