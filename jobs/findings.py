"""What `manage.py doctor` reports about the audit trail, whose app is below `jobs`."""

from collections.abc import Iterator

from accounts import audit_triggers, pending_events
from jobs import long_write
from jobs.registry import Finding


def check_audit_trail() -> Iterator[Finding]:
    missing = audit_triggers.missing_triggers()
    if missing:
        yield False, f"Audit trail: the database lacks {', '.join(missing)}. Run manage.py migrate."
    else:
        yield True, "Audit trail: the database keeps it append-only."
    waiting_count = sum(1 for _ in pending_events.find_all())
    if waiting_count and not long_write.is_running():
        yield False, f"Audit trail: {waiting_count:,} events wait in files. Check that a worker is running."
