"""Triggers that keep the audit trail append-only, and the one way in which old events may be deleted.

Events are never updated. An event may be deleted only if it is older than `AuditRetention.kept_since`, and that moment
may not lie in the last MINIMUM_KEEP_DAYS. So two deliberate statements can delete what retention would delete anyway,
and no statement can change or delete an event of the last MINIMUM_KEEP_DAYS without changing the schema first.

The triggers are created after every migrate, not in a migration: SQLite alters a table by rebuilding it, and drops its
triggers.
"""

from typing import Any

from django.db import connection, connections

MINIMUM_KEEP_DAYS = 30
TABLE = "accounts_auditevent"
RETENTION_TABLE = "accounts_auditretention"
NAMES = ("audit_no_update", "audit_no_early_delete", "audit_keeps_enough")

_NO_UPDATE = "an event of the audit trail never changes"
_NO_DELETE = "an event of the audit trail is kept until AUDIT_KEEP_DAYS are over"
_TOO_SHORT = f"events of the audit trail are kept for at least {MINIMUM_KEEP_DAYS} days"

CREATE = {
    "postgresql": f"""
        CREATE OR REPLACE FUNCTION audit_refuse_update() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_NO_UPDATE}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
        CREATE OR REPLACE TRIGGER audit_no_update BEFORE UPDATE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_update();

        CREATE OR REPLACE FUNCTION audit_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF TG_OP = 'DELETE' THEN
                IF OLD.at < (SELECT kept_since FROM {RETENTION_TABLE} WHERE id = 1) THEN RETURN OLD; END IF;
            END IF;
            RAISE EXCEPTION '{_NO_DELETE}' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
        CREATE OR REPLACE TRIGGER audit_no_early_delete BEFORE DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION audit_refuse_delete();
        CREATE OR REPLACE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_delete();

        CREATE OR REPLACE FUNCTION audit_refuse_short() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_TOO_SHORT}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
        CREATE OR REPLACE TRIGGER audit_keeps_enough BEFORE INSERT OR UPDATE ON {RETENTION_TABLE}
        FOR EACH ROW WHEN (NEW.kept_since > statement_timestamp() - interval '{MINIMUM_KEEP_DAYS} days')
        EXECUTE FUNCTION audit_refuse_short();
    """,
    # INSERT OR REPLACE deletes the row it replaces without asking the triggers on DELETE.
    "sqlite": f"""
        CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON {TABLE}
        FOR EACH ROW BEGIN SELECT RAISE(ABORT, '{_NO_UPDATE}'); END;

        CREATE TRIGGER IF NOT EXISTS audit_no_replace BEFORE INSERT ON {TABLE}
        FOR EACH ROW WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR recorded_once = NEW.recorded_once)
        BEGIN SELECT RAISE(ABORT, '{_NO_UPDATE}'); END;

        CREATE TRIGGER IF NOT EXISTS audit_no_early_delete BEFORE DELETE ON {TABLE}
        FOR EACH ROW
        WHEN NOT COALESCE(OLD.at < (SELECT kept_since FROM {RETENTION_TABLE} WHERE id = 1), 0)
        BEGIN SELECT RAISE(ABORT, '{_NO_DELETE}'); END;

        CREATE TRIGGER IF NOT EXISTS audit_keeps_enough BEFORE INSERT ON {RETENTION_TABLE}
        FOR EACH ROW WHEN NEW.kept_since > strftime('%Y-%m-%d %H:%M:%f000', 'now', '-{MINIMUM_KEEP_DAYS} days')
        BEGIN SELECT RAISE(ABORT, '{_TOO_SHORT}'); END;
        CREATE TRIGGER IF NOT EXISTS audit_keeps_enough_later BEFORE UPDATE ON {RETENTION_TABLE}
        FOR EACH ROW WHEN NEW.kept_since > strftime('%Y-%m-%d %H:%M:%f000', 'now', '-{MINIMUM_KEEP_DAYS} days')
        BEGIN SELECT RAISE(ABORT, '{_TOO_SHORT}'); END;
    """,
}
_FIND = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}


def create_triggers(using: str, **_: Any) -> None:
    """Receiver of post_migrate."""
    chosen = connections[using]
    if not {TABLE, RETENTION_TABLE} <= set(chosen.introspection.table_names()):
        return  # the migrations were reversed
    with chosen.cursor() as cursor:
        if chosen.vendor == "sqlite":
            for statement in CREATE["sqlite"].split("END;"):
                if statement.strip():
                    cursor.execute(f"{statement}END;")
        else:
            cursor.execute(CREATE[chosen.vendor])


def missing_triggers() -> list[str]:
    """The names of those triggers that the database lacks, or that someone has disabled."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND[connection.vendor])
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in NAMES if name not in found]
