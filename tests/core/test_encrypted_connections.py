"""`check --deploy` finds connections to other hosts that are not encrypted."""

from typing import Any

import dj_database_url
import pytest

from core.encrypted_connections import check_database, check_mail_server


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:////srv/portal.sqlite3", []),
        ("postgresql://portal@/portal", []),
        ("postgresql://portal@%2Frun%2Fpostgresql/portal", []),
        ("postgresql://portal@127.0.0.1/portal", []),
        ("postgresql://portal@[::1]/portal", []),
        ("postgresql://portal@db.example.com/portal?sslmode=verify-full", []),
        ("postgresql://portal@db.example.com/portal", ["prefer"]),
        ("postgresql://portal@db.example.com/portal?sslmode=require", ["require"]),
    ],
)
def test_the_database(monkeypatch: pytest.MonkeyPatch, settings: Any, url: str, expected: list[str]) -> None:
    monkeypatch.setitem(settings.DATABASES, "default", dj_database_url.parse(url))
    found = check_database()
    assert [message.msg.rsplit(" ", 1)[1].rstrip(".") for message in found] == expected
    assert {message.id for message in found} <= {"core.W002"}


@pytest.mark.parametrize(
    ("host", "tls", "ssl", "count"),
    [
        ("localhost", False, False, 0),
        ("mail.example.com", True, False, 0),
        ("mail.example.com", False, True, 0),
        ("mail.example.com", False, False, 1),
    ],
)
def test_the_mail_server(settings: Any, host: str, tls: bool, ssl: bool, count: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = host
    settings.EMAIL_USE_TLS = tls
    settings.EMAIL_USE_SSL = ssl
    assert [message.id for message in check_mail_server()] == ["core.W003"] * count


def test_other_ways_to_send_emails_have_no_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert check_mail_server() == []
