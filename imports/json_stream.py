"""The issues in one JSON document, one after another, so that memory holds one and not the document.

The document is an issue, an array of issues, or an object whose member "issues" is such an array.
"""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from imports.records import UnreadableFile

CHUNK = 256 * 1024  # characters
BLANK = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode

Value = tuple[Any, bytes]


def read_values(chunks: Iterable[bytes], file: str) -> Iterator[Value]:
    """Each issue with the text it was read from, on one line.

    Raises:
        UnreadableFile: the document is no JSON, or ends too early; issues before that have been given.
    """
    scanner = _Scanner(chunks)
    try:
        yield from _read_elements(scanner) if scanner.peek() == "[" else _read_object(scanner)
        scanner.end()
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(file, f"is no JSON document: {error}. Fetch it from Jira again.") from error


class _Scanner:
    """Text from `at` on is not read yet; grows by the next chunk whenever a value does not end in it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.text, self.at = "", 0
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._is_at_end = False

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            blank = BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at < len(self.text) or not self._grow():
                return self.text[self.at : self.at + 1]

    def take(self, *expected: str) -> str:
        """The next character, which must be one of the expected."""
        found = self.peek()
        if not found or found not in expected:
            raise ValueError(f"{' or '.join(expected)} is missing before {self.rest()!r}")
        self.at += 1
        return found

    def end(self) -> None:
        if self.peek():
            raise ValueError(f"something stands behind its end: {self.rest()!r}")

    def rest(self) -> str:
        return self.text[self.at : self.at + 40]

    def value(self) -> Value:
        """The next JSON value, whole, and its text on one line."""
        self.peek()
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except ValueError:
                if not self._grow(at_least=len(self.text) - self.at):
                    raise
                continue
            if end < len(self.text) or not self._grow():  # a number may go on in the next chunk
                break
        raw, self.at = self.text[self.at : end], end
        return value, raw.replace("\r", " ").replace("\n", " ").encode("utf-8", "surrogateescape") + b"\n"

    def _grow(self, at_least: int = 1) -> bool:
        """Twice as much text at a time, so that a long value is not tried again too often."""
        parts, missing = [self.text[self.at :]], max(at_least, CHUNK)
        while missing > 0 and not self._is_at_end:
            chunk = next(self._chunks, b"")
            self._is_at_end = not chunk
            parts.append(self._decoder.decode(chunk, self._is_at_end))
            missing -= len(parts[-1])
        self.text, self.at = "".join(parts), 0
        return any(parts[1:])


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
    """The elements of the member "issues" or, without it, the object itself."""
    if scanner.peek() != "{":
        yield scanner.value()
        return
    members, is_page = list[tuple[Any, Any]](), False
    scanner.take("{")
    while scanner.peek() != "}":
        name, _ = scanner.value()
        scanner.take(":")
        if name == "issues" and scanner.peek() == "[":
            is_page = True
            yield from _read_elements(scanner)
        else:
            members.append((name, scanner.value()[0]))
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")
    if not is_page:
        issue = dict(members)
        yield issue, json.dumps(issue).encode() + b"\n"
