"""Delivery reports of a mail provider: recorded with the email if they are signed, rejected otherwise."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from anymail.urls import urlpatterns as every_webhook
from django.test import Client
from django.urls import clear_url_caches, include, path, set_urlconf

from accounts.models import User
from archive.filters import IssueFilter
from exports import services, tasks
from exports.models import Mail
from exports.models.mails import MailStatus
from tests.factories import make_issue

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "mailgun-signing-key"
PROVIDER_ID = "<20261123.1@mg.example.com>"
urlpatterns = [path("mail/", include([route for route in every_webhook if route.name == "mailgun_tracking_webhook"]))]


@pytest.fixture
def mail(alice: User, settings: Any) -> Iterator[Mail]:
    """An email that Mailgun accepted, with the webhook at the URL that the portal uses for Mailgun."""
    settings.ROOT_URLCONF = __name__
    settings.ANYMAIL = {"MAILGUN_API_KEY": "key", "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    make_issue(1)
    job = services.request_export(alice, IssueFilter())
    tasks.build_export(job.pk)
    row = Mail.objects.get()
    attempt = row.claim()
    assert attempt
    assert row.mark_sent(attempt, "queued", PROVIDER_ID)
    yield row
    set_urlconf(None)
    clear_url_caches()


def report(event: str, *, key: str = KEY, message_id: str = PROVIDER_ID.strip("<>")) -> int:
    """Post an event as Mailgun documents it and return the response's status."""
    stamp, token = str(int(time.time())), "0123456789abcdef" * 3
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": event,
            "id": "ev-1",
            "timestamp": time.time(),
            "recipient": "alice@example.com",
            "severity": "permanent",
            "reason": "bounce",
            "message": {"headers": {"message-id": message_id}},
            "delivery-status": {"code": 550, "message": "5.1.1 no such mailbox", "description": ""},
        },
    }
    answer = Client().post("/mail/mailgun/tracking/", json.dumps(body), content_type="application/json")
    return answer.status_code


def test_it_works(mail: Mail) -> None:
    assert report("delivered") == 200
    mail.refresh_from_db()
    assert (mail.status, mail.delivery) == (MailStatus.SENT, "delivered")
    assert mail.delivery_at
    assert "the provider reports delivered" in mail.job.events.latest("id").note


def test_a_bounce_is_recorded_with_the_servers_reply(mail: Mail) -> None:
    assert report("failed") == 200
    mail.refresh_from_db()
    assert mail.delivery == "bounced"
    assert "no such mailbox" in mail.delivery_detail


def test_a_report_with_a_wrong_signature_is_rejected(mail: Mail) -> None:
    assert report("delivered", key="guessed") == 400
    mail.refresh_from_db()
    assert mail.delivery == ""


def test_a_report_about_another_senders_email_is_ignored(mail: Mail) -> None:
    assert report("delivered", message_id="other@mg.example.com") == 200
    mail.refresh_from_db()
    assert mail.delivery == ""
