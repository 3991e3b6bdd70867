"""Numbers in URLs."""

import pytest
from django.core.exceptions import BadRequest
from django.http import QueryDict

from core.paging import is_id, read_number


@pytest.mark.parametrize(("text", "expected"), [("1", True), ("9" * 18, True), ("9" * 19, False), ("-1", False)])
def test_an_id_is_a_decimal_number_that_fits_a_bigint(text: str, expected: bool) -> None:
    assert is_id(text) is expected


@pytest.mark.parametrize("text", ["", "x", "1.5", " 1", "²", "٣"])
def test_anything_else_is_not_an_id(text: str) -> None:
    assert not is_id(text)


@pytest.mark.parametrize(("query", "number"), [("", 0), ("before=", 0), ("before=42", 42)])
def test_a_missing_number_is_0(query: str, number: int) -> None:
    assert read_number(QueryDict(query), "before") == number


def test_a_wrong_number_is_a_bad_request() -> None:
    with pytest.raises(BadRequest):
        read_number(QueryDict("before=x"), "before")
