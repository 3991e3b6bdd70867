"""What the audit trail says about the archive, and that it names nobody who could have to be anonymised."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts import audit
from accounts.models import AuditEvent, User
from archive.filters import IssueFilter
from exports import services
from exports.models import ExportJob
from tests.factories import make_issue
from tests.rest_client import ClientOf

pytestmark = pytest.mark.django_db


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


def test_it_works(bob: User, client_of: ClientOf) -> None:
    make_issue(1)
    client_of(bob).put("/rest/api/3/issue/unarchive", {"issueIdsOrKeys": ["FOO-1"]}, format="json")
    (event,) = events("issues.removed")
    assert (event.user, event.credential, event.object_kind) == (bob, "token", "removal")
    assert event.details == {"kind": "unarchived", "issue_count": 1}


def test_an_opened_issue_is_recorded_only_if_the_site_wants_it(bob: User, client: Client, settings: Any) -> None:
    make_issue(7)
    client.force_login(bob)
    client.get("/issues/FOO-7")
    assert not events("issue.viewed")
    settings.AUDIT_ISSUE_VIEWS = True
    assert client.get("/issues/FOO-7").status_code == 200
    (event,) = events("issue.viewed")
    assert (event.user, event.object_id, event.object_label) == (bob, "7", "FOO-7")


def test_no_event_names_an_account_of_jira(alice: User) -> None:
    """Events never change, so nobody could be anonymised in them."""
    make_issue(1, reporter="5b-rob", archived_by="5b-ann", assignee="5b-rob")
    job = services.request_export(alice, IssueFilter(reporters=("5b-rob",), archived_by=("5b-ann",)))
    services.cancel_export(alice, job.pk)
    call_command("anonymise_account", "5b-rob", yes=True)
    call_command("delete_issues", archivedBy=["5b-ann"], yes=True)
    assert [event.action for event in AuditEvent.objects.exclude(action="person.created").order_by("pk")] == [
        "export.requested",
        "export.settled",
        "export.cancelled",
        "account.anonymised",
        "issues.removed",
    ]
    trail = "\n".join(audit.as_line(event) for event in AuditEvent.objects.all())
    assert "5b-" not in trail
    assert "5b-rob" not in str(ExportJob.objects.get().filter)
