"""A client of the portal's web server, which measures how long each answer takes.

A request waits for the database at most twice, after the check of a kept connection: once on the connection that it
has, or for a write that it can do without, and once more. So within twice DATABASE_PATIENCE_SECONDS and two seconds,
every request is answered or told 503 to try again, unless the web server was killed.
"""

import hashlib
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.conf import settings

from exports.models import ExportJob
from tests.chaos.world import World

PASSWORD = "correct horse battery staple"
CSRF_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
LIMIT_SECONDS = 2 * settings.DATABASE_PATIENCE_SECONDS + 2.0
# All processes of a run share the machine with those of other runs.
LOAD_SECONDS = 2.0
BLOCK_BYTES = 64 * 1024
SIGN_IN_SHARE = 0.02
# 412: another export is running. 409, 410, 404: the file has expired in the meantime. 429: guesses are limited.
# 503: the database does not answer. 507: the disk is full.
ALLOWED = {200, 202, 302, 304, 400, 404, 409, 410, 412, 429, 503, 507}
PAGES = ("/", "/exports/", "/imports/", "/health", "/rest/api/3/task/1")


class WebClient:
    def __init__(self, world: World, email: str, token: str, counts: Counter[str]) -> None:
        self._world = world
        self._email = email
        self._token = token
        self._counts = counts
        self._session: requests.Session | None = None

    def request_export(self) -> None:
        """PUT over REST."""
        response = self._rest("PUT", "/rest/api/3/issues/archive/export", json={})
        if response.status_code == 202:
            self._counts["exports requested over REST"] += 1

    def unarchive(self, keys: list[str]) -> None:
        response = self._rest("PUT", "/rest/api/3/issue/unarchive", json={"issueIdsOrKeys": keys})
        if response.status_code == 200:
            self._counts["unarchived over REST"] += 1

    def upload(self, name: str, content: bytes) -> None:
        """Upload a file with the form of the Import page."""
        session = self._signed_in()
        page = self._ask(session, "GET", "/imports/")
        field = CSRF_FIELD.search(page.text)
        if not field:
            return
        form = {"csrfmiddlewaretoken": field[1], "on_conflict": "update"}
        with self._active("upload"):
            response = self._ask(session, "POST", "/imports/", data=form, files={"file": (name, content)})
        if response.status_code == 302:
            self._counts["uploads over HTTP"] += 1

    def look_around(self, chance: random.Random) -> None:
        """Open a page, sign in again, or download the newest file."""
        choice = chance.random()
        if choice < SIGN_IN_SHARE:
            self._session = None
        elif choice < 0.4:
            self.download()
        else:
            self._ask(self._signed_in(), "GET", chance.choice(PAGES))
            self._counts["pages"] += 1

    def download(self) -> None:
        """Download the newest file; what arrives whole must be the file that the export's row describes."""
        job = ExportJob.objects.filter(status="COMPLETE", file_removed_at=None).first()
        if job is None:
            return
        digest = hashlib.sha256()
        length = 0
        with self._active("download"), self._rest("GET", f"/exports/{job.pk}/file", stream=True) as response:
            if response.status_code != 200:
                return
            for block in response.iter_content(BLOCK_BYTES):
                digest.update(block)
                length += len(block)
                time.sleep(0.002)  # slow enough for a fault to hit it
        if length == int(response.headers["Content-Length"]):
            self._counts["downloads"] += 1
            if (digest.hexdigest(), length) != (job.sha256, job.bytes):
                self._world.report(f"{job}: the downloaded file is not the one that was published")

    def _signed_in(self) -> requests.Session:
        """A session. Raises OSError if signing in was not possible just now."""
        if self._session is not None:
            return self._session
        session = requests.Session()
        page = self._ask(session, "GET", "/sign-in")
        field = CSRF_FIELD.search(page.text)
        if not field:
            raise OSError("there is no form to sign in with")
        form = {"login": self._email, "password": PASSWORD, "csrfmiddlewaretoken": field[1]}
        response = self._ask(session, "POST", "/sign-in", data=form)
        if response.status_code != 302:
            raise OSError(f"signing in was answered with {response.status_code}")
        self._counts["sign-ins"] += 1
        self._session = session
        return session

    def _rest(self, method: str, path: str, **arguments: Any) -> requests.Response:
        with requests.Session() as session:
            session.auth = (self._email, self._token)
            return self._ask(session, method, path, **arguments)

    def _ask(self, session: requests.Session, method: str, path: str, **arguments: Any) -> requests.Response:
        """Send a request. Raises requests.RequestException, which is an OSError, if there is no answer."""
        limit = LIMIT_SECONDS + LOAD_SECONDS
        outage_count = self._world.web_outage_count
        was_up = self._world.web_is_ready.is_set()
        start = time.monotonic()
        problem = ""
        try:
            response = session.request(
                method, settings.PORTAL_URL + path, timeout=limit, allow_redirects=False, **arguments
            )
            self._counts[f"HTTP {response.status_code}"] += 1
            if response.status_code not in ALLOWED:
                problem = f"was answered with {response.status_code}"
        except requests.RequestException as error:
            problem = f"was not answered: {error}"
            raise
        finally:
            seconds = time.monotonic() - start
            if seconds > limit:
                problem = f"{problem} after {seconds:.1f} s"
            if problem and was_up and self._world.web_outage_count == outage_count:
                self._world.report(f"{method} {path} {problem} ({self._last_hits()})")
        return response

    def _last_hits(self) -> str:
        return ", ".join(hit.name for hit in self._world.hits[-3:])

    @contextmanager
    def _active(self, activity: str) -> Iterator[None]:
        event = self._world.web_activity[activity]
        event.set()
        try:
            yield
        finally:
            event.clear()
