"""Watches the portal's processes while faults are injected: their memory, and that each worker lives or exits."""

import datetime
import threading
import time
from collections import Counter
from contextlib import suppress

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F
from django.db.models.functions import Now

from jobs.models import Worker
from tests.chaos.processes import family, resident_megabytes
from tests.chaos.world import World

PAUSE_SECONDS = 1.0
# A worker's row is older than this only if the worker has ended. No fault lasts longer than half of it.
SILENT_SECONDS = 30.0
MOST_MEGABYTES = 300


class Monitor(threading.Thread):
    """`memory` is the most memory that a process of each kind had, in megabytes."""

    def __init__(self, world: World) -> None:
        super().__init__(name="monitor", daemon=True)
        self.memory: Counter[str] = Counter()
        self._world = world
        self._reported: set[str] = set()
        self._reported_at: dict[str, float] = {}
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(PAUSE_SECONDS):
            self._look_at_memory()
            with suppress(DatabaseError, InterfaceError):
                self._look_at_workers()
                continue
            connection.close()
        connection.close()

    def stop(self) -> None:
        self._stopping.set()
        self.join()

    def _look_at_memory(self) -> None:
        for name, process in list(self._world.processes.items()):
            for pid in family(process.pid):
                megabytes = resident_megabytes(pid)
                kind = name.rstrip("0123456789")
                self.memory[kind] = max(self.memory[kind], megabytes)
                if megabytes > MOST_MEGABYTES:
                    self._report(f"{name}-{pid}", f"a process of {name} has {megabytes} MB of memory")

    def _look_at_workers(self) -> None:
        ages = Worker.objects.annotate(age=Now() - F("last_seen_at")).values_list("pid", "age")
        age_by_pid: dict[int, datetime.timedelta] = dict(ages)
        for name in self._world.workers:
            process = self._world.processes.get(name)
            if process is None or process.poll() is not None:
                continue
            key = f"{name}-{process.pid}"
            reported_at = self._reported_at.setdefault(key, time.monotonic())
            age = age_by_pid.get(process.pid)
            if age is not None:
                reported_at = max(reported_at, time.monotonic() - age.total_seconds())
                self._reported_at[key] = reported_at
            seconds = time.monotonic() - reported_at
            if seconds > SILENT_SECONDS:
                self._report(key, f"{name} has neither reported nor ended for {seconds:.0f} s")

    def _report(self, key: str, violation: str) -> None:
        if key not in self._reported:
            self._reported.add(key)
            self._world.report(violation)
