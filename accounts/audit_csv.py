"""The audit trail as a CSV file, written while it is sent."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.audit_actions import ACTIONS
from accounts.models import AuditEvent
from core.formats import rfc3339
from core.formula_guard import add_guard

COLUMNS = (
    "id",
    "time (UTC)",
    "action",
    "what happened",
    "outcome",
    "who",
    "user ID",
    "IP address",
    "credential",
    "credential ID",
    "credential name",
    "object",
    "object ID",
    "object name",
    "details",
)


class _Line:
    """Where csv.writer writes: it returns the line."""

    def write(self, text: str) -> str:
        return text


def csv_lines(events: Iterable[AuditEvent]) -> Iterator[bytes]:
    """A line for each event, after a header. Cells that a spreadsheet could run as formulas are guarded."""
    write: Any = csv.writer(_Line()).writerow
    yield write(COLUMNS).encode()
    for event in events:
        yield write([add_guard(cell) for cell in _cells(event)]).encode()


def _cells(event: AuditEvent) -> list[str]:
    title = ACTIONS[event.action].title if event.action in ACTIONS else ""
    return [
        str(event.pk),
        rfc3339(event.at),
        event.action,
        title,
        event.outcome,
        event.actor,
        str(event.user_id or ""),
        event.address or "",
        event.credential,
        event.credential_id,
        event.credential_name,
        event.object_kind,
        event.object_id,
        event.object_label,
        json.dumps(event.details, ensure_ascii=False),
    ]
