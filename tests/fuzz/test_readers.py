"""Odd inputs for everything that reads bytes from outside. `make fuzz-readers` does the same for many minutes."""

from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from tests.fuzz.readers import READERS, SEEDS, WORDS, multipart_reader

MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEW = settings(MANY, max_examples=60)


@st.composite
def odd_inputs(draw: Callable[..., object], name: str) -> bytes:
    """A sound input with some pieces replaced, removed, repeated or put elsewhere."""
    data: bytes = draw(st.sampled_from(SEEDS[name]))  # type: ignore[assignment]
    pieces = st.sampled_from(WORDS[name]) | st.binary(max_size=6)
    change_count: int = draw(st.integers(0, 6))  # type: ignore[assignment]
    for _ in range(change_count):
        start: int = draw(st.integers(0, len(data)))  # type: ignore[assignment]
        removed_count: int = draw(st.integers(0, 20))  # type: ignore[assignment]
        piece: bytes = draw(pieces)  # type: ignore[assignment]
        times: int = draw(st.sampled_from([1, 1, 1, 3, 500]))  # type: ignore[assignment]
        data = data[:start] + piece * times + data[start + removed_count :]
    return data


@pytest.mark.parametrize("name", READERS)
def test_it_works(name: str) -> None:
    read = READERS[name]

    @MANY
    @given(data=odd_inputs(name))
    def check(data: bytes) -> None:
        read(data)

    for seed in SEEDS[name]:
        read(seed)
    check()


@pytest.mark.django_db
def test_uploads(client: Client, erin: User) -> None:
    client.force_login(erin)
    read = multipart_reader(client)

    @FEW
    @given(data=odd_inputs("multipart"))
    def check(data: bytes) -> None:
        read(data)

    for seed in SEEDS["multipart"]:
        read(seed)
    check()
