"""A database that falls silent: TCP works, and no answer comes. The web server answers 503 in time, and recovers."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.db import connection

from tests.chaos.relay import Relay
from tests.running import RunningPortal, prepared_database, wait_for

pytestmark = pytest.mark.processes

PATIENCE = 2
LIMIT_SECONDS = 20  # a busy machine is slow, but no request hangs
READY = "/health/ready"


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A network between the portal and the server."""
    host = str(connection.settings_dict["HOST"])
    if not host.startswith("/"):
        pytest.skip("needs a PostgreSQL server with a socket on this machine")
    network = Relay(f"{host}/.s.PGSQL.5432")
    yield network
    network.close()


@pytest.fixture
def portal(relay: Relay, tmp_path: Path) -> Iterator[RunningPortal]:
    with prepared_database(tmp_path) as url:
        name = url.rpartition("/")[2]
        running = RunningPortal(tmp_path, f"postgresql://postgres@127.0.0.1:{relay.port}/{name}", "console:")
        running.environment |= {"DATABASE_PATIENCE_SECONDS": str(PATIENCE), "WEB_CONCURRENCY": "1", "WEB_THREADS": "2"}
        running.start_web()
        assert requests.get(running.url + READY, timeout=LIMIT_SECONDS).status_code == 200
        yield running
        relay.resume()
        running.stop("web")


def test_a_kept_connection_that_fell_silent_is_replaced(portal: RunningPortal, relay: Relay) -> None:
    assert relay.silence() > 0
    assert requests.get(portal.url + READY, timeout=LIMIT_SECONDS).status_code == 200


def test_a_silent_database_is_answered_with_503(portal: RunningPortal, relay: Relay) -> None:
    relay.pause()
    began = time.monotonic()
    assert requests.get(portal.url + READY, timeout=LIMIT_SECONDS).status_code == 503
    assert time.monotonic() - began > 1
    relay.resume()
    wait_for(lambda: requests.get(portal.url + READY, timeout=LIMIT_SECONDS).ok, "the portal recovers")
