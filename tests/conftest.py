"""The users in the tests: alice (site admin), bob (Jira admin), carol (reviewer), erin (importer) and dave (no
role)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils.module_loading import import_string
from django_q.models import OrmQ
from rest_framework.test import APIClient

from accounts.audit_triggers import TABLE
from accounts.models import ApiToken, User
from accounts.permissions import Role
from tests.rest_client import ClientOf, basic

TRIGGER_AGAINST_FLUSH = {
    "postgresql": f"DROP TRIGGER IF EXISTS audit_no_truncate ON {TABLE}",
    "sqlite": "DROP TRIGGER IF EXISTS audit_no_early_delete",
}
PASSWORD = "correct horse battery staple"
# What takes longest, in this order. It begins first, so that the run does not end with one process that is still busy.
SLOWEST = ("test_every_page.py", "test_chaos.py", "test_clients.py", "test_main_path.py", "test_database_away.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    if item.path.name in SLOWEST:
        return SLOWEST.index(item.path.name)
    if item.get_closest_marker("processes"):
        return len(SLOWEST)
    return len(SLOWEST) + 1


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    """Serve static files without collectstatic."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> Path:
    """Give each test a DATA_DIR of its own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hasher is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def flush_of_the_audit_trail() -> Iterator[None]:
    """Let Django empty the database after a transactional test, which the audit trail's trigger would refuse.

    Django sends post_migrate afterwards, which creates the trigger again.
    """
    usual = connection.ops.execute_sql_flush

    def flush(sql_list: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(TRIGGER_AGAINST_FLUSH[connection.vendor])
        usual(sql_list)

    connection.ops.execute_sql_flush = flush  # type: ignore[method-assign]
    yield
    connection.ops.execute_sql_flush = usual  # type: ignore[method-assign]


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice@example.com", PASSWORD, name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com", PASSWORD, name="Bob", roles=[Role.JIRA_ADMIN])


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create_user("carol@example.com", PASSWORD, name="Carol", roles=[Role.REVIEWER])


@pytest.fixture
def erin(db: None) -> User:
    return User.objects.create_user("erin@example.com", PASSWORD, name="Erin", roles=[Role.IMPORTER])


@pytest.fixture
def dave(db: None) -> User:
    return User.objects.create_user("dave@example.com", PASSWORD, name="Dave")


@pytest.fixture
def client_of() -> ClientOf:
    """Returns a REST client that sends this user's email and an API token."""

    def make(user: User) -> APIClient:
        _, token = ApiToken.objects.create_key(user=user, name="test", scope="read:jira-work write:jira-work")
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=basic(user.email, token))
        return client

    return make


@pytest.fixture
def run_queue() -> Callable[[], None]:
    """Does what waits in the queue, as a worker would."""

    def run() -> None:
        for message in OrmQ.objects.order_by("pk"):
            task: Any = message.task
            import_string(task["func"])(*task["args"], **task["kwargs"])
            message.delete()

    return run
