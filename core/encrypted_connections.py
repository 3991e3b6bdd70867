"""The system checks of `check --deploy`: connections to other hosts are encrypted, and lead to the right host."""

from typing import Any

from django.conf import settings
from django.core import checks

from core.loopback import is_loopback

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def check_database(**_: Any) -> list[checks.CheckMessage]:
    """W002: the connection to PostgreSQL on another host may be unencrypted, or lead to somebody else."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("postgresql") or _is_here(database.get("HOST", "")):
        return []
    mode = database.get("OPTIONS", {}).get("sslmode", "prefer")
    if mode == "verify-full":
        return []
    message = f"The connection to PostgreSQL is not protected from others on the network: sslmode is {mode}."
    hint = "Add ?sslmode=verify-full&sslrootcert=system to DATABASE_URL, or the path of your own CA's certificate."
    return [checks.Warning(message, hint=hint, id="core.W002")]


def check_mail_server(**_: Any) -> list[checks.CheckMessage]:
    """W003: emails go unencrypted to a mail server on another host."""
    is_encrypted = getattr(settings, "EMAIL_USE_TLS", False) or getattr(settings, "EMAIL_USE_SSL", False)
    if settings.EMAIL_BACKEND != SMTP or is_encrypted or _is_here(settings.EMAIL_HOST):
        return []
    hint = "Add ?tls=true to EMAIL_URL (port 587), or ?ssl=true (port 465)."
    return [checks.Warning("Emails are sent to the mail server unencrypted.", hint=hint, id="core.W003")]


def _is_here(host: str) -> bool:
    """Whether it is this machine: by a socket in a folder, or loopback."""
    return not host or host.startswith("/") or is_loopback(host)


def register() -> None:
    for check in (check_database, check_mail_server):
        checks.register(check, checks.Tags.security, deploy=True)
