from collections.abc import Iterator

import pytest

from tests.running import MailServer, RunningPortal, whole_portal


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[RunningPortal]:
    """Web and worker on an archive of 3,000 issues; alice is site admin."""
    with whole_portal(tmp_path_factory.mktemp("portal"), mail_server, 3000) as running:
        yield running
