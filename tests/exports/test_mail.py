"""The outbox with real SMTP servers, working and failing ones."""

import datetime
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from django_q.models import OrmQ

from accounts.errors import NotAnAdmin
from accounts.models import User
from archive.filters import IssueFilter
from exports import outbox, services, tasks
from exports.errors import MailNotFound, MailNotResendable
from exports.mail import compose
from exports.models import Mail
from exports.models.mails import MailStatus
from jobs import shutdown
from jobs import tasks as job_tasks
from tests.factories import make_issue
from tests.running import MailServer, free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mail(alice: User, settings: Any) -> Mail:
    """The email of a complete export, not sent yet."""
    settings.PORTAL_URL = "https://archive.example.com"
    make_issue(1)
    alice.time_zone = "Asia/Tokyo"
    alice.save()
    job = services.request_export(alice, IssueFilter())
    tasks.build_export(job.pk)
    return Mail.objects.get()


@pytest.fixture
def use_port(settings: Any) -> Callable[[int], None]:
    def use(port: int) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5

    return use


def send(mail: Mail) -> Mail:
    tasks.send_mail(mail.pk)
    mail.refresh_from_db()
    return mail


def sweep_and_work() -> None:
    """Sweep, then run each task that the sweep queued."""
    OrmQ.objects.all().delete()
    job_tasks.sweep()
    for message in OrmQ.objects.all():
        tasks.send_mail(*message.task["args"])


class Refusing:
    """Replies to each recipient with the same line."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    async def handle_RCPT(self, *_: Any) -> str:  # noqa: N802
        return self.answer


@contextmanager
def server_answering(answer: str) -> Iterator[int]:
    controller = Controller(Refusing(answer), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextmanager
def server_that_hangs_up_after_data() -> Iterator[int]:
    """Reads the whole email and closes the connection without a reply, so that its delivery is unknown."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_take_and_hang_up, args=(listener,), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


