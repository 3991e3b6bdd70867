"""An ended job never changes its status again: a rule that needs the old row, so a trigger and no CHECK.

Created after each migration and not by one: SQLite rebuilds a table to alter it and drops its triggers.
"""

from typing import Any

from django.db import connections

_ENDED = "OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED', 'DEAD') AND NEW.status <> OLD.status"
_SENTENCE = "an ended export never changes its status"

CREATE = {
    "postgresql": f"""
        CREATE OR REPLACE FUNCTION exports_refuse_ended() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
        CREATE OR REPLACE TRIGGER job_ended_stays BEFORE UPDATE OF status ON exports_exportjob
        FOR EACH ROW WHEN ({_ENDED}) EXECUTE FUNCTION exports_refuse_ended();
    """,
    "sqlite": f"""
        CREATE TRIGGER IF NOT EXISTS job_ended_stays BEFORE UPDATE OF status ON exports_exportjob
        FOR EACH ROW WHEN {_ENDED} BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END;
    """,
}


def create_triggers(using: str, **_: Any) -> None:
    """Receiver of post_migrate."""
    connection = connections[using]
    if "exports_exportjob" not in connection.introspection.table_names():
        return  # migrated back to nothing
    with connection.cursor() as cursor:
        cursor.execute(CREATE[connection.vendor])
