"""The issues in one JSON document, one after another, so that memory holds one issue and not the document.

The document is an issue, an array of issues, or an object whose member "issues" is such an array.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from imports.records import UnreadableFile

CHUNK_LENGTH = 256 * 1024  # characters
BLANK = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode

Value = tuple[Any, bytes]


def read_values(pieces: Iterable[bytes], file: str) -> Iterator[Value]:
    """Each issue with the text it was read from, on one line.

    Raises:
        UnreadableFile: the document isn't valid JSON, or ends too early; the issues before that have been yielded.
    """
    scanner = _Scanner(pieces)
    try:
        if scanner.peek() == "[":
            yield from _read_elements(scanner)
        else:
            yield from _read_object(scanner)
        scanner.expect_end()
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(file, f"isn't valid JSON: {error}. Export it from Jira again.") from error


class _Scanner:
    """The document's text, of which everything from `position` on is not read yet.

    The text grows by the next piece whenever a value does not end in it.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.text = ""
        self.position = 0
        self._pieces = iter(pieces)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._is_at_end = False

    def peek(self) -> str:
        """The next character that isn't blank; "" at the end."""
        while True:
            blank = BLANK.match(self.text, self.position)
            if blank:
                self.position = blank.end()
            if self.position < len(self.text) or not self._grow():
                return self.text[self.position : self.position + 1]

    def take(self, *expected: str) -> str:
        """The next character, which must be one of the expected."""
        found = self.peek()
        if not found or found not in expected:
            raise ValueError(f"{' or '.join(expected)} is missing before {self._shown_rest()}")
        self.position += 1
        return found

    def expect_end(self) -> None:
        if self.peek():
            raise ValueError(f"unexpected text after the end: {self._shown_rest()}")

    def value(self) -> Value:
        """The next JSON value, whole, and its text on one line."""
        self.peek()
        value, length = self._decode_whole()
        end = self.position + length
        line = self.text[self.position : end]
        self.position = end
        line = line.replace("\r", " ").replace("\n", " ")
        return value, line.encode("utf-8", "surrogateescape") + b"\n"

    def _decode_whole(self) -> tuple[Any, int]:
        """The value at the position, and how many characters it has."""
        while True:
            try:
                value, end = _decode(self.text, self.position)
            except ValueError:
                if not self._grow(at_least=len(self.text) - self.position):
                    raise
                continue
            length = end - self.position
            # At the end of the text, a number may continue in the next piece.
            if end < len(self.text) or not self._grow():
                return value, length

    def _grow(self, at_least: int = 1) -> bool:
        """Add text; False at the end. Callers double it, so that a long value is not tried too often."""
        parts = [self.text[self.position :]]
        missing = max(at_least, CHUNK_LENGTH)
        while missing > 0 and not self._is_at_end:
            piece = next(self._pieces, b"")
            self._is_at_end = not piece
            part = self._decoder.decode(piece, self._is_at_end)
            parts.append(part)
            missing -= len(part)
        self.text = "".join(parts)
        self.position = 0
        return any(parts[1:])

    def _shown_rest(self) -> str:
        return repr(self.text[self.position : self.position + 40])


def _read_elements(scanner: _Scanner) -> Iterator[Value]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        yield scanner.value()
        if scanner.take(",", "]") == "]":
            return


def _read_object(scanner: _Scanner) -> Iterator[Value]:
    """The elements of the member "issues"; without that member, the object itself."""
    if scanner.peek() != "{":
        yield scanner.value()
        return
    members: dict[Any, Any] = {}
    is_page = False
    scanner.take("{")
    while scanner.peek() != "}":
        name, _ = scanner.value()
        scanner.take(":")
        if name == "issues" and scanner.peek() == "[":
            is_page = True
            yield from _read_elements(scanner)
        else:
            member, _ = scanner.value()
            if not isinstance(name, str):
                raise ValueError(f"{name!r} isn't a valid member name")
            members[name] = member
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")
    if not is_page:
        yield members, json.dumps(members).encode() + b"\n"
