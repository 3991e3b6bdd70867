"""A trigger that keeps the status of an ended export. A CHECK constraint can't do this because it needs the old row.

It is created after every migrate, not in a migration: SQLite alters a table by rebuilding it, and drops its triggers.
"""

from typing import Any

from django.db import connections

_ENDED = "OLD.status IN ('COMPLETE', 'FAILED', 'CANCELLED', 'DEAD') AND NEW.status <> OLD.status"
_MESSAGE = "an ended export never changes its status"

CREATE = {
    "postgresql": f"""
        CREATE OR REPLACE FUNCTION exports_refuse_ended() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
        CREATE OR REPLACE TRIGGER job_ended_stays BEFORE UPDATE OF status ON exports_exportjob
        FOR EACH ROW WHEN ({_ENDED}) EXECUTE FUNCTION exports_refuse_ended();
    """,
    "sqlite": f"""
        CREATE TRIGGER IF NOT EXISTS job_ended_stays BEFORE UPDATE OF status ON exports_exportjob
        FOR EACH ROW WHEN {_ENDED} BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END;
    """,
}


def create_triggers(using: str, **_: Any) -> None:
    """Receiver of post_migrate."""
    connection = connections[using]
    if "exports_exportjob" not in connection.introspection.table_names():
        return  # the migrations were reversed
    with connection.cursor() as cursor:
        cursor.execute(CREATE[connection.vendor])
