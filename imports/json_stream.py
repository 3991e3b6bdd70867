"""The issues in JSON text, one after another, so that memory holds one issue and not the text.

The text is one or more documents: an issue, an array of issues, or an object whose member "issues" is such an array.
ijson would read such a text too, but replaces half of a surrogate pair by a question mark, gives up a whole document
for one byte that isn't UTF-8, and does not return an issue's own bytes (docs/decisions/0005).
"""

import codecs
import io
import json
import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from imports.limits import Limits, describe_excess

CHUNK_LENGTH = 256 * 1024  # characters
# Texts up to this length are parsed without counting their values first: they can't take much memory.
UNCOUNTED_LENGTH = 1024 * 1024
LONGEST_LITERAL = len("-Infinity")
BLANK = re.compile(r"[ \t\r\n]*")
SIGN_OR_STRING = re.compile(r'([,\[{])|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_decode = json.JSONDecoder().raw_decode

Value = tuple[Any, bytes]
TakeMembers = Callable[[Mapping[str, Any]], None]


class BrokenJson(ValueError):
    """The text isn't JSON, or ends too early. The message continues "it isn't valid JSON:"."""


class TooLarge(ValueError):
    """An issue exceeds a limit. The message is a sentence that begins with what exceeds it."""


def _ignore(_members: Mapping[str, Any]) -> None:
    pass


def read_values(pieces: Iterable[bytes], limits: Limits, take_members: TakeMembers = _ignore) -> Iterator[Value]:
    """Each issue with the text it was read from, on one line.

    At the end of each search response, `take_members` is called with its members beside the issues.

    Raises:
        BrokenJson, TooLarge: the rest can't be read; the issues before it have been yielded.
    """
    scanner = _Scanner(pieces, limits)
    try:
        yield from _read_document(scanner, take_members)
        while scanner.peek():
            scanner.expect("{", "[")
            yield from _read_document(scanner, take_members)
    except TooLarge:
        raise
    except RecursionError:
        raise BrokenJson(f"{scanner.place()} is nested too deeply") from None
    except ValueError as error:
        raise BrokenJson(str(error)) from error


class _Scanner:
    """The text, of which everything from `position` on is not read yet.

    The text grows by the next piece whenever a value does not end in it. `issue_count` is how many have been read.
    """

    def __init__(self, pieces: Iterable[bytes], limits: Limits) -> None:
        self.text = ""
        self.position = 0
        self.issue_count = 0
        self.limits = limits
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

    def expect(self, *expected: str) -> None:
        """Raises BrokenJson if the next character isn't one of the expected."""
        found = self.peek()
        if not found or found not in expected:
            raise BrokenJson(f"{' or '.join(expected)} is missing before {self._shown_at(self.position)}")

    def take(self, *expected: str) -> str:
        """The next character, which must be one of the expected."""
        self.expect(*expected)
        found = self.text[self.position]
        self.position += 1
        return found

    def value(self) -> Value:
        """The next JSON value, whole, and its text on one line."""
        self.peek()
        value, length = self._decode_whole()
        end = self.position + length
        line = _to_line(self.text, self.position, end)
        self.position = end
        self.check_size(len(line))
        if len(self.text) > UNCOUNTED_LENGTH:  # don't hold a long text while its value is used
            self._drop_read_text()
        return value, line

    def count_issue(self) -> None:
        self.issue_count += 1

    def check_size(self, size: int) -> None:
        """Raises TooLarge if an issue has more bytes, or characters, than allowed."""
        if size > self.limits.issue_bytes:
            raise TooLarge(describe_excess(f"{self.place()} has", self.limits.issue_bytes, "bytes", "ISSUE_BYTES"))

    def check_value_count(self, count: int) -> None:
        """Raises TooLarge if an issue has more values than allowed."""
        if count > self.limits.json_values:
            raise TooLarge(describe_excess(f"{self.place()} has", self.limits.json_values, "values", "JSON_VALUES"))

    def _decode_whole(self) -> tuple[Any, int]:
        """The value at the position, and how many characters it has."""
        while True:
            try:
                value, end = _decode(self.text, self.position)
            except json.JSONDecodeError as error:
                fault = error.pos - self.position
                if not self._is_cut_off(error) or not self._grow_for_value():
                    reason = error.msg.removesuffix(" at")
                    shown = self._shown_at(self.position + fault)
                    raise BrokenJson(f"{self.place()}: {reason} before {shown}") from None
                continue
            length = end - self.position
            # At the end of the text, a number may continue in the next piece.
            if end < len(self.text) or not self._grow_for_value():
                return value, length

    def _is_cut_off(self, error: json.JSONDecodeError) -> bool:
        """Whether the error may be only that the text ends before the value does."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - LONGEST_LITERAL

    def _grow_for_value(self) -> bool:
        """Add text to an incomplete value. The longer it is, the more is added: each time it is parsed again."""
        length = len(self.text) - self.position
        self.check_size(length)
        at_least = length
        if length > UNCOUNTED_LENGTH:
            at_least = max(UNCOUNTED_LENGTH, length // 4)
        has_grown = self._grow(at_least)
        if len(self.text) > UNCOUNTED_LENGTH:
            self.check_value_count(_count_values(self.text, self.limits.json_values))
        return has_grown

    def _grow(self, at_least: int = 1) -> bool:
        """Add text; False at the end."""
        self._drop_read_text()
        parts = [self.text]
        self.text = ""
        missing = max(at_least, CHUNK_LENGTH)
        while missing > 0 and not self._is_at_end:
            piece = next(self._pieces, b"")
            self._is_at_end = not piece
            part = self._decoder.decode(piece, self._is_at_end)
            parts.append(part)
            missing -= len(part)
        self.text = "".join(parts)
        return any(parts[1:])

    def _drop_read_text(self) -> None:
        self.text = self.text[self.position :]
        self.position = 0

    def place(self) -> str:
        return f"issue {self.issue_count + 1}"

    def _shown_at(self, position: int) -> str:
        return repr(self.text[position : position + 40])


def _read_document(scanner: _Scanner, take_members: TakeMembers) -> Iterator[Value]:
    if scanner.peek() == "[":
        yield from _read_elements(scanner)
    else:
        yield from _read_object(scanner, take_members)


def _read_elements(scanner: _Scanner) -> Iterator[Value]:
    scanner.take("[")
    if scanner.peek() == "]":
        scanner.take("]")
        return
    while True:
        yield scanner.value()
        scanner.count_issue()
        if scanner.take(",", "]") == "]":
            return


def _read_object(scanner: _Scanner, take_members: TakeMembers) -> Iterator[Value]:
    """The elements of the member "issues"; without that member, the object itself."""
    if scanner.peek() != "{":
        yield scanner.value()
        return
    members = _Members(scanner)
    is_page = False
    scanner.take("{")
    while scanner.peek() != "}":
        name = _read_name(scanner)
        if name == "issues" and scanner.peek() == "[":
            is_page = True
            yield from _read_elements(scanner)
        else:
            members.add(name, *scanner.value())
        if scanner.peek() != "}":
            scanner.take(",")
    scanner.take("}")
    if is_page:
        take_members(members.values)
    else:
        yield members.values, members.to_line()
        scanner.count_issue()


def _read_name(scanner: _Scanner) -> str:
    name, _ = scanner.value()
    scanner.take(":")
    if not isinstance(name, str):
        raise BrokenJson(f"{reprlib.repr(name)} isn't a valid member name")
    return name


class _Members:
    """The members of an object that may be an issue, and the texts they were read from."""

    def __init__(self, scanner: _Scanner) -> None:
        self.values: dict[str, Any] = {}
        self._scanner = scanner
        self._texts: list[bytes] = []
        self._size = 0
        self._value_count = 0

    def add(self, name: str, value: Any, line: bytes) -> None:
        """Raises TooLarge if the members together exceed a limit."""
        self._size += len(line)
        self._scanner.check_size(self._size)
        if self._size > UNCOUNTED_LENGTH:
            self._value_count += _count_values(line.decode("latin-1"), self._scanner.limits.json_values)
            self._scanner.check_value_count(self._value_count)
        self.values[name] = value
        self._texts.append(json.dumps(name).encode() + b": " + line.rstrip(b"\n"))

    def to_line(self) -> bytes:
        return b"{" + b", ".join(self._texts) + b"}\n"


def _count_values(text: str, most: int) -> int:
    """About how many values the text has, but no more than one over `most`.

    Each value but the first of a list follows a comma, or is a list or an object.
    """
    count = 0
    for match in SIGN_OR_STRING.finditer(text):
        if match.lastindex:
            count += 1
        if count > most:
            break
    return count


def _to_line(text: str, start: int, end: int) -> bytes:
    """The part of the text as one line. It is encoded bit by bit, because a long text takes four bytes a character."""
    line = io.BytesIO()
    for position in range(start, end, CHUNK_LENGTH):
        part = text[position : min(position + CHUNK_LENGTH, end)]
        part = part.replace("\r", " ").replace("\n", " ")
        line.write(part.encode("utf-8", "surrogateescape"))
    line.write(b"\n")
    return line.getvalue()
