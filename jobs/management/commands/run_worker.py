"""`manage.py run_worker`: the process that builds exports, imports files and sends mail."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from jobs.supervisor import Supervisor


class Command(BaseCommand):
    help = "Build exports, import files and send mail until SIGTERM or Ctrl-C. Run one or more, on one or more hosts."

    def handle(self, *args: Any, **options: Any) -> None:
        self.check(databases=["default"])
        connections.close_all()
        raise SystemExit(Supervisor().run())
