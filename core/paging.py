"""Numbers in addresses, by which pages are asked for."""

from django.core.exceptions import BadRequest
from django.http import QueryDict

LONGEST_ID = 18  # decimal digits that fit any database's bigint


def is_id(text: str) -> bool:
    """Whether the text is a number that a database's bigint can hold."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID


def read_number(query: QueryDict, name: str) -> int:
    """The number of this parameter; 0 if there is none.

    Raises:
        BadRequest: it is not a number. Only our own links carry one.
    """
    text = query.get(name, "")
    if text and not is_id(text):
        raise BadRequest("not a number")
    return int(text or 0)
