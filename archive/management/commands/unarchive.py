"""manage.py unarchive: take out issues that live in Jira again."""

from archive.management.commands._removal import RemovalCommand
from archive.models import Removal


class Command(RemovalCommand):
    help = (
        "Take the issues that all given options select out of the archive, because Jira has them again. It is logged."
    )
    kind = Removal.Kind.UNARCHIVED
    done = "unarchived"
