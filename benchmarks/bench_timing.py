"""`make bench-timing`: does the time of an answer tell a stranger who has an account, or which token exists?

Sends BENCH_TRIES (2,000) requests of each of two kinds, in random order, to a running portal on SQLite or on the
PostgreSQL of DATABASE_URL. The time is that from the first byte of the request to the last of the answer. All of them
are refused, and none is throttled: the counters are emptied before each. Fails if a Mann-Whitney test finds a
difference at 1 %. Words on the command line choose comparisons whose names contain one of them; the results of the
others are kept.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
_folder = tempfile.TemporaryDirectory(prefix="bench-")
os.environ["DATA_DIR"] = _folder.name
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_folder.name}/portal.sqlite3")
os.environ["SECRET_KEY"] = "test" * 20
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application
from scipy import stats

from accounts.models import ApiToken, FailedAttempts, User
from accounts.permissions import Role
from benchmarks.measure import read_facts, save
from tests.running import RunningPortal

TRIES = int(os.environ.get("BENCH_TRIES", "2000"))
WARM_UP = 20
LEAST_P = 0.01
PASSWORD = "correct horse battery staple"
TASK = "/rest/api/3/task/1"
USERS = 200
NO_HEADERS: Mapping[str, str] = {}

Send = Callable[[], int]


@dataclass(frozen=True)
class Comparison:
    """Two kinds of requests that must take the same time, and the status of every answer to them."""

    name: str
    status: int
    known: Send
    unknown: Send


class TooBusy(Exception):
    """The machine has so much else to do that the portal gave up. The request doesn't count."""


class Stranger:
    """Sends each request over a connection that was made before."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port)
        self.connect()
        self._form_headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._ask("GET", "/sign-in")
        cookie = answer[1]["Set-Cookie"].partition(";")[0]
        self._form_headers["Cookie"] = cookie
        self._form_token = cookie.partition("=")[2]

    def connect(self) -> None:
        self._connection.close()
        self._connection.connect()

    def post(self, path: str, **form: str) -> int:
        body = urlencode(form | {"csrfmiddlewaretoken": self._form_token})
        return self._ask("POST", path, body, self._form_headers)[0]

    def get_with(self, authorization: str) -> int:
        return self._ask("GET", TASK, headers={"Authorization": authorization})[0]

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> tuple[int, HTTPMessage]:
        self._connection.request(method, path, body, {"Host": "localhost", **headers})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise TooBusy(content[-300:])
        return answer.status, answer.headers


def basic(email: str, token: str) -> str:
    return "Basic " + b64encode(f"{email}:{token}".encode()).decode()


def make_users() -> list[User]:
    """People with a password, an API token and an access token."""
    password = User()
    password.set_password(PASSWORD)
    users = []
    for number in range(USERS):
        user = User.objects.create_user(f"person-{number:03}@example.com", roles=[Role.JIRA_ADMIN])
        user.password = password.password
        user.save()
        users.append(user)
    return users


def comparisons(stranger: Stranger, users: list[User]) -> Iterator[Comparison]:
    prefixes = []
    for user in users:
        _, secret = ApiToken.objects.create_key(user=user, name="bench", scope="read:jira-work")
        prefixes.append(secret.partition(".")[0])
    application = Application.objects.create(
        user=users[0], client_type="confidential", authorization_grant_type="client-credentials"
    )
    for number in range(USERS):
        AccessToken.objects.create(
            application=application, token=f"expired-{number:03}", expires=timezone.now(), scope="read:jira-work"
        )

    def somebody() -> str:
        return random.choice(users).email

    def nobody() -> str:
        return f"nobody-{random.randrange(USERS):03}@example.com"

    def no_prefix() -> str:
        return f"{random.randrange(10**8):08}"

    wrong = "x" * 32
    yield Comparison(
        "sign-in: email of a user, email of nobody",
        200,
        lambda: stranger.post("/sign-in", login=somebody(), password="wrong password"),
        lambda: stranger.post("/sign-in", login=nobody(), password="wrong password"),
    )
    yield Comparison(
        "password reset: email of a user, email of nobody",
        302,
        lambda: stranger.post("/sign-in/reset", email=somebody()),
        lambda: stranger.post("/sign-in/reset", email=nobody()),
    )
    yield Comparison(
        "API token: email of a user, email of nobody",
        401,
        lambda: stranger.get_with(basic(somebody(), f"{no_prefix()}.{wrong}")),
        lambda: stranger.get_with(basic(nobody(), f"{no_prefix()}.{wrong}")),
    )
    yield Comparison(
        "API token: prefix of a token, prefix of none",
        401,
        lambda: stranger.get_with(basic(nobody(), f"{random.choice(prefixes)}.{wrong}")),
        lambda: stranger.get_with(basic(nobody(), f"{no_prefix()}.{wrong}")),
    )
    yield Comparison(
        "access token: an expired one, an unknown one",
        401,
        lambda: stranger.get_with(f"Bearer expired-{random.randrange(USERS):03}"),
        lambda: stranger.get_with(f"Bearer unknown-{random.randrange(USERS):03}"),
    )


def measure(stranger: Stranger, comparison: Comparison) -> dict[str, float]:
    """The seconds of both kinds: medians, and the probability of such a difference if there is none."""
    kinds = {"known": comparison.known, "unknown": comparison.unknown}
    order = ["known", "unknown"] * WARM_UP
    later = ["known", "unknown"] * TRIES
    random.shuffle(later)
    seconds: dict[str, list[float]] = {"known": [], "unknown": []}
    for number, kind in enumerate(order + later):
        FailedAttempts.objects.all().delete()
        stranger.connect()
        start = time.perf_counter()
        try:
            status = kinds[kind]()
        except TooBusy as error:
            print(error, file=sys.stderr)
            continue
        taken = time.perf_counter() - start
        assert status == comparison.status, f"{comparison.name}: {status}"
        if number >= len(order):
            seconds[kind].append(taken)
    p = stats.mannwhitneyu(seconds["known"], seconds["unknown"]).pvalue
    return {
        "tries": min(map(len, seconds.values())),
        "known_ms": round(statistics.median(seconds["known"]) * 1000, 3),
        "unknown_ms": round(statistics.median(seconds["unknown"]) * 1000, 3),
        "p": round(float(p), 4),
    }


@contextmanager
def running_portal() -> Iterator[RunningPortal]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    portal = RunningPortal(Path(_folder.name), os.environ["DATABASE_URL"], "console:")
    portal.environment["LOG_LEVEL"] = "CRITICAL"
    portal.start_web()
    try:
        yield portal
    finally:
        portal.stop("web")


def main() -> None:
    chosen = sys.argv[1:]
    name = f"timing_{connection.vendor}"
    facts = {}
    if chosen:
        facts = read_facts(name)["comparisons"]
    with running_portal() as portal:
        stranger = Stranger(portal.port)
        for comparison in comparisons(stranger, make_users()):
            if chosen and not any(word in comparison.name for word in chosen):
                continue
            found = measure(stranger, comparison)
            facts[comparison.name] = found
            save(name, [], {}, comparisons=facts)
            print(f"{comparison.name:52} {found['known_ms']:8} {found['unknown_ms']:8} ms  p {found['p']}", flush=True)
    told = [name for name, found in facts.items() if found["p"] <= LEAST_P]
    if told:
        sys.exit(f"the time tells: {told}")


if __name__ == "__main__":
    main()
