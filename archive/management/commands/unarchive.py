"""manage.py unarchive: remove issues that are back in Jira."""

from archive.management.commands._removal import RemovalCommand
from archive.models import RemovalKind


class Command(RemovalCommand):
    help = (
        "Remove the issues that match all given options from the archive, because they are back in Jira. "
        "The removal is recorded."
    )
    kind = RemovalKind.UNARCHIVED
    verb = "Unarchived"
