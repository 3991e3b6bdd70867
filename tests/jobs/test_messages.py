"""Queue messages are pickled, so a worker reads only those that were signed with SECRET_KEY."""

from typing import Any

import pytest
from django.core.signing import BadSignature
from django_q.models import OrmQ
from django_q.signing import SignedPackage
from django_q.tasks import async_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> str:
    async_task("accounts.tasks.send_notice", "subject", "body", "bob@example.com")  # type: ignore[no-untyped-call]
    return str(OrmQ.objects.get().payload)


def test_it_works(message: str) -> None:
    task: Any = SignedPackage.loads(message)
    assert task["args"] == ("subject", "body", "bob@example.com")


@pytest.mark.parametrize("position", [0, 20, -1])
def test_a_message_that_was_changed_is_not_read(message: str, position: int) -> None:
    other = "A"
    if message[position] == other:
        other = "B"
    characters = list(message)
    characters[position] = other
    with pytest.raises(BadSignature):
        SignedPackage.loads("".join(characters))
