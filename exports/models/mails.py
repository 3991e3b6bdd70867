"""The outbox: every email is saved before it is sent, so that none is lost and none is sent twice."""

import datetime
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts import audit
from accounts.audit_actions import Outcome
from exports.models.jobs import ExportJob
from jobs.leased import now_plus


class MailKind(models.TextChoices):
    READY = "ready", "File ready"
    FAILED = "failed", "Export failed"


class MailStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not sent"
    UNKNOWN = "unknown", "Delivery unknown"


OUTCOMES = {MailStatus.SENT: Outcome.OK, MailStatus.FAILED: Outcome.FAILED, MailStatus.UNKNOWN: Outcome.FAILED}
RESENDABLE = (MailStatus.FAILED, MailStatus.UNKNOWN, MailStatus.QUEUED)


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self) -> Self:
        return self.filter(status=MailStatus.QUEUED, next_try_at__lte=Now())

    def stuck(self) -> Self:
        """Emails whose worker has recorded no result for EMAIL_SENDING_SECONDS."""
        span = datetime.timedelta(seconds=settings.EMAIL_SENDING_SECONDS)
        return self.filter(status=MailStatus.SENDING, claimed_at__lt=now_plus(-span))


class Mail(models.Model):
    """One email about one export. A constraint allows one row, and so one success, per export and kind.

    Every transition is recorded in the export's events. `attempt` is the fencing token, as in the export itself.
    """

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="mails")
    kind = models.CharField(max_length=10, choices=MailKind)
    recipient = models.EmailField(max_length=254)
    status = models.CharField(max_length=10, choices=MailStatus, default=MailStatus.QUEUED)
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    attempt = models.PositiveIntegerField(default=0)
    retry_count = models.PositiveIntegerField(default=0, help_text="Attempts since a person last asked to send it.")
    next_try_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True, help_text="The mail server's reply.")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=255, blank=True, db_index=True, help_text="The mail provider's ID.")
    delivery = models.CharField(max_length=32, blank=True, help_text="What the provider reported later.")
    delivery_at = models.DateTimeField(null=True, blank=True)
    delivery_detail = models.TextField(blank=True)

    objects: ClassVar[models.Manager["Mail"]] = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("job", "kind", name="one_mail_per_job_and_kind"),
            models.CheckConstraint(
                condition=Q(status=MailStatus.SENT, sent_at__isnull=False)
                | ~Q(status=MailStatus.SENT) & Q(sent_at__isnull=True),
                name="mail_sent_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=MailStatus.SENDING) | Q(claimed_at__isnull=False), name="mail_sending_has_claim"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.recipient}"

    @property
    def target(self) -> audit.Target:
        """The email as events of the audit trail name it."""
        return audit.Target("email", self.pk, self.recipient)

    @property
    def may_be_resent(self) -> bool:
        return self.status in RESENDABLE

    def claim(self) -> int | None:
        """QUEUED -> SENDING; the attempt number to fence with, or None: another process has it."""
        is_mine = self._transition(
            [MailStatus.QUEUED],
            MailStatus.SENDING,
            note="sending",
            attempt=F("attempt") + 1,
            retry_count=F("retry_count") + 1,
            claimed_at=Now(),
        )
        if not is_mine:
            return None
        return self.attempt

    def mark_sent(self, attempt: int, reply: str, provider_id: str = "") -> bool:
        """The server accepted it. Also allowed if a slow sender's email was marked as unknown in the meantime."""
        return self._transition(
            [MailStatus.SENDING, MailStatus.UNKNOWN],
            MailStatus.SENT,
            fence=attempt,
            note=f"sent ({reply})",
            sent_at=Now(),
            reply=reply,
            provider_id=provider_id,
        )

    def mark_unsent(self, attempt: int, reply: str, retry_in: datetime.timedelta | None) -> bool:
        """It was certainly not delivered: send it again after `retry_in`, or never if that is None."""
        changes: dict[str, Any] = {"reply": reply}
        status = MailStatus.FAILED
        if retry_in is not None:
            status = MailStatus.QUEUED
            changes["next_try_at"] = now_plus(retry_in)
        return self._transition(
            [MailStatus.SENDING, MailStatus.UNKNOWN], status, fence=attempt, note=f"not sent ({reply})", **changes
        )

    def mark_unwritable(self, reason: str) -> bool:
        """QUEUED -> FAILED: there is nothing to send. A person can send it again when the cause is gone."""
        return self._transition([MailStatus.QUEUED], MailStatus.FAILED, note=f"not sent ({reason})", reply=reason)

    def mark_unknown(self, attempt: int, reply: str) -> bool:
        """The server may or may not have accepted it, so only a person can send it again."""
        note = f"delivery unknown ({reply})"
        return self._transition([MailStatus.SENDING], MailStatus.UNKNOWN, fence=attempt, note=note, reply=reply)

    def resend(self, by: str) -> bool:
        """A person asks: FAILED, UNKNOWN or QUEUED -> due now, with all its retries again."""
        return self._transition(
            RESENDABLE, MailStatus.QUEUED, note=f"queued again by {by}", next_try_at=Now(), retry_count=0
        )

    def record_delivery(self, report: str, at: datetime.datetime | None, detail: str) -> None:
        """Record what the provider reported after it accepted the email."""
        note = f"the provider reports {report}"
        if detail:
            note += f" ({detail})"
        with transaction.atomic():
            rows = Mail.objects.filter(pk=self.pk)
            rows.update(delivery=report, delivery_at=at or Now(), delivery_detail=detail)
            self._note(note)
        self.refresh_from_db()

    def _transition(
        self, sources: Iterable[MailStatus], to: MailStatus, *, note: str, fence: int | None = None, **changes: Any
    ) -> bool:
        rows = Mail.objects.filter(pk=self.pk, status__in=list(sources))
        if fence is not None:
            rows = rows.filter(attempt=fence)
        with transaction.atomic():
            updated = rows.update(status=to, **changes)
            if updated:
                self._note(note)
                self._record_end(to)
        self.refresh_from_db()
        return bool(updated)

    def _record_end(self, status: MailStatus) -> None:
        if status not in OUTCOMES:
            return
        details = {"kind": self.kind, "status": status, "export": self.job_id}
        audit.record("email.settled", on=self.target, outcome=OUTCOMES[status], details=details, is_automatic=True)

    def _note(self, text: str) -> None:
        self.job.note(f"Email to {self.recipient}: {text}")
