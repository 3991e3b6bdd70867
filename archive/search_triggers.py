"""Triggers that remove an issue's words with the issue. SQLite's FTS5 tables can't have foreign keys.

They are created after every migrate, not in a migration: SQLite alters a table by rebuilding it, and drops its
triggers.
"""

from typing import Any

from django.db import connections

from archive.models import ArchivedIssue, IssueWords

_ISSUES = f'"{ArchivedIssue._meta.db_table}"'
_WORDS = f'"{IssueWords._meta.db_table}"'

CREATE = {
    "postgresql": f"""
        CREATE OR REPLACE FUNCTION archive_remove_words() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN DELETE FROM {_WORDS} WHERE rowid IN (SELECT id FROM removed); RETURN NULL; END $$;
        CREATE OR REPLACE TRIGGER remove_words AFTER DELETE ON {_ISSUES}
        REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION archive_remove_words();
    """,
    "sqlite": f"""
        CREATE TRIGGER IF NOT EXISTS remove_words AFTER DELETE ON {_ISSUES}
        FOR EACH ROW BEGIN DELETE FROM {_WORDS} WHERE rowid = OLD.id; END;
    """,
}


def create_triggers(using: str, **_: Any) -> None:
    """Receiver of post_migrate."""
    connection = connections[using]
    if IssueWords._meta.db_table not in connection.introspection.table_names():
        return  # the migrations were reversed
    with connection.cursor() as cursor:
        cursor.execute(CREATE[connection.vendor])
