"""Numbers in URLs: object IDs and the position of a page."""

from django.core.exceptions import BadRequest
from django.http import QueryDict

MAX_ID_DIGITS = 18  # any such number fits a bigint


def is_id(text: str) -> bool:
    """Whether the text is a decimal number that fits a bigint column."""
    return text.isascii() and text.isdecimal() and len(text) <= MAX_ID_DIGITS


def read_number(query: QueryDict, name: str) -> int:
    """The number in this query parameter; 0 if it is missing or empty.

    Raises:
        BadRequest: it is not a number. Only the portal's own links have these parameters, so no form can explain it.
    """
    text = query.get(name, "")
    if text and not is_id(text):
        raise BadRequest("not a number")
    return int(text or 0)
