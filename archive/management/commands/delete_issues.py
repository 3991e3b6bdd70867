"""manage.py delete_issues: permanently delete issues from the archive."""

from archive.management.commands._removal import RemovalCommand
from archive.models import RemovalKind


class Command(RemovalCommand):
    help = (
        "Delete the issues that match all given options, and the people that only those issues refer to. "
        "The deletion is recorded."
    )
    kind = RemovalKind.DELETED
    verb = "Deleted"
