"""A web server of 2 processes with 4 threads each, which waits for slow clients for only 2 seconds."""

from collections.abc import Iterator

import pytest
import requests

from tests.journey.conftest import mail_server
from tests.running import MailServer, RunningPortal, whole_portal

__all__ = ["mail_server"]

LIMITS = {"WEB_REQUEST_SECONDS": "2", "WEB_STALL_SECONDS": "2", "WEB_THREADS": "4"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[RunningPortal]:
    """Web and worker on an archive of 3,000 issues; alice is site admin."""
    folder = tmp_path_factory.mktemp("portal")
    (folder / "tmp").mkdir()
    with whole_portal(folder, mail_server, 3000, LIMITS | {"TMPDIR": str(folder / "tmp")}) as running:
        yield running


@pytest.fixture(scope="module")
def alice(portal: RunningPortal) -> requests.Session:
    token = portal.manage("create_api_token", "alice@example.com", "--name", "web").splitlines()[-1]
    return portal.session("alice@example.com", token)