def _take_and_hang_up(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb", buffering=0) as stream:
        stream.write(b"220 ready\r\n")
        while not (line := stream.readline()).upper().startswith(b"DATA"):
            stream.write(b"250 ok\r\n" if line else b"")
        stream.write(b"354 go on\r\n")
        while stream.readline().rstrip(b"\r\n") != b".":
            pass


def test_it_works(mail: Mail, use_port: Callable[[int], None]) -> None:
    with MailServer() as server:
        use_port(server.controller.port)
        send(mail)
        tasks.send_mail(mail.pk)
        sweep_and_work()
    assert (mail.status, mail.attempt) == (MailStatus.SENT, 1)
    (message,) = server.messages
    assert (message["To"], message["Message-ID"]) == ("alice@example.com", mail.message_id)
    text, html = (message.get_body((form,)) for form in ("plain", "html"))
    assert text
    assert html
    for body in (text.get_content(), html.get_content()):
        assert f"https://archive.example.com/exports/{mail.job_id}/file" in body
        assert mail.job.sha256 in body
        assert "Asia/Tokyo" in body


def test_if_the_server_is_away_the_email_is_sent_later(mail: Mail, use_port: Callable[[int], None]) -> None:
    use_port(free_port())
    send(mail)
    assert mail.status == MailStatus.QUEUED
    assert "refused" in mail.reply
    assert mail.next_try_at > timezone.now()
    sweep_and_work()
    mail.refresh_from_db()
    assert mail.attempt == 1, "not due yet"
    Mail.objects.update(next_try_at=timezone.now() - datetime.timedelta(seconds=1))
    with MailServer() as server:
        use_port(server.controller.port)
        sweep_and_work()
    mail.refresh_from_db()
    assert (mail.status, mail.attempt, len(server.messages)) == (MailStatus.SENT, 2, 1)


def test_a_temporary_error_is_retried(mail: Mail, use_port: Callable[[int], None]) -> None:
    with server_answering("451 4.7.1 greylisted, come back") as port:
        use_port(port)
        send(mail)
    assert mail.status == MailStatus.QUEUED
    assert mail.reply == "451 4.7.1 greylisted, come back"


def test_a_permanent_error_is_not_retried(mail: Mail, use_port: Callable[[int], None]) -> None:
    with server_answering("550 5.1.1 no such mailbox") as port:
        use_port(port)
        send(mail)
    assert mail.status == MailStatus.FAILED
    assert mail.reply == "550 5.1.1 no such mailbox"


def test_after_the_last_retry_sending_has_failed(mail: Mail, use_port: Callable[[int], None], settings: Any) -> None:
    use_port(free_port())
    for _ in range(len(settings.EMAIL_RETRY_SECONDS) + 1):
        assert mail.status == MailStatus.QUEUED
        send(mail)
    assert mail.status == MailStatus.FAILED


def test_an_email_that_may_have_been_delivered_is_never_resent(mail: Mail, use_port: Callable[[int], None]) -> None:
    with server_that_hangs_up_after_data() as port:
        use_port(port)
        send(mail)
    assert mail.status == MailStatus.UNKNOWN
    with MailServer() as server:
        use_port(server.controller.port)
        tasks.send_mail(mail.pk)
        sweep_and_work()
    assert server.messages == []


def take_and_die(mail: Mail) -> int:
    """Claim the email as a worker that was killed an hour ago."""
    attempt = mail.claim()
    assert attempt
    Mail.objects.update(claimed_at=timezone.now() - datetime.timedelta(hours=1))
    return attempt


def test_if_the_worker_dies_while_sending_the_delivery_is_unknown(mail: Mail, alice: User) -> None:
    mail.claim()
    sweep_and_work()
    mail.refresh_from_db()
    assert mail.status == MailStatus.SENDING, "its worker may still be running"
    Mail.objects.update(claimed_at=timezone.now() - datetime.timedelta(hours=1))
    sweep_and_work()
    mail.refresh_from_db()
    assert (mail.status, mail.reply) == (MailStatus.UNKNOWN, outbox.REPLY_LOST)


def test_a_slow_worker_can_still_record_its_result(mail: Mail) -> None:
    attempt = take_and_die(mail)
    job_tasks.sweep()
    assert mail.mark_sent(attempt, "250 ok")
    assert mail.status == MailStatus.SENT


def test_a_person_can_resend_it_once(mail: Mail, alice: User, use_port: Callable[[int], None]) -> None:
    old = take_and_die(mail)
    job_tasks.sweep()
    OrmQ.objects.all().delete()
    with MailServer() as server:
        use_port(server.controller.port)
        services.resend_mail(alice, mail.pk)
        sweep_and_work()
        mail.refresh_from_db()
        assert mail.status == MailStatus.SENT
        with pytest.raises(MailNotResendable, match="its status is Sent"):
            services.resend_mail(alice, mail.pk)
    assert [message["Message-ID"] for message in server.messages] == [mail.message_id]
    assert not mail.mark_unknown(old, "late"), "an older attempt changes nothing"
    notes = list(mail.job.events.values_list("note", flat=True))[-4:]
    assert [note.partition(" (")[0] for note in notes] == [
        "Email to alice@example.com: delivery unknown",
        "Email to alice@example.com: queued again by Alice",
        "Email to alice@example.com: sending",
        "Email to alice@example.com: sent",
    ]


def test_a_resent_email_has_all_its_retries_again(mail: Mail, alice: User, use_port: Callable[[int], None]) -> None:
    with server_answering("550 5.1.1 no such mailbox") as port:
        use_port(port)
        send(mail)
    services.resend_mail(alice, mail.pk)
    use_port(free_port())
    send(mail)
    assert (mail.status, mail.retry_count, mail.attempt) == (MailStatus.QUEUED, 1, 2)


def test_resending_needs_a_permission(mail: Mail, bob: User, carol: User, dave: User, erin: User) -> None:
    for user in (carol, dave, erin):
        with pytest.raises(NotAnAdmin):
            services.resend_mail(user, mail.pk)
    assert services.resend_mail(bob, mail.pk).status == MailStatus.QUEUED
    with pytest.raises(MailNotFound):
        services.resend_mail(bob, 999)


def test_a_worker_that_is_shutting_down_leaves_the_email_queued(mail: Mail) -> None:
    shutdown.request()
    try:
        send(mail)
    finally:
        shutdown.reset()
    assert (mail.status, mail.attempt) == (MailStatus.QUEUED, 0)


def test_the_email_contains_all_facts_of_the_file(mail: Mail, settings: Any) -> None:
    message = compose(mail)
    html = str(message.alternatives[0][0])
    for body in (str(message.body), html):
        for words in (
            "1 of 1 issues",
            mail.job.sha256,
            "Asia/Tokyo",
            "Filter days: UTC · File times: UTC",
            "On: cells that look like formulas start with ",
            f"Portal version {settings.VERSION}",
            f"https://archive.example.com/exports/{mail.job_id}/manifest.json",
        ):
            assert words in body, words


@pytest.fixture
def broken_template(settings: Any, tmp_path: Path) -> None:
    """The template of the email about a complete export has an error."""
    folder = tmp_path / "templates"
    broken = folder / "exports" / "mail" / "ready.txt"
    broken.parent.mkdir(parents=True)
    broken.write_text("{% no_such_tag %}")
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [folder, *engine["DIRS"]]}]


def test_an_email_that_cannot_be_written_was_certainly_not_sent(
    mail: Mail, use_port: Callable[[int], None], broken_template: None
) -> None:
    other = Mail.objects.create(job=mail.job, kind="failed", recipient="bob@example.com", message_id="<2@localhost>")
    with MailServer() as server:
        use_port(server.controller.port)
        send(mail)
        send(other)
    assert mail.status == MailStatus.FAILED
    assert mail.reply.startswith("The email could not be written. TemplateSyntaxError: ")
    assert "no_such_tag" in mail.reply
    assert mail.attempt == 0
    assert mail.job.events.latest("id").note.startswith("Email to bob@example.com: sent")
    assert (other.status, [message["To"] for message in server.messages]) == (MailStatus.SENT, ["bob@example.com"])
