"""Deletes events of the audit trail when AUDIT_KEEP_DAYS are over. The triggers allow nothing else to delete them."""

import datetime

from django.conf import settings
from django.db import models, transaction
from django.db.models import Value
from django.db.models.functions import Now

from accounts import audit
from accounts.models import AuditEvent, AuditRetention
from core.formats import rfc3339

BATCH = 10_000  # events in one transaction


def delete_expired() -> None:
    """Delete what is too old, in batches, and record that. Does nothing if events are kept for ever."""
    if not settings.AUDIT_KEEP_DAYS:
        return
    while _delete_batch() == BATCH:
        pass


def _delete_batch() -> int:
    """Delete the oldest expired events; returns how many."""
    limit = Now() - Value(datetime.timedelta(days=settings.AUDIT_KEEP_DAYS), models.DurationField())
    if not AuditEvent.objects.filter(at__lt=limit).exists():
        return 0
    with transaction.atomic():
        kept_since = _move_limit(limit)
        oldest = AuditEvent.objects.filter(at__lt=kept_since).order_by("at", "pk")[:BATCH]
        count, _ = AuditEvent.objects.filter(pk__in=oldest.values("pk")).delete()
        if count:
            details = {"count": count, "before": rfc3339(kept_since)}
            audit.record("audit.expired", details=details, is_automatic=True)
    return count


def _move_limit(limit: models.expressions.CombinedExpression) -> datetime.datetime:
    """Let events before this moment be deleted, and return it."""
    AuditRetention.objects.update_or_create(pk=1, defaults={"kept_since": limit})
    return AuditRetention.objects.get(pk=1).kept_since
