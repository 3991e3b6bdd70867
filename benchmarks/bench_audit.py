"""`make bench-audit`: the audit trail with BENCH_EVENTS events (default 1,000,000) on the database of DATABASE_URL.

Measures the list in Admin, filtered and searched, inside this process; the download of all events as CSV; and the
step of the sweep that deletes the oldest tenth of them. Fails if a list is slower than MOST_MILLISECONDS (the fastest
of ROUNDS, because other work on the machine only adds time).
"""

import datetime
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")
os.environ.setdefault("AUDIT_LOG", "off")

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from accounts import audit_retention
from accounts.audit_actions import ACTIONS, CredentialKind, Outcome
from accounts.models import AuditEvent, User
from accounts.permissions import Role
from benchmarks.measure import save

EVENTS = int(os.environ.get("BENCH_EVENTS", "1000000"))
TURNS = 100
ROUNDS = 15
MOST_MILLISECONDS = 200
PEOPLE = 500
LIST = "/admin/accounts/auditevent/"
EARLIER = {
    "postgresql": "at + %s::interval",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f000', at, %s)",
}
"""The time of a copy, as SQL."""


def main() -> int:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    fill()
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_user("reviewer@example.com", roles=[Role.REVIEWER]))
    lists = {name: fastest_of(client, path) for name, path in pages().items()}
    for name, milliseconds in lists.items():
        print(f"{name:40} {milliseconds:8.1f} ms", flush=True)
    download = measure_download(client)
    print(f"download of all: {download}", flush=True)
    expiry = measure_expiry()
    print(f"retention: {expiry}", flush=True)
    facts = {"events": EVENTS, "lists_ms": lists, "download": download, "retention": expiry}
    save(f"audit_{connection.vendor}", [], {}, **facts)
    slow = [name for name, milliseconds in lists.items() if milliseconds > MOST_MILLISECONDS]
    print(f"slower than {MOST_MILLISECONDS} ms: {slow or 'none'}")
    return 1 if slow else 0


def fill() -> None:
    """Create a hundredth of the events, and copy them into earlier days. The oldest tenth has expired."""
    users = [User.objects.create_user(f"person-{number:03}@example.com") for number in range(PEOPLE)]
    span = datetime.timedelta(days=settings.AUDIT_KEEP_DAYS) * 1.1 / TURNS
    AuditEvent.objects.bulk_create(events(users, EVENTS // TURNS, span))
    names = [str(field.column) for field in AuditEvent._meta.concrete_fields if not field.primary_key]
    values = ", ".join({"at": EARLIER[connection.vendor]}.get(name, name) for name in names)
    first, last = AuditEvent.objects.order_by("pk").first(), AuditEvent.objects.order_by("pk").last()
    assert first
    assert last
    copy = f"INSERT INTO accounts_auditevent ({', '.join(names)}) SELECT {values} FROM accounts_auditevent"
    with transaction.atomic(), connection.cursor() as cursor:
        for turn in range(1, TURNS):
            seconds = int(span.total_seconds() * turn)
            cursor.execute(f"{copy} WHERE id BETWEEN %s AND %s", [f"-{seconds} seconds", first.pk, last.pk])
    with connection.cursor() as cursor:  # as autovacuum would do later
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def events(users: list[User], count: int, span: datetime.timedelta) -> Iterator[AuditEvent]:
    """Events in the last `span` of time. One action is frequent, and one outcome rare."""
    now = timezone.now()
    actions = sorted(ACTIONS)
    for number in range(count):
        user = users[number % PEOPLE]
        action = actions[0]
        if number % 10 == 0:
            action = actions[number // 10 % len(actions)]
        yield AuditEvent(
            at=now - span * ((count - number) / count),
            action=action,
            outcome=Outcome.REFUSED if number % 5_000 == 0 else Outcome.OK,
            user=user,
            actor=user.email,
            address=f"192.0.{number % 200}.{number % 250}",
            credential=CredentialKind.SESSION,
            credential_id=f"session-{number % 5_000}",
            object_kind="export",
            object_id=str(number % 7_000),
            object_label=f"Export {number % 7_000}",
            details={"rows": number, "filter": {"projects": ["HARBOR", "DESK"]}, "name": "weekly report"},
        )


def pages() -> dict[str, str]:
    actions = sorted(ACTIONS)
    since = f"{timezone.now() - datetime.timedelta(days=settings.AUDIT_KEEP_DAYS // 2):%Y-%m-%d}"
    queries: dict[str, dict[str, Any]] = {
        "all": {},
        "the last page": {"p": 10},
        "the most frequent action": {"action": actions[0]},
        "a rare action": {"action": actions[-1]},
        "a rare outcome": {"outcome": Outcome.REFUSED.value},
        "the most frequent outcome": {"outcome": Outcome.OK.value},
        "a rare action with a rare outcome": {"action": actions[-1], "outcome": Outcome.REFUSED.value},
        "a frequent action with a rare outcome": {"action": actions[0], "outcome": Outcome.REFUSED.value},
        "half of the time": {"until": since},
        "a rare action, half of the time": {"action": actions[-1], "until": since},
        "a person": {"q": "person-007@example.com"},
        "a person and a rare action": {"q": "person-007@example.com", "action": actions[-1]},
        "nobody": {"q": "nobody@example.com"},
        "an address": {"q": "192.0.7.7"},
        "the ID of an object": {"q": "777"},
        "the ID of a credential": {"q": "session-77"},
        "an ID that nothing has": {"q": "nothing"},
    }
    found = {f"list: {name}": f"{LIST}?{urlencode(query)}" for name, query in queries.items()}
    newest = AuditEvent.objects.latest("pk").pk
    return found | {"one event": f"{LIST}{newest}/change/"}


def fastest_of(client: Client, path: str) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return round(min(times), 1)


def measure_download(client: Client) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    answer = cast("StreamingHttpResponse", client.get(f"{LIST}csv/"))
    line_count = 0
    byte_count = 0
    for line in cast("Iterator[bytes]", answer.streaming_content):
        line_count += 1
        byte_count += len(line)
    seconds = time.perf_counter() - start
    assert line_count >= EVENTS, line_count
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"seconds": round(seconds, 1), "mb": round(byte_count / 1e6), "memory_grown_mib": round(grown / 1024)}


def measure_expiry() -> dict[str, float]:
    old = timezone.now() - datetime.timedelta(days=settings.AUDIT_KEEP_DAYS)
    deleted_count = AuditEvent.objects.filter(at__lt=old).count()
    start = time.perf_counter()
    audit_retention.delete_expired()
    seconds = time.perf_counter() - start
    assert not AuditEvent.objects.filter(at__lt=old).exists()
    start = time.perf_counter()
    audit_retention.delete_expired()
    idle = time.perf_counter() - start
    return {"deleted": deleted_count, "seconds": round(seconds, 1), "nothing_to_do_ms": round(idle * 1000, 1)}


if __name__ == "__main__":
    sys.exit(main())
