"""What `delete_issues` and `unarchive` share: options, confirmation and output."""

from argparse import ArgumentParser
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from accounts.audit_context import operator_name
from archive.management.commands._confirmation import confirm
from archive.models import ArchivedIssue, RemovalKind
from archive.ordering import ORDERING
from archive.removals import remove_issues, select_issues
from core.errors import PortalError

LIST_OPTIONS = {
    "projects": ("--project", "KEY", "in the project with this key"),
    "archivedBy": ("--archived-by", "ACCOUNT_ID", "archived by this person"),
    "issueTypes": ("--issue-type", "TYPE_ID", "of the issue type with this ID"),
    "reporters": ("--reporter", "ACCOUNT_ID", "reported by this person"),
}
SHOWN_KEYS = 10


class RemovalCommand(BaseCommand):
    kind: ClassVar[RemovalKind]
    verb: ClassVar[str]
    """Past tense, starts the last line of output: "Deleted" 5 issues."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, (option, metavar, description) in LIST_OPTIONS.items():
            text = f"select issues {description}; may be repeated"
            parser.add_argument(option, dest=name, action="append", default=[], metavar=metavar, help=text)
        parser.add_argument(
            "--archived-from", metavar="DATE", help="archived on or after this day; needs --archived-before"
        )
        parser.add_argument("--archived-before", metavar="DATE", help="archived before this day; needs --archived-from")
        parser.add_argument(
            "--key", dest="keys", action="append", default=[], metavar="KEY", help="issue key; may be repeated"
        )
        parser.add_argument("--dry-run", action="store_true", help="only count the issues; change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")

    def handle(self, *_args: Any, **options: Any) -> None:
        body = _filter_body(options)
        keys = options["keys"]
        try:
            issues = select_issues(body, keys)
        except PortalError as error:
            raise CommandError(str(error)) from error
        count = issues.count()
        self.stdout.write(_summary(issues, count))
        if options["dry_run"] or not count:
            return
        confirm("The portal cannot restore these issues.", str(count), is_confirmed=options["yes"])
        selection = body
        if keys:
            selection = {**body, "keys": keys}
        removed_count = remove_issues(issues, self.kind, operator_name(), selection)
        self.stdout.write(f"{self.verb} {_issues(removed_count)}.")


def _filter_body(options: dict[str, Any]) -> dict[str, Any]:
    """The filter options as a REST body."""
    body: dict[str, Any] = {}
    for name in LIST_OPTIONS:
        if options[name]:
            body[name] = options[name]
    archived_from = options["archived_from"] or ""
    archived_before = options["archived_before"] or ""
    if archived_from or archived_before:
        body["archivedDateRange"] = {"dateAfter": archived_from, "dateBefore": archived_before}
    return body


def _summary(issues: "QuerySet[ArchivedIssue]", count: int) -> str:
    """The number of issues and the first keys."""
    if not count:
        return "No issues match."
    keys = issues.order_by(*ORDERING).values_list("key", flat=True)[:SHOWN_KEYS]
    summary = f"Selected {_issues(count)}: {', '.join(keys)}"
    if count > SHOWN_KEYS:
        summary += ", …"
    return summary


def _issues(count: int) -> str:
    if count == 1:
        return "1 issue"
    return f"{count:,} issues"
