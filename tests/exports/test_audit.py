"""What the audit trail says about exports and their emails: who asked, who cancelled, how each ended."""

from typing import Any

import pytest
from django.core import mail

from accounts.models import AuditEvent, User
from archive.filters import IssueFilter
from exports import outbox, services, tasks
from exports.errors import AlreadyRunning
from exports.models import ExportJob, Mail
from exports.models.mails import MailStatus
from tests.factories import make_issue

pytestmark = pytest.mark.django_db(transaction=True)


def events(*actions: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action__in=actions).order_by("pk"))


def test_it_works(alice: User) -> None:
    make_issue(1, project="FOO", reporter="rob")
    job = services.request_export(alice, IssueFilter(projects=("FOO",), reporters=("rob",)))
    (asked,) = events("export.requested")
    assert (asked.user, asked.object_kind, asked.object_id) == (alice, "export", str(job.pk))
    assert asked.details == {
        "filter": {"projects": "FOO", "reporters": 1},
        "include": "",
        "format": "csv",
        "rerun_of": None,
    }

    tasks.build_export(job.pk)
    job.refresh_from_db()
    (settled,) = events("export.settled")
    assert (settled.user, settled.outcome, settled.object_id) == (alice, "ok", str(job.pk))
    assert settled.details == {"status": "COMPLETE", "issue_count": 1, "bytes": job.bytes, "sha256": job.sha256}


def test_a_cancelled_export_says_who_cancelled_it(alice: User, bob: User) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    services.cancel_export(bob, job.pk)
    (cancelled,) = events("export.cancelled")
    assert (cancelled.user, cancelled.object_id) == (bob, str(job.pk))
    (settled,) = events("export.settled")
    assert (settled.user, settled.details) == (alice, {"status": "CANCELLED"})


def test_a_failed_export_has_failed_in_the_trail_too(alice: User, settings: Any, data_folder: Any) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    settings.EXPORT_RESERVE_MB = 10**12
    tasks.build_export(job.pk)
    (settled,) = events("export.settled")
    assert (settled.outcome, settled.details) == ("failed", {"status": "FAILED"})


def test_a_request_that_is_refused_leaves_no_request(alice: User) -> None:
    make_issue(1)
    first = services.request_export(alice, IssueFilter())
    with pytest.raises(AlreadyRunning):
        services.rerun_export(alice, first.pk)
    assert len(events("export.requested")) == 1
    tasks.build_export(first.pk)
    second = services.rerun_export(alice, first.pk)
    assert [event.details["rerun_of"] for event in events("export.requested")] == [None, first.pk]
    assert second.pk != first.pk


def test_an_export_that_was_lost_is_not_put_down_to_who_looked_at_it(alice: User, bob: User, client: Any) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    ExportJob.objects.update(enqueued_at="2020-01-01T00:00:00Z", notified_at="2020-01-01T00:00:00Z")
    client.force_login(bob)
    client.get(f"/exports/{job.pk}")
    (settled,) = events("export.settled")
    assert (settled.user, settled.address, settled.credential) == (alice, None, "none")


def test_an_email_is_sent_once_and_sent_again_by_a_person(alice: User, bob: User) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    tasks.build_export(job.pk)
    row = Mail.objects.get()
    Mail.objects.update(status=MailStatus.FAILED)
    services.resend_mail(bob, row.pk)
    outbox.send(row.pk)
    assert len(mail.outbox) == 1
    again, sent = events("email.resent", "email.settled")
    assert (again.user, again.details) == (bob, {"kind": "ready", "export": job.pk})
    assert (sent.object_kind, sent.object_label, sent.outcome) == ("email", "alice@example.com", "ok")
    assert sent.details == {"kind": "ready", "status": "sent", "export": job.pk}


def test_an_email_that_was_not_delivered_has_failed(alice: User) -> None:
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    tasks.build_export(job.pk)
    row = Mail.objects.get()
    number = row.claim()
    assert number is not None
    row.mark_unsent(number, "550 no such user", None)
    (settled,) = events("email.settled")
    assert (settled.outcome, settled.details["status"]) == ("failed", "failed")
