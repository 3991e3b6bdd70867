"""The portal starts with its defaults, and refuses wrong or unsafe settings with a clear message."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

LONG = "s" * 60


def check(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check` with only these environment variables."""
    bare = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=bare | environment, capture_output=True, text=True)


@pytest.mark.processes
def test_it_works_with_nothing_set(tmp_path: Path) -> None:
    done = check(tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.processes
def test_the_generated_secret_is_stored(tmp_path: Path) -> None:
    check(tmp_path)
    first = (tmp_path / "secret_key").read_text()
    check(tmp_path)
    assert (tmp_path / "secret_key").read_text() == first
    assert len(first) >= 50


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"PORTAL_URL": "archive"}, "PORTAL_URL is 'archive'"),
        ({"PORTAL_URL": "http://archive.example.com"}, "Use https"),
        ({"PORTAL_URL": "https://archive.example.com", "DEBUG": "on"}, "turn DEBUG off"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS contains '*'"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY has 5 characters"),
        ({"DATABASE_URL": "postgresql://u@h/n"}, "SECRET_KEY is not set"),
        ({"DATABASE_URL": "mysql://u@h/n", "SECRET_KEY": LONG}, "neither SQLite nor PostgreSQL"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"EMAIL_URL": "pigeon://loft"}, "EMAIL_URL is 'pigeon://loft'"),
        ({"SITE_PLAN": "gold"}, "SITE_PLAN is 'gold'"),
        ({"TIME_ZONE": "Mars/Olympus"}, "TIME_ZONE is 'Mars/Olympus'"),
        ({"EXPORT_KEEP_DAYS": "a week"}, "EXPORT_KEEP_DAYS is 'a week'. Use a number of days, at least 1."),
        ({"EXPORT_KEEP_DAYS": "0"}, "EXPORT_KEEP_DAYS is '0'. Use a number of days, at least 1."),
        ({"PASSWORD_SIGN_IN": "off"}, "PASSWORD_SIGN_IN is off, and OIDC_PROVIDERS names no provider"),
        ({"OIDC_PROVIDERS": "corp"}, "OIDC_CORP_ISSUER is not set"),
        ({"MFA_REQUIRED": "some"}, "MFA_REQUIRED is 'some'. Use off, admins or everyone."),
        ({"EXPORT_ATTEMPTS": "0"}, "EXPORT_ATTEMPTS is '0'. Use a number of attempts, at least 1."),
        ({"WORKER_ANSWER_SECONDS": "0"}, "WORKER_ANSWER_SECONDS is '0'. Use a number of seconds, at least 1."),
        ({"WORKER_NICE": "-1"}, "WORKER_NICE is '-1'. Use a niceness, from 0 to 19."),
        ({"WORKER_NICE": "20"}, "WORKER_NICE is '20'. Use a niceness, from 0 to 19."),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'. Use on or off."),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL is 'LOUD'. Use DEBUG, INFO, WARNING, ERROR or CRITICAL."),
        ({"EMAIL_PROVIDER": "pigeon"}, "EMAIL_PROVIDER is 'pigeon'. Use a provider that django-anymail supports"),
        (
            {"EMAIL_RETRY_SECONDS": "60,soon"},
            "EMAIL_RETRY_SECONDS is '60,soon'. Use numbers of seconds, each at least 1",
        ),
        ({"EMAIL_RETRY_SECONDS": "60,0"}, "EMAIL_RETRY_SECONDS is '60,0'. Use numbers of seconds, each at least 1"),
        ({"EMAIL_URL": "smtp://ann:geheim@host:x"}, "EMAIL_URL is 'smtp://…@host:x'. Use console:, file:FOLDER or"),
        ({"DATABASE_URL": "postgresql://ann:geheim@host:x/n"}, "DATABASE_URL is 'postgresql://…@host:x/n'. Use"),
    ],
)
def test_a_wrong_setting_is_refused_with_a_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    for name in list(os.environ):
        monkeypatch.delenv(name)
    for name, value in ({"DATA_DIR": str(tmp_path)} | environment).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        runpy.run_path(str(settings.BASE_DIR / "portal" / "settings.py"))
    assert message in str(refusal.value)
    assert "geheim" not in str(refusal.value)


@pytest.mark.processes
def test_a_wrong_setting_stops_the_start_with_its_message_alone(tmp_path: Path) -> None:
    done = check(tmp_path, DATABASE_URL="postgresql://ann:geheim@host:x/n")
    assert done.returncode != 0
    assert "DATABASE_URL is 'postgresql://…@host:x/n'. Use" in done.stderr
    assert "Traceback" not in done.stderr
    assert "geheim" not in done.stderr


@pytest.mark.processes
def test_the_web_server_refuses_a_wrong_setting_too(tmp_path: Path) -> None:
    bare = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "WEB_THREADS": "many"}
    command = [sys.executable, "-m", "gunicorn", "--check-config", "portal.wsgi"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=bare, capture_output=True, text=True)
    assert done.returncode != 0
    assert "WEB_THREADS is 'many'. Use a number of threads, at least 2." in done.stderr


@pytest.mark.processes
def test_with_https_cookies_are_secure(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "manage.py", "diffsettings"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PORTAL_URL": "https://archive.example.com"},
        capture_output=True,
        text=True,
    ).stdout
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"):
        assert f"{name} = True" in shown
    assert "ALLOWED_HOSTS = ['archive.example.com']" in shown


WEBHOOKS = "from django.test import Client; ask = Client(headers={'host': 'localhost'}).post; "
WEBHOOKS += "print([ask(f'/mail/{name}/tracking/').status_code for name in ('mailgun', 'postmark')])"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("environment", "answers"),
    [
        ({}, [404, 404]),
        ({"EMAIL_PROVIDER": "mailgun", "ANYMAIL_MAILGUN_API_KEY": "k"}, [404, 404]),
        (
            {"EMAIL_PROVIDER": "mailgun", "ANYMAIL_MAILGUN_API_KEY": "k", "ANYMAIL_MAILGUN_WEBHOOK_SIGNING_KEY": "s"},
            [400, 404],
        ),
        (
            {"EMAIL_PROVIDER": "postmark", "ANYMAIL_POSTMARK_SERVER_TOKEN": "t", "ANYMAIL_WEBHOOK_SECRET": "a:b"},
            [404, 400],
        ),
    ],
)
def test_only_signed_delivery_reports_of_the_configured_provider_are_accepted(
    tmp_path: Path, environment: dict[str, str], answers: list[int]
) -> None:
    bare = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "DEBUG": "on", **environment}
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", WEBHOOKS]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=bare, capture_output=True, text=True)
    assert done.stdout.strip() == str(answers), done.stderr
