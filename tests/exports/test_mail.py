"""The outbox against real SMTP servers that behave well and badly."""

import datetime
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.contrib.auth.models import Permission
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
    """The mail of a finished export, not yet sent."""
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
    """The sweep, and then the worker that takes each message it left."""
    OrmQ.objects.all().delete()
    job_tasks.sweep()
    for message in OrmQ.objects.all():
        tasks.send_mail(*message.task["args"])


class Refusing:
    """Answers each recipient with one line."""

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
    """Takes the whole mail and closes the connection without a word: taken or not, nobody can know."""
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


def test_without_a_server_the_mail_waits_and_goes_later(mail: Mail, use_port: Callable[[int], None]) -> None:
    use_port(free_port())
    send(mail)
    assert mail.status == MailStatus.QUEUED
    assert "refused" in mail.reply
    assert mail.next_try_at > timezone.now()
    sweep_and_work()
    mail.refresh_from_db()
    assert mail.attempt == 1, "not before its time"
    Mail.objects.update(next_try_at=timezone.now() - datetime.timedelta(seconds=1))
    with MailServer() as server:
        use_port(server.controller.port)
        sweep_and_work()
    mail.refresh_from_db()
    assert (mail.status, mail.attempt, len(server.messages)) == (MailStatus.SENT, 2, 1)


def test_a_server_that_says_later_is_asked_later(mail: Mail, use_port: Callable[[int], None]) -> None:
    with server_answering("451 4.7.1 greylisted, come back") as port:
        use_port(port)
        send(mail)
    assert mail.status == MailStatus.QUEUED
    assert mail.reply == "451 4.7.1 greylisted, come back"


def test_a_server_that_says_never_is_not_asked_again(mail: Mail, use_port: Callable[[int], None]) -> None:
    with server_answering("550 5.1.1 no such mailbox") as port:
        use_port(port)
        send(mail)
    assert mail.status == MailStatus.FAILED
    assert mail.reply == "550 5.1.1 no such mailbox"


def test_after_the_last_retry_it_is_given_up(mail: Mail, use_port: Callable[[int], None], settings: Any) -> None:
    use_port(free_port())
    for _ in range(len(settings.EMAIL_RETRY_SECONDS) + 1):
        assert mail.status == MailStatus.QUEUED
        send(mail)
    assert mail.status == MailStatus.FAILED


def test_what_may_have_been_sent_is_never_sent_again(mail: Mail, use_port: Callable[[int], None]) -> None:
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
    """As a worker that was killed after it had taken the mail, long ago."""
    attempt = mail.claim()
    assert attempt
    Mail.objects.update(claimed_at=timezone.now() - datetime.timedelta(hours=1))
    return attempt


def test_a_mail_whose_worker_died_becomes_unknown_and_waits_for_a_person(mail: Mail, alice: User) -> None:
    mail.claim()
    sweep_and_work()
    mail.refresh_from_db()
    assert mail.status == MailStatus.SENDING, "its worker may still live"
    Mail.objects.update(claimed_at=timezone.now() - datetime.timedelta(hours=1))
    sweep_and_work()
    mail.refresh_from_db()
    assert (mail.status, mail.reply) == (MailStatus.UNKNOWN, outbox.LOST_WORDS)


def test_a_worker_that_was_only_slow_still_says_what_it_knows(mail: Mail) -> None:
    attempt = take_and_die(mail)
    job_tasks.sweep()
    assert mail.mark_sent(attempt, "250 ok")
    assert mail.status == MailStatus.SENT


def test_a_person_sends_it_again_once(mail: Mail, alice: User, use_port: Callable[[int], None]) -> None:
    old = take_and_die(mail)
    job_tasks.sweep()
    OrmQ.objects.all().delete()
    with MailServer() as server:
        use_port(server.controller.port)
        services.resend_mail(alice, mail.pk)
        sweep_and_work()
        mail.refresh_from_db()
        assert mail.status == MailStatus.SENT
        with pytest.raises(MailNotResendable, match="its state is Sent"):
            services.resend_mail(alice, mail.pk)
    assert [message["Message-ID"] for message in server.messages] == [mail.message_id]
    assert not mail.mark_unknown(old, "late"), "an older attempt has no say"
    notes = list(mail.job.events.values_list("note", flat=True))[-4:]
    assert [note.removeprefix("ready mail to alice@example.com ").partition(":")[0] for note in notes] == [
        "may or may not have been sent",
        "is to be sent again, asked for by Alice",
        "is being sent",
        "was sent",
    ]


def test_a_resent_mail_has_all_its_retries_again(mail: Mail, alice: User, use_port: Callable[[int], None]) -> None:
    with server_answering("550 5.1.1 no such mailbox") as port:
        use_port(port)
        send(mail)
    services.resend_mail(alice, mail.pk)
    use_port(free_port())
    send(mail)
    assert (mail.status, mail.retry_count, mail.attempt) == (MailStatus.QUEUED, 1, 2)


def test_only_those_who_may_resend(mail: Mail, carol: User, dave: User) -> None:
    for user in (carol, dave):
        with pytest.raises(NotAnAdmin):
            services.resend_mail(user, mail.pk)
    carol.user_permissions.add(Permission.objects.get(codename="resend_mail"))
    assert services.resend_mail(User.objects.get(pk=carol.pk), mail.pk).status == MailStatus.QUEUED
    with pytest.raises(MailNotFound):
        services.resend_mail(User.objects.get(pk=carol.pk), 999)


def test_a_worker_that_is_to_stop_leaves_the_mail_to_the_next(mail: Mail) -> None:
    shutdown.request()
    try:
        send(mail)
    finally:
        shutdown.reset()
    assert (mail.status, mail.attempt) == (MailStatus.QUEUED, 0)


def test_the_mail_carries_the_whole_proof(mail: Mail, settings: Any) -> None:
    message = compose(mail)
    html = str(message.alternatives[0][0])
    for body in (str(message.body), html):
        for words in (
            "1 written, 1 counted",
            mail.job.sha256,
            "Asia/Tokyo",
            "begin at midnight in UTC",
            "on: cells",
            settings.VERSION,
            f"https://archive.example.com/exports/{mail.job_id}/manifest.json",
        ):
            assert words in body, words
