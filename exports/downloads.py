"""Who downloaded files, summed up from the audit trail: a client that reads a file in a thousand parts is one row."""

import datetime
from typing import cast

from django.db.models import F

from accounts.models import AuditEvent
from exports.models import Download

SAME_DOWNLOAD = datetime.timedelta(hours=1)  # at most between two parts of it


def add(event: AuditEvent) -> None:
    """Add an `export.downloaded` to the downloads, in the transaction that records it."""
    byte_count = event.details["byte_count"]
    if event.details["is_whole"] or not _add_part(event, byte_count):
        Download.objects.create(
            job_id=int(event.object_id),
            user_id=cast("int", event.user_id),
            address=event.address,
            at=event.at,
            last_at=event.at,
            byte_count=byte_count,
            part_count=int(not event.details["is_whole"]),
        )


def _add_part(event: AuditEvent, byte_count: int) -> bool:
    """Add the part to the last download of the same person from the same address, if that was a short time ago."""
    parts = Download.objects.filter(
        job_id=int(event.object_id),
        user_id=cast("int", event.user_id),
        address=event.address,
        part_count__gt=0,
        last_at__range=(event.at - SAME_DOWNLOAD, event.at + SAME_DOWNLOAD),
    )
    latest = parts.order_by("-last_at").values("pk")[:1]
    updated_count = Download.objects.filter(pk__in=latest).update(
        part_count=F("part_count") + 1, byte_count=F("byte_count") + byte_count, last_at=event.at
    )
    return updated_count > 0
