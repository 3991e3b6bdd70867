"""manage.py delete_issues: take issues out of the archive for good."""

from archive.management.commands._removal import RemovalCommand
from archive.models import Removal


class Command(RemovalCommand):
    help = "Delete the issues that all given options select, with the people only they named. It is logged."
    kind = Removal.Kind.DELETED
    done = "deleted"
