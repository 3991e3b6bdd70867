"""What the portal has to do while faults are injected: exports, imports and removals, all at once.

Each kind of work has a thread. A fault may end any single action; what must hold is checked afterwards.
"""

import random
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from accounts.models import User
from archive.filters import IssueFilter
from archive.models import Account, ArchivedIssue, Project, RemovalKind
from archive.removals import anonymise_account, remove_issues
from core.errors import PortalError
from exports import services as export_services
from exports.models import ExportJob
from imports import services as import_services
from imports.models import ImportJob
from imports.options import ImportOptions
from jobs import tasks as job_tasks
from jobs.leased import ACTIVE
from tests.chaos.import_files import ImportFiles
from tests.chaos.invariants_files import file_violations
from tests.chaos.work_web import WebClient
from tests.chaos.world import World, ask

# What a fault may do to an action: the database, a disk or the web server failed, or the portal refused politely.
EXPECTED = (DatabaseError, InterfaceError, OSError, PortalError)
FILE_SECONDS = 8  # how long the file of an export is kept, because the disk is small
MOST_WAITING_IMPORTS = 2
COMMAND_SECONDS = 120


class Work:
    """`counts` says how often each action was taken."""

    def __init__(self, world: World, alice: User, token: str, seed: int) -> None:
        self.counts: Counter[str] = Counter()
        self.files = ImportFiles(world.folder)
        self._world = world
        self._alice = alice
        self._chance = random.Random(seed)
        self._web = WebClient(world, alice.email, token, self.counts)
        self._commands: list[tuple[Any, str]] = []
        self._stopping = threading.Event()
        self._threads = [
            self._thread(self._export, pause=0.3),
            self._thread(self._import, pause=1.0),
            self._thread(self._change_archive, pause=1.5),
            self._thread(self._use_web, pause=0.3),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask for nothing more, and wait until every command has ended."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        for process, name in self._commands:
            code = process.wait(timeout=COMMAND_SECONDS)
            ask(lambda code=code, name=name: self._check_command(code, name))  # type: ignore[misc]

    def _thread(self, act: Callable[[], None], pause: float) -> threading.Thread:
        def repeat() -> None:
            while not self._stopping.wait(self._chance.uniform(0.5, 1.5) * pause):
                try:
                    act()
                except EXPECTED:
                    self.counts[f"{act.__name__.removeprefix('_')} failed"] += 1
                    connection.close()
                except Exception:  # noqa: BLE001 - whatever it is, it is a violation
                    self._world.report(f"{act.__name__}: {traceback.format_exc()}")
                    connection.close()
            connection.close()

        return threading.Thread(target=repeat, name=act.__name__)

    # -- Exports ---------------------------------------------------------------------------------

    def _export(self) -> None:
        """Request an export if none is running; otherwise cancel it in a few cases."""
        check_and_expire(self._world)
        job = export_services.running_export()
        if job is None:
            if self._chance.random() < 0.5:
                self._web.request_export()
                return
            export_services.request_export(self._alice, self._choose_filter())
            self.counts["exports requested"] += 1
        elif self._chance.random() < 0.05:
            export_services.cancel_export(self._alice, job.pk)
            self.counts["cancels"] += 1

    def _choose_filter(self) -> IssueFilter:
        """The whole archive, or some projects of it."""
        if self._chance.random() < 0.7:
            return IssueFilter()
        keys = list(Project.objects.order_by("key").values_list("key", flat=True))
        return IssueFilter.from_json({"projects": self._chance.sample(keys, min(3, len(keys)))})

    # -- Imports ---------------------------------------------------------------------------------

    def _import(self) -> None:
        """Import a file by upload, over HTTP or without, or by the command."""
        if ImportJob.objects.filter(status__in=ACTIVE).count() >= MOST_WAITING_IMPORTS:
            return
        file = self.files.new(self._chance)
        how = self._chance.choices(("stored", "upload", "import_issues"), (40, 35, 25))[0]
        for wanted in ("upload", "import_issues"):
            if self._world.wanted[wanted]:
                how = wanted
        if how == "stored":
            options = ImportOptions.from_json({})
            import_services.request_import(self._alice, file.name, file.path.stat().st_size, [file.content()], options)
            self.counts["uploads"] += 1
        elif how == "upload":
            self._web.upload(file.name, file.content())
        else:
            self._run_import_issues(file.name)

    def _run_import_issues(self, name: str) -> None:
        rejects = str(self._world.folder)
        arguments = ["manage.py", "import_issues", str(self.files.folder / name), "--rejects", rejects]
        process = self._world.command("import-command", *arguments)
        self._world.processes_of_imports.append(process)
        self._commands.append((process, name))
        self.counts["import_issues"] += 1
        process.wait(timeout=COMMAND_SECONDS)

    def _check_command(self, code: int, name: str) -> None:
        is_recorded = ImportJob.objects.filter(file_name__endswith=name, status="COMPLETE").exists()
        if code == 0 and not is_recorded:
            self._world.report(f"import_issues {name} ended with 0, but its import is not in the history")

    # -- The archive -----------------------------------------------------------------------------

    def _change_archive(self) -> None:
        """Delete or unarchive some issues, or anonymise an account: with a command, over REST, or without."""
        choice = self._chance.random()
        if choice < 0.15:
            self._run_command("delete_issues", *self._key_options(), "--yes")
        elif choice < 0.3:
            self._run_command("anonymise_account", self._choose_account(), "--yes")
        elif choice < 0.5:
            self._web.unarchive(self._choose_keys())
        elif choice < 0.8:
            issues = ArchivedIssue.objects.filter(key__in=self._choose_keys())
            remove_issues(issues, RemovalKind.UNARCHIVED, "chaos", {})
        else:
            anonymise_account(self._choose_account(), "chaos")
        self.counts["changes of the archive"] += 1

    def _run_command(self, *arguments: str) -> None:
        process = self._world.command("archive-command", "manage.py", *arguments)
        process.wait(timeout=COMMAND_SECONDS)

    def _key_options(self) -> list[str]:
        options: list[str] = []
        for key in self._choose_keys():
            options += ["--key", key]
        return options

    def _choose_keys(self) -> list[str]:
        keys = list(ArchivedIssue.objects.values_list("key", flat=True)[:2000])
        return self._chance.sample(keys, min(len(keys), self._chance.randint(1, 40)))

    def _choose_account(self) -> str:
        names = list(Account.objects.values_list("account_id", flat=True)[:500])
        return self._chance.choice(names)

    # -- The web server --------------------------------------------------------------------------

    def _use_web(self) -> None:
        if self._world.wanted["download"]:
            self._web.download()
        else:
            self._web.look_around(self._chance)


def check_and_expire(world: World) -> None:
    """Check the files of completed exports; after some seconds expire them, because the disk is small."""
    completed = list(ExportJob.objects.filter(status="COMPLETE", expires_at__gt=Now())[:50])
    for violation in file_violations(completed):
        world.report(violation)
    old = [job.pk for job in completed if job.finished_at and time.time() - job.finished_at.timestamp() > FILE_SECONDS]
    if old:
        ExportJob.objects.filter(pk__in=old).update(expires_at=Now())
        job_tasks.sweep()


def prepare(issue_count: int) -> tuple[User, str]:
    """Set up the portal with an archive and a site admin; returns the admin and a token."""
    from accounts.models import ApiToken

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_issues", str(issue_count), stdout=sys.stderr)
    alice = User.objects.create_superuser("alice@example.com", "correct horse battery staple")
    _, token = ApiToken.objects.create_key(user=alice, name="chaos", scope="read:jira-work write:jira-work")
    return alice, token
