"""`manage.py doctor`: what an operator checks first, in one answer."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django_q.models import OrmQ, Schedule

from jobs import lifecycle, schedules
from jobs.leased import LeasedJob
from jobs.models import SEEN_SECONDS, Worker
from jobs.registry import Finding, findings, job_kinds


class Command(BaseCommand):
    help = "Check settings, clock, database, disk, workers, queue, exports and mails; exit with 1 if anything is wrong."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        wrong_count = 0
        for is_well, sentence in look():
            count += 1
            if is_well:
                self.stdout.write(f"ok    {sentence}")
            else:
                wrong_count += 1
                self.stdout.write(f"WRONG {sentence}")
        if wrong_count:
            raise CommandError(f"{wrong_count} of {count} findings need attention.", returncode=1)


def look() -> Iterator[Finding]:
    """Findings, the most basic first; without a database nothing else is checked."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield False, f"Database: {str(error).strip()}"
        return
    yield from _settings()
    unapplied_count = _count_unapplied()
    if unapplied_count:
        yield False, f"Database: {unapplied_count} migrations are not applied; run migrate."
        return
    yield True, f"Database: {connection.vendor}, all migrations applied."
    yield from _workers()
    for model in job_kinds:
        yield _active_jobs(model)
    for look_further in findings:
        yield from look_further()


def _settings() -> Iterator[Finding]:
    messages = [found for found in checks.run_checks(databases=["default"]) if found.level >= checks.WARNING]
    for message in messages:
        yield False, f"Settings: {message.msg} {message.hint or ''} ({message.id})"
    if not messages:
        yield True, "Settings and clock: no problem found."


def _count_unapplied() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _workers() -> Iterator[Finding]:
    lately = list(Worker.objects.seen_within(SEEN_SECONDS))
    for worker in lately:
        tested = "not yet"
        if worker.queue_tested_at:
            tested = f"{worker.queue_tested_at:%H:%M:%S} UTC"
        seen = f"last seen {worker.last_seen_at:%H:%M:%S} UTC, queue tested {tested}"
        yield worker.version == settings.VERSION, f"Worker: {worker}, version {worker.version}, {seen}."
    if not lately:
        yield False, f"Worker: none has been seen for {SEEN_SECONDS} s; start run_worker."
    yield _queue()


def _queue() -> Finding:
    messages = f"Queue: {OrmQ.objects.count()} messages"
    if Schedule.objects.filter(func=schedules.SWEEP).count() == 1:
        return True, f"{messages}; the sweep is scheduled."
    return False, f"{messages}; the sweep is not scheduled: run migrate."


def _active_jobs(model: type[LeasedJob]) -> Finding:
    """The kind's active jobs, and whether one is stuck."""
    name = str(model._meta.verbose_name).capitalize()
    active = model.objects.active()
    job = model.objects.leased().first() or active.order_by("pk").first()
    if job is None:
        return True, f"{name}: none active."
    text = f"{name}: {job.pk} is {job.status}, attempt {job.attempt}, {job.progress}%"
    if job.worker:
        text += f", worker {job.worker}"
    more_count = active.count() - 1
    if more_count:
        text += f"; {more_count} more waiting"
    stuck = lifecycle.find_stuck(model)
    if stuck is None:
        return True, f"{text}."
    return False, f"{text}. {stuck} is stuck: no worker is running it."
