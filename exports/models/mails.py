"""The outbox: a mail is a row first, so that none is lost and none is sent twice."""

import datetime
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Now

from exports.models.jobs import ExportJob


class MailKind(models.TextChoices):
    READY = "ready", "File ready"
    FAILED = "failed", "Export failed"


class MailStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    FAILED = "failed", "Not sent"
    UNKNOWN = "unknown", "Delivery unknown"


RESENDABLE = (MailStatus.FAILED, MailStatus.UNKNOWN, MailStatus.QUEUED)


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self) -> Self:
        return self.filter(status=MailStatus.QUEUED, next_try_at__lte=Now())

    def stuck(self) -> Self:
        """Taken by a worker that did not say what became of them in EMAIL_SENDING_SECONDS."""
        span = Value(datetime.timedelta(seconds=settings.EMAIL_SENDING_SECONDS), models.DurationField())
        return self.filter(status=MailStatus.SENDING, claimed_at__lt=Now() - span)


class Mail(models.Model):
    """One mail about one job; the constraint allows one row, so one success, per job and kind.

    Every move is written into the job's history. `attempt` is the fencing token, as the job's is.
    """

    job = models.ForeignKey(ExportJob, on_delete=models.PROTECT, related_name="mails")
    kind = models.CharField(max_length=10, choices=MailKind)
    recipient = models.EmailField(max_length=254)
    status = models.CharField(max_length=10, choices=MailStatus, default=MailStatus.QUEUED)
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    attempt = models.PositiveIntegerField(default=0)
    retry_count = models.PositiveIntegerField(default=0, help_text="Since it was last requested.")
    next_try_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True, blank=True)
    reply = models.TextField(blank=True, help_text="The mail server's own words.")
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=255, blank=True, db_index=True, help_text="The mail provider's own ID.")
    delivery = models.CharField(max_length=32, blank=True, help_text="What the provider reports later.")
    delivery_at = models.DateTimeField(null=True, blank=True)
    delivery_words = models.TextField(blank=True)

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
        return f"{self.get_kind_display()} to {self.recipient}"

    @property
    def may_be_resent(self) -> bool:
        return self.status in RESENDABLE

    def claim(self) -> int | None:
        """QUEUED -> SENDING; the attempt number to fence with, or None: another process has it."""
        moved = self._move(
            [MailStatus.QUEUED],
            MailStatus.SENDING,
            words="is being sent",
            attempt=F("attempt") + 1,
            retry_count=F("retry_count") + 1,
            claimed_at=Now(),
        )
        return self.attempt if moved else None

    def mark_sent(self, attempt: int, reply: str, provider_id: str = "") -> bool:
        """Taken by the server; also when the sweep, for want of news, thought it unknown meanwhile."""
        sources = [MailStatus.SENDING, MailStatus.UNKNOWN]
        facts = {"sent_at": Now(), "reply": reply, "provider_id": provider_id}
        return self._move(sources, MailStatus.SENT, fence=attempt, words=f"was sent: {reply}", **facts)

    def mark_unsent(self, attempt: int, reply: str, retry_in: datetime.timedelta | None) -> bool:
        """Certainly not delivered: queue again for later, or with None give up."""
        sources = [MailStatus.SENDING, MailStatus.UNKNOWN]
        words = f"was not sent: {reply}"
        if retry_in is None:
            return self._move(sources, MailStatus.FAILED, fence=attempt, words=words, reply=reply)
        later = Now() + Value(retry_in, models.DurationField())
        return self._move(sources, MailStatus.QUEUED, fence=attempt, words=words, reply=reply, next_try_at=later)

    def mark_unknown(self, attempt: int, reply: str) -> bool:
        """The connection broke when the server may have taken it; only a person sends it again."""
        words = f"may or may not have been sent: {reply}"
        return self._move([MailStatus.SENDING], MailStatus.UNKNOWN, fence=attempt, words=words, reply=reply)

    def resend(self, by: str) -> bool:
        """A person's word: FAILED, UNKNOWN or QUEUED -> due at once, with all retries before it again."""
        words = f"is to be sent again, asked for by {by}"
        return self._move(RESENDABLE, MailStatus.QUEUED, words=words, next_try_at=Now(), retry_count=0)

    def note_delivery(self, report: str, at: datetime.datetime | None, words: str) -> None:
        """What the provider reports after it took the mail."""
        with transaction.atomic():
            rows = Mail.objects.filter(pk=self.pk)
            rows.update(delivery=report, delivery_at=at or Now(), delivery_words=words)
            self.job.note(f"{self.kind} mail to {self.recipient}: the provider reports {report} {words}".rstrip())
        self.refresh_from_db()

    def _move(
        self, sources: Iterable[MailStatus], to: MailStatus, *, words: str, fence: int | None = None, **changes: Any
    ) -> bool:
        rows = Mail.objects.filter(pk=self.pk, status__in=list(sources))
        rows = rows if fence is None else rows.filter(attempt=fence)
        with transaction.atomic():
            if moved := rows.update(status=to, **changes):
                self.job.note(f"{self.kind} mail to {self.recipient} {words}")
        self.refresh_from_db()
        return bool(moved)
