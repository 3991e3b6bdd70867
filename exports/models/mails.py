"""The outbox: a mail is a row first, so that none is lost and none is sent twice."""

import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from exports.models.jobs import ExportJob


class MailKind(models.TextChoices):
    READY = "ready", "File ready"
    FAILED = "failed", "Export failed"


class MailStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not sent"
    UNKNOWN = "unknown", "Unknown: may have been sent"


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self) -> Self:
        return self.filter(status=MailStatus.QUEUED, next_try__lte=Now())


class Mail(models.Model):
    """One mail about one job; the constraint allows one row, so one success, per job and kind."""

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="mails")
    kind = models.CharField(max_length=10, choices=MailKind)
    recipient = models.EmailField(max_length=254)
    status = models.CharField(max_length=10, choices=MailStatus, default=MailStatus.QUEUED)
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField(default=timezone.now)
    reply = models.TextField(blank=True, help_text="The mail server's own words.")
    created = models.DateTimeField(default=timezone.now)
    sent = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Mail"]] = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("job", "kind", name="one_mail_per_job_and_kind"),
            models.CheckConstraint(
                condition=Q(status=MailStatus.SENT, sent__isnull=False)
                | ~Q(status=MailStatus.SENT) & Q(sent__isnull=True),
                name="mail_sent_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.recipient}"

    def claim(self) -> bool:
        """QUEUED -> SENDING; False: another process has it, or it is not due."""
        return self._move(MailStatus.QUEUED, MailStatus.SENDING, attempts=F("attempts") + 1)

    def mark_sent(self, reply: str) -> bool:
        return self._move(MailStatus.SENDING, MailStatus.SENT, sent=Now(), reply=reply)

    def mark_unsent(self, reply: str, retry_in: datetime.timedelta | None) -> bool:
        """Certainly not delivered: queue again for later, or with None give up."""
        if retry_in is None:
            return self._move(MailStatus.SENDING, MailStatus.FAILED, reply=reply)
        later = Now() + Value(retry_in, models.DurationField())
        return self._move(MailStatus.SENDING, MailStatus.QUEUED, reply=reply, next_try=later)

    def mark_unknown(self, reply: str) -> bool:
        """The connection broke when the server may have taken it; only a person sends it again."""
        return self._move(MailStatus.SENDING, MailStatus.UNKNOWN, reply=reply)

    def _move(self, source: MailStatus, to: MailStatus, **changes: Any) -> bool:
        moved = Mail.objects.filter(pk=self.pk, status=source).update(status=to, **changes)
        self.refresh_from_db()
        return bool(moved)
