from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import MailServer, RunningPortal, new_database


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, mail_server: MailServer) -> Iterator[RunningPortal]:
    """Web and worker on an archive of 3,000 issues; alice is site admin."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with new_database(folder) as database_url:
        running = RunningPortal(folder, database_url, f"smtp://127.0.0.1:{mail_server.controller.port}")
        running.manage("migrate", "-v0")
        running.manage("collectstatic", "--no-input", "-v0")
        running.manage("create_admin", "alice@example.com")
        running.manage("seed_issues", "3000")
        running.start_worker()
        running.start_web()
        try:
            yield running
        finally:
            codes = {name: running.stop(name) for name in list(running.processes)}
        assert codes == {"worker": 0, "web": 0}
