"""All transitions of exports and emails, in random order, compared with a model in plain Python.

Hypothesis acts as users who request and cancel exports, as running, dead and slow workers, as the reaper, as workers
that send emails, and as a mail server that accepts an email or breaks the connection. A worker can try any
transition at any time, also with the number of an earlier attempt.
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
AGE = st.sampled_from([0, 0, 1, 2])
"""0 is the newest job or attempt, 1 the one before it."""
HOUR = datetime.timedelta(hours=1)
ATTEMPTS = 3
HOW = settings(
    max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
Claim = tuple[int, int]
"""Primary key of the export or email, and the attempt number of its worker."""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.EXPORT_ATTEMPTS = ATTEMPTS
    settings.EXPORT_WAIT_SECONDS = 60
    settings.EXPORT_ASK_SECONDS = 60


def test_it_works() -> None:
    run_state_machine_as_test(ExportMachine, settings=HOW)


def test_emails() -> None:
    run_state_machine_as_test(OutboxMachine, settings=HOW)


class _Machine(RuleBasedStateMachine):
    """Each run is a transaction that is rolled back."""

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.alice = User.objects.create_user("model@example.com")

    def teardown(self) -> None:
        for job in ExportJob.objects.all():
            assert job.events.latest("id").status == job.status
            claims = list(job.events.filter(note="Export started").values_list("attempt", flat=True))
            assert claims == list(range(1, job.attempt + 1))
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)


class ExportMachine(_Machine):
    """The model: what the status, the attempt number and the number of lost attempts of each export must be."""

    def __init__(self) -> None:
        super().__init__()
        self.status: dict[int, str] = {}
        self.attempt: Counter[int] = Counter()
        self.lost: Counter[int] = Counter()
        self.has_lease_expired = False

    @property
    def active(self) -> int | None:
        return next((pk for pk, status in self.status.items() if status in ACTIVE), None)

    def owns(self, claim: Claim, status: str = "RUNNING") -> bool:
        pk, attempt = claim
        return self.status[pk] == status and self.attempt[pk] == attempt

    @rule()
    def request(self) -> None:
        try:
            with transaction.atomic():
                job = ExportJob.objects.create(submitted_by=self.alice)
        except IntegrityError:
            assert self.active, "rejected although the slot was free"
        else:
            assert self.active is None, "two exports at once"
            job.note("Requested")
            self.status[job.pk] = "ENQUEUED"

    def pick(self, age: int) -> int:
        """Usually the newest export, sometimes an earlier one."""
        jobs = sorted(self.status, reverse=True)
        return jobs[age if age < len(jobs) else 0]

    @precondition(lambda self: self.status)
    @rule(age=AGE)
    def claim(self, age: int) -> None:
        """A queue message arrives: for any export, late or several times."""
        pk = self.pick(age)
        attempt = ExportJob.objects.get(pk=pk).claim("worker:1")
        assert (attempt is not None) == (self.status[pk] == "ENQUEUED")
        if attempt is not None:
            self.attempt[pk] += 1
            assert attempt == self.attempt[pk]
            self.status[pk] = "RUNNING"
            self.has_lease_expired = False

    @precondition(lambda self: any(self.attempt.values()))
    @rule(age=AGE, attempt_age=AGE, rows=st.integers(0, 2))
    def heartbeat(self, age: int, attempt_age: int, rows: int) -> None:
        pk = self.pick(age)
        claim = (pk, self.attempt[pk] - attempt_age)
        is_mine = send_heartbeat(ExportJob.objects.get(pk=claim[0]), claim[1], rows_written=rows, rows_expected=2)
        assert is_mine == self.owns(claim)
        if is_mine:
            self.has_lease_expired = False

    @precondition(lambda self: any(self.attempt.values()))
    @rule(age=AGE, attempt_age=AGE, transition=st.sampled_from(TRANSITIONS))
    def try_transition(self, age: int, attempt_age: int, transition: str) -> None:
        """A worker tries a transition, in this attempt or in an earlier one."""
        pk = self.pick(age)
        attempt = self.attempt[pk] - attempt_age
        claim = (pk, attempt)
        job = ExportJob.objects.get(pk=pk)
        arguments: dict[str, Any] = {
            "publish": FACTS | {"file_name": f"{pk}.{attempt}.csv"},
            "fail": {"message": "no"},
            "requeue": {"reason": "the worker is shutting down"},
            "abandon": {"reason": "the database failed"},
        }.get(transition, {})
        result = getattr(job, transition)(attempt, **arguments)
        expected = self._status_after(claim, transition)
        assert bool(result) == (expected is not None)
        if expected:
            self.status[pk] = expected
            if expected in {"COMPLETE", "FAILED", "DEAD"}:
                outbox.enqueue_mail(job, MailKind.READY if expected == "COMPLETE" else MailKind.FAILED)

    def _status_after(self, claim: Claim, transition: str) -> str | None:
        if self.owns(claim, "CANCEL_REQUESTED"):
            return "CANCELLED" if transition in {"settle_cancel", "abandon"} else None
        if not self.owns(claim) or transition == "settle_cancel":
            return None
        if transition == "abandon":
            return self._lose_attempt(claim[0])
        return {"publish": "COMPLETE", "fail": "FAILED", "requeue": "ENQUEUED"}[transition]

    def _lose_attempt(self, pk: int) -> str:
        self.lost[pk] += 1
        return "ENQUEUED" if self.lost[pk] < ATTEMPTS else "DEAD"

    @precondition(lambda self: self.active)
    @rule(is_wanted=st.sampled_from([True, False, False]))
    def cancel(self, is_wanted: bool) -> None:
        if not (is_wanted and self.active):
            return
        expected = {"ENQUEUED": "CANCELLED", "RUNNING": "CANCEL_REQUESTED"}.get(self.status[self.active])
        assert ExportJob.objects.get(pk=self.active).request_cancel("alice") == expected
        self.status[self.active] = expected or self.status[self.active]

    @precondition(lambda self: self.active)
    @rule()
    def pass_time_of_lease(self) -> None:
        """Time passes without a heartbeat."""
        assert self.active
        leased = ExportJob.objects.filter(pk=self.active, lease_expires_at__isnull=False)
        if leased.update(lease_expires_at=F("lease_expires_at") - HOUR):
            self.has_lease_expired = True

    @precondition(lambda self: self.active)
    @rule(is_wanted=st.sampled_from([True, False, False]))
    def pass_time_in_queue(self, is_wanted: bool) -> None:
        """Time passes for an export that no worker claims: it fails at the next reap."""
        pk = self.active
        if not (is_wanted and pk):
            return
        jobs = ExportJob.objects.filter(pk=pk)
        jobs.update(enqueued_at=F("enqueued_at") - HOUR, notified_at=F("notified_at") - HOUR)
        ExportJob.objects.filter(finished_at__isnull=False).update(finished_at=F("finished_at") - HOUR)
        was_waiting = self.status[pk] == "ENQUEUED"
        self.reap()
        assert not was_waiting or self.status[pk] == "FAILED"

    @rule()
    def reap(self) -> None:
        """A request or a worker takes jobs away from lost workers, after a last call to each."""
        pk = self.active
        had_last_call = ExportJob.objects.filter(pk=pk or 0, is_suspect=True).exists()
        lifecycle.reap_all()
        if pk is None:
            return
        real = ExportJob.objects.get(pk=pk).status
        if self.status[pk] in {"RUNNING", "CANCEL_REQUESTED"} and self.has_lease_expired:
            self.has_lease_expired = False
            if had_last_call:
                self.status[pk] = "CANCELLED" if self.status[pk] == "CANCEL_REQUESTED" else self._lose_attempt(pk)
            else:
                assert ExportJob.objects.get(pk=pk).is_suspect
        elif self.status[pk] == "ENQUEUED" and real == "FAILED":
            self.status[pk] = "FAILED"
        assert real == self.status[pk]

    @invariant()
    def rows_agree_with_the_model(self) -> None:
        assert dict(ExportJob.objects.values_list("pk", "status")) == self.status
        assert ExportJob.objects.active().count() <= 1

    @invariant()
    def every_ended_export_has_the_right_email(self) -> None:
        kinds = {"COMPLETE": "ready", "FAILED": "failed", "DEAD": "failed"}
        expected = {pk: kinds[status] for pk, status in self.status.items() if status in kinds}
        assert dict(Mail.objects.values_list("job_id", "kind")) == expected


class OutboxMachine(_Machine):
    """Two emails in the outbox, and everything that workers, the sweep and users do with them."""

    sendings = Bundle("sendings")

    def __init__(self) -> None:
        super().__init__()
        self.accepted: Counter[int] = Counter()
        self.resent: Counter[int] = Counter()
        for number in (1, 2):
            job = ExportJob.objects.create(submitted_by=self.alice)
            job.note("Requested")
            job.request_cancel("alice")
            Mail.objects.create(job=job, kind=MailKind.READY, recipient="a@example.com", message_id=f"<{number}>")

    @precondition(lambda self: Mail.objects.filter(status="queued").exists())
    @rule(target=sendings, which=st.integers(0, 9))
    def claim(self, which: int) -> Claim:
        mail = _one_of(Mail.objects.filter(status="queued"), which)
        attempt = mail.claim()
        assert attempt
        assert mail.claim() is None, "a second worker has it too"
        return (mail.pk, attempt)

    @rule(sending=consumes(sendings), outcome=st.sampled_from(OUTCOMES))
    def send(self, sending: Claim, outcome: str) -> None:
        """The server accepts the email, rejects it or breaks the connection. The worker records it, or dies first."""
        pk, attempt = sending
        mail = Mail.objects.get(pk=pk)
        self.accepted[pk] += outcome in {"sent", "broken", "killed after"}
        if outcome == "sent":
            mail.mark_sent(attempt, "250 ok")
        elif outcome == "refused":
            mail.mark_unsent(attempt, "451 later", datetime.timedelta(0))
        elif outcome == "broken":
            mail.mark_unknown(attempt, "connection lost")

    @rule()
    def sweep(self) -> None:
        """Time passes for emails that are being sent, then the sweep runs."""
        Mail.objects.filter(status="sending").update(claimed_at=F("claimed_at") - HOUR)
        outbox.sweep()
        assert not Mail.objects.filter(status="sending").exists()

    @rule(which=st.integers(0, 9))
    def resend(self, which: int) -> None:
        mail = _one_of(Mail.objects.all(), which)
        before = mail.status
        assert mail.resend("alice") == (before in {"failed", "unknown", "queued"})
        self.resent[mail.pk] += before == "unknown"

    @invariant()
    def no_email_is_accepted_twice_unless_a_person_resent_it(self) -> None:
        for pk, times in self.accepted.items():
            assert times <= 1 + self.resent[pk]


def _one_of(mails: QuerySet[Mail], which: int) -> Mail:
    rows = list(mails.order_by("pk"))
    return rows[which % len(rows)]
