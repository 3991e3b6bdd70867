"""Texts that clients send: whether a database can hold them, and how error sentences show them."""

import re
import reprlib
from collections.abc import Iterable

LONGEST_SHOWN = 80  # characters
UNUSABLE = re.compile("[\0\ud800-\udfff]")


def is_usable(text: str) -> bool:
    """Whether a database can hold the text and it is not blank: JSON strings may contain NUL and lone surrogates."""
    return bool(text.strip()) and UNUSABLE.search(text) is None


def quoted(texts: Iterable[str]) -> str:
    """The texts in quotation marks, with commas between them."""
    return ", ".join(map(shown, texts))


def shown(value: object) -> str:
    """A value of a body as an error sentence shows it, in quotation marks."""
    text = value if isinstance(value, str) else reprlib.repr(value)
    return f"'{printable(text)}'"


def printable(text: str) -> str:
    """The text without what cannot be sent (lone surrogates, NUL), shortened to LONGEST_SHOWN characters."""
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    if len(text) > LONGEST_SHOWN:
        return text[: LONGEST_SHOWN - 1] + "…"
    return text
