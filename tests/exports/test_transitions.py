"""All moves in any order: the model says what each must answer, the database what then is.

Hypothesis plays everybody at once: people who ask and cancel, workers alive, dead and believed dead, the
reaper, the mail senders and a mail server that takes a mail or breaks off. Workers keep their attempt
number for ever and may speak at any time.
"""

import datetime
from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from exports import outbox
from exports.models import ExportJob, Mail
from exports.models.mails import MailKind
from jobs import lifecycle
from jobs.leased import ACTIVE
from tests.factories import send_heartbeat

FACTS: dict[str, Any] = {
    "rows_expected": 2,
    "rows_written": 2,
    "snapshot_at": datetime.datetime(2023, 1, 1, tzinfo=datetime.UTC),
    "bytes": 10,
    "sha256": "0" * 64,
}
OUTCOMES = ["sent", "refused", "broken", "killed before", "killed after"]
TRANSITIONS = ["publish", "fail", "settle_cancel", "requeue", "abandon"]
PAST = st.sampled_from([0, 0, 1, 2])
LONG = datetime.timedelta(hours=1)
ATTEMPTS = 3
Claim = tuple[int, int]
"""Primary key of job or mail, and the attempt number its worker was given."""


class _Machine(RuleBasedStateMachine):
    """Each run is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.all_or_nothing = transaction.atomic()
        self.all_or_nothing.__enter__()
        self.alice = User.objects.create_user("model@example.com")

    def teardown(self) -> None:
        for job in ExportJob.objects.all():
            assert job.events.latest("id").status == job.status
            claims = list(job.events.filter(note="Export started").values_list("attempt", flat=True))
            assert claims == list(range(1, job.attempt + 1))
        transaction.set_rollback(True)
        self.all_or_nothing.__exit__(None, None, None)


class Job(_Machine):
    def __init__(self) -> None:
        super().__init__()
        self.status: dict[int, str] = {}
        self.attempt: Counter[int] = Counter()
        self.lost: Counter[int] = Counter()
        self.lease_is_over = False

    @property
    def active(self) -> int | None:
        return next((pk for pk, status in self.status.items() if status in ACTIVE), None)

    def owns(self, claim: Claim, status: str = "RUNNING") -> bool:
        pk, attempt = claim
        return self.status[pk] == status and self.attempt[pk] == attempt

    @rule()
    def ask(self) -> None:
        try:
            with transaction.atomic():
                job = ExportJob.objects.create(submitted_by=self.alice)
        except IntegrityError:
            assert self.active, "refused though the slot was free"
        else:
            assert self.active is None, "two exports at once"
            job.note("asked for")
            self.status[job.pk] = "ENQUEUED"

    def pick(self, which: int) -> int:
        """Mostly the newest job, sometimes one of the past."""
        jobs = sorted(self.status, reverse=True)
        return jobs[which if which < len(jobs) else 0]

    @precondition(lambda self: self.status)
    @rule(which=PAST)
    def claim(self, which: int) -> None:
        """A message arrives: for any job there ever was, as late or as often as the queue likes."""
        pk = self.pick(which)
        attempt = ExportJob.objects.get(pk=pk).claim("worker:1")
        assert (attempt is not None) == (self.status[pk] == "ENQUEUED")
        if attempt is not None:
            self.attempt[pk] += 1
            assert attempt == self.attempt[pk]
            self.status[pk], self.lease_is_over = "RUNNING", False

    @precondition(lambda self: any(self.attempt.values()))
    @rule(which=PAST, older=PAST, rows=st.integers(0, 2))
    def beat(self, which: int, older: int, rows: int) -> None:
        pk = self.pick(which)
        claim = (pk, self.attempt[pk] - older)
        is_mine = send_heartbeat(ExportJob.objects.get(pk=claim[0]), claim[1], rows_written=rows, rows_expected=2)
        assert is_mine == self.owns(claim)
        if is_mine:
            self.lease_is_over = False

    @precondition(lambda self: any(self.attempt.values()))
    @rule(which=PAST, older=PAST, transition=st.sampled_from(TRANSITIONS))
    def speak(self, which: int, older: int, transition: str) -> None:
        """A worker, of this attempt or of an earlier one, tries a transition."""
        pk = self.pick(which)
        claim = (pk, attempt := self.attempt[pk] - older)
        job = ExportJob.objects.get(pk=pk)
        arguments: dict[str, Any] = {
            "publish": FACTS | {"file_name": f"{pk}.{attempt}.csv"},
            "fail": {"message": "no"},
            "requeue": {"reason": "told to stop"},
            "abandon": {"reason": "the database failed"},
        }.get(transition, {})
        moved = getattr(job, transition)(attempt, **arguments)
        expected = self._after(claim, transition)
        assert bool(moved) == (expected is not None)
        if expected:
            self.status[pk] = expected
            if expected in {"COMPLETE", "FAILED", "DEAD"}:
                outbox.enqueue_mail(job, MailKind.READY if expected == "COMPLETE" else MailKind.FAILED)

    def _after(self, claim: Claim, transition: str) -> str | None:
        if self.owns(claim, "CANCEL_REQUESTED"):
            return "CANCELLED" if transition in {"settle_cancel", "abandon"} else None
        if not self.owns(claim) or transition == "settle_cancel":
            return None
        if transition == "abandon":
            return self._lose(claim[0])
        return {"publish": "COMPLETE", "fail": "FAILED", "requeue": "ENQUEUED"}[transition]

    def _lose(self, pk: int) -> str:
        self.lost[pk] += 1
        return "ENQUEUED" if self.lost[pk] < ATTEMPTS else "DEAD"

    @precondition(lambda self: self.active)
    @rule(is_so=st.sampled_from([True, False, False]))
    def cancel(self, is_so: bool) -> None:
        if not (is_so and self.active):
            return
        expected = {"ENQUEUED": "CANCELLED", "RUNNING": "CANCEL_REQUESTED"}.get(self.status[self.active])
        assert ExportJob.objects.get(pk=self.active).request_cancel("alice") == expected
        self.status[self.active] = expected or self.status[self.active]

    @precondition(lambda self: self.active)
    @rule()
    def fall_silent(self) -> None:
        """Time passes for a job in a worker's hands."""
        assert self.active
        held = ExportJob.objects.filter(pk=self.active, lease_expires_at__isnull=False)
        if held.update(lease_expires_at=F("lease_expires_at") - LONG):
            self.lease_is_over = True

    @precondition(lambda self: self.active)
    @rule(is_so=st.sampled_from([True, False, False]))
    def wait_in_vain(self, is_so: bool) -> None:
        """Time passes for a job that nobody takes: the next look at it gives it up."""
        pk = self.active
        if not (is_so and pk):
            return
        jobs = ExportJob.objects.filter(pk=pk)
        jobs.update(enqueued_at=F("enqueued_at") - LONG, notified_at=F("notified_at") - LONG)
        was_waiting = self.status[pk] == "ENQUEUED"
        self.look()
        assert not was_waiting or self.status[pk] == "FAILED"

    @rule()
    def look(self) -> None:
        """Anybody looks, and reaps."""
        pk = self.active
        lifecycle.reap_all()
        if pk is None:
            return
        real = ExportJob.objects.get(pk=pk).status
        if self.status[pk] in {"RUNNING", "CANCEL_REQUESTED"} and self.lease_is_over:
            self.status[pk] = "CANCELLED" if self.status[pk] == "CANCEL_REQUESTED" else self._lose(pk)
            self.lease_is_over = False
        elif self.status[pk] == "ENQUEUED" and real == "FAILED":
            self.status[pk] = "FAILED"
        assert real == self.status[pk]

    @invariant()
    def the_rows_are_what_the_model_says(self) -> None:
        assert dict(ExportJob.objects.values_list("pk", "status")) == self.status
        assert ExportJob.objects.active().count() <= 1

    @invariant()
    def every_end_has_its_mail_and_no_other(self) -> None:
        kinds = {"COMPLETE": "ready", "FAILED": "failed", "DEAD": "failed"}
        expected = {pk: kinds[status] for pk, status in self.status.items() if status in kinds}
        assert dict(Mail.objects.values_list("job_id", "kind")) == expected


