"""The lines of a CSV file for Python's csv module, one record after another, each no larger than memory allows."""

import re
from collections.abc import Iterator
from io import BufferedReader
from typing import Any

from imports.limits import Limits, describe_excess
from imports.line_reader import LineReader
from imports.records import UnreadableFile

BOM = "\ufeff"
LINE_ENDS = b"\r\n"
QUOTE = b'"'
# From this size on, lines of a record are read many at once.
LONG_RECORD_BYTES = 64 * 1024
# The cells of smaller records aren't counted before they are parsed: they can't take much memory.
UNCOUNTED_BYTES = 1024 * 1024


def decode(line: bytes) -> str:
    """Bytes that aren't UTF-8 become lone surrogates, which `ReadContext.text` refuses."""
    return line.decode("utf-8", "surrogateescape")


class CsvLines:
    """An iterator of lines. Whoever has read a record from it calls `take_record` then.

    `first_number` is the number of the record's first line. The first record is the header, which has a limit of its
    own. Blank lines between records are left out.
    """

    def __init__(self, stream: "BufferedReader[Any]", file: str, limits: Limits) -> None:
        self.first_number = 1
        self._lines = LineReader(stream, LINE_ENDS)
        self._file = file
        self._limits = limits
        self._record = bytearray()
        self._is_header = True
        self._delimiter = b","
        self._max_bytes = limits.header_bytes
        self._next_check = min(UNCOUNTED_BYTES, self._max_bytes)
        self._first_line = ""

    def read_first(self) -> str:
        """The file's first line that isn't blank. The iterator will return it, too."""
        self._first_line = decode(self._read()).removeprefix(BOM)
        return self._first_line

    def begin(self, delimiter: str) -> None:
        """Have cells counted by this delimiter."""
        self._delimiter = delimiter.encode()

    def take_record(self) -> bytes:
        """The bytes of the record's lines. The next line begins another record."""
        record = bytes(self._record)
        self._record = bytearray()
        self._is_header = False
        self._max_bytes = self._limits.issue_bytes
        self._next_check = min(UNCOUNTED_BYTES, self._max_bytes)
        return record

    def describe_long_text(self) -> str:
        """Why the record can't be read if the csv module finds a cell too long; continues the file's name."""
        return self._describe("a cell of", self._limits.text_characters, "characters", "TEXT_CHARACTERS")

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._first_line:
            line = self._first_line
            self._first_line = ""
            return line
        raw = self._read()
        if not raw:
            raise StopIteration
        return decode(raw)

    def _read(self) -> bytes:
        """The next line of the record. Raises UnreadableFile if the record exceeds a limit."""
        max_bytes = self._max_bytes - len(self._record) + 1
        if len(self._record) > LONG_RECORD_BYTES:
            line = self._lines.read_until(QUOTE, max_bytes)  # the record goes on inside of a cell
        elif self._record:
            line = self._lines.read(max_bytes)
        else:
            line = self._lines.read_filled(max_bytes)
            self.first_number = self._lines.number
        self._record += line
        if len(self._record) > self._next_check:
            self._check()
        return line

    def _check(self) -> None:
        """Raises UnreadableFile if the record exceeds a limit."""
        size = len(self._record)
        if size > self._max_bytes:
            setting = "ISSUE_BYTES"
            if self._is_header:
                setting = "HEADER_BYTES"
            raise UnreadableFile(self._file, self._describe("a record of", self._max_bytes, "bytes", setting))
        if size > UNCOUNTED_BYTES and self._count_cells() > self._limits.columns:
            raise UnreadableFile(self._file, self._describe("a record of", self._limits.columns, "cells", "COLUMNS"))
        self._next_check = min(size + max(UNCOUNTED_BYTES, size // 4), self._max_bytes)

    def _count_cells(self) -> int:
        """How many cells the record has; if they are more than allowed, one more than that."""
        count = 1
        for match in re.finditer(b"(" + re.escape(self._delimiter) + rb')|"[^"]*+"?', self._record):
            if match.lastindex:
                count += 1
            if count > self._limits.columns:
                break
        return count

    def _describe(self, what: str, limit: int, unit: str, setting: str) -> str:
        excess = describe_excess(f"from line {self.first_number} on it has {what}", limit, unit, setting)
        return f"can't be imported: {excess} Otherwise look for a quotation mark that is missing there."
