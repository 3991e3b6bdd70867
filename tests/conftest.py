"""The people of the tests: alice the site admin, bob the Jira admin, carol staff who may only look, dave nobody."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from exports.reviewers import GROUP_NAME

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    """Pages under test need no collectstatic."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}


@pytest.fixture(autouse=True)
def data_folder(settings: Any, tmp_path: Path) -> Path:
    """No test's files meet another's, nor the portal's that was set up here."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """The real hasher is slow on purpose."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice@example.com", PASSWORD, name="Alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob@example.com", PASSWORD, name="Bob", role=User.Role.JIRA_ADMIN)


@pytest.fixture
def carol(db: None) -> User:
    user = User.objects.create_user("carol@example.com", PASSWORD, name="Carol", is_staff=True)
    user.groups.add(Group.objects.get(name=GROUP_NAME))
    return user


@pytest.fixture
def dave(db: None) -> User:
    return User.objects.create_user("dave@example.com", PASSWORD, name="Dave")
