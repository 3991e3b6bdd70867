"""What the database needs around large changes of the archive: one writer at a time, and statistics afterwards."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection, transaction

from archive import monthly_counts
from archive.models import ArchivedIssue, DetailPerson, IssueDetail, IssueWords
from jobs import long_write

logger = logging.getLogger(__name__)

# A change of so many issues is large: PostgreSQL would count them slowly until its own vacuum has run.
MANY_ISSUES = 10_000
TABLES = tuple(f'"{model._meta.db_table}"' for model in (ArchivedIssue, IssueDetail, DetailPerson, IssueWords))


@contextmanager
def only_writer() -> Iterator[None]:
    """A transaction in which nobody else writes issues. For commands, because it waits as long as an import takes.

    On SQLite, others learn meanwhile why they can't write. Their lock comes first: whoever waited for it inside of a
    transaction would keep its holder from writing.
    """
    with long_write.hold(), transaction.atomic():
        wait_for_other_writers()
        yield


def wait_for_other_writers() -> None:
    """Wait until no import or removal writes issues, and keep others from it until the end of the transaction.

    Whoever writes issues takes this lock before any other: two writers that lock rows first would wait for each other.
    SQLite needs no lock: a transaction is the only writer from its start.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{ArchivedIssue._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE')


def refresh_after_commit(changed_count: int) -> bool:
    """Have `after_large_change` called after the commit if so many changed issues are many; returns whether they are.

    Without a transaction it is called at once. A transaction that is rolled back calls nothing.
    """
    is_large = changed_count >= MANY_ISSUES
    if is_large:
        transaction.on_commit(after_large_change)
    return is_large


def after_large_change() -> None:
    """Bring the planner's statistics, the visibility map and the cached monthly counts up to date.

    Without the visibility map, PostgreSQL reads every issue that it counts in an index. VACUUM can't run inside a
    transaction. It takes seconds for a million issues. It never fails, because the change is committed, and never
    waits for another writer: the other writer, or the server's own vacuum, does the same later.
    """
    try:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"VACUUM (ANALYZE, SKIP_LOCKED) {', '.join(TABLES)}")
        monthly_counts.refresh()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The archive's statistics were not brought up to date: %s", str(error).strip())