class Outbox(_Machine):
    """Two mails in the outbox, and everything that senders, sweep and people do to them."""

    sendings = Bundle("sendings")

    def __init__(self) -> None:
        super().__init__()
        self.taken: Counter[int] = Counter()
        self.asked_again: Counter[int] = Counter()
        for number in (1, 2):
            job = ExportJob.objects.create(submitted_by=self.alice)
            job.note("asked for")
            job.request_cancel("alice")
            Mail.objects.create(job=job, kind=MailKind.READY, recipient="a@example.com", message_id=f"<{number}>")

    @precondition(lambda self: Mail.objects.filter(status="queued").exists())
    @rule(target=sendings, which=st.integers(0, 9))
    def take_mail(self, which: int) -> Claim:
        mail = _one_of(Mail.objects.filter(status="queued"), which)
        attempt = mail.claim()
        assert attempt
        assert mail.claim() is None, "a second worker has it too"
        return (mail.pk, attempt)

    @rule(sending=consumes(sendings), comes_to=st.sampled_from(OUTCOMES))
    def offer_mail(self, sending: Claim, comes_to: str) -> None:
        """The server takes the mail, refuses it, or breaks off; the worker says so, or dies first."""
        mail, attempt = Mail.objects.get(pk=sending[0]), sending[1]
        self.taken[mail.pk] += comes_to in {"sent", "broken", "killed after"}
        if comes_to == "sent":
            mail.mark_sent(attempt, "250 ok")
        elif comes_to == "refused":
            mail.mark_unsent(attempt, "451 later", datetime.timedelta(0))
        elif comes_to == "broken":
            mail.mark_unknown(attempt, "connection lost")

    @rule()
    def give_up_on_senders(self) -> None:
        """Time passes for mails in workers' hands, and the sweep looks."""
        Mail.objects.filter(status="sending").update(claimed_at=F("claimed_at") - LONG)
        outbox.look_after()
        assert not Mail.objects.filter(status="sending").exists()

    @rule(which=st.integers(0, 9))
    def send_again(self, which: int) -> None:
        mail = _one_of(Mail.objects.all(), which)
        before = mail.status
        assert mail.resend("alice") == (before in {"failed", "unknown", "queued"})
        self.asked_again[mail.pk] += before == "unknown"

    @invariant()
    def no_mail_is_taken_twice_unless_a_person_asked(self) -> None:
        for pk, times in self.taken.items():
            assert times <= 1 + self.asked_again[pk]


def _one_of(mails: QuerySet[Mail], which: int) -> Mail:
    rows = list(mails.order_by("pk"))
    return rows[which % len(rows)]


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Job, Outbox])
def test_it_works(settings: Any, machine: type[_Machine]) -> None:
    settings.EXPORT_ATTEMPTS = ATTEMPTS
    settings.EXPORT_WAIT_SECONDS = settings.EXPORT_ASK_SECONDS = 60
    run_state_machine_as_test(machine, settings=HOW)


HOW = settings(
    max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
