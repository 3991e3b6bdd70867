"""A file's bytes as lines or pieces, each no longer than memory allows."""

from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from typing import Any

PIECE_BYTES = 256 * 1024
# From so many blank lines in a row on, they are skipped by the piece, which costs too much for a single one.
MANY_BLANK_LINES = 50


class LineReader:
    """Reads lines with their line ends. `number` is the number of the line that was read last, from 1 on.

    `blank`: the characters that a line may consist of to count as blank.
    """

    def __init__(self, stream: "BufferedReader[Any]", blank: bytes) -> None:
        self.number = 0
        self._stream = stream
        self._blank = blank
        self._is_at_start_of_line = True

    def read(self, max_bytes: int) -> bytes:
        """The next line, or its first `max_bytes` bytes; b"" at the end of the file."""
        if self._is_at_start_of_line:
            self.number += 1
        line = self._stream.readline(max_bytes)
        self._is_at_start_of_line = line.endswith(b"\n")
        return line

    def read_filled(self, max_bytes: int) -> bytes:
        """The next line that isn't blank, as `read` returns it."""
        blank_count = 0
        while True:
            line = self.read(max_bytes)
            if not line or line.strip(self._blank):
                return line
            blank_count += 1
            if blank_count % MANY_BLANK_LINES == 0:
                self._skip_blank_pieces()

    def read_until(self, sign: bytes, max_bytes: int) -> bytes:
        """As many whole lines without the sign as can be had at once; if the next one has it, as `read`."""
        piece = self._stream.peek()
        end = piece.find(sign)
        if end < 0:
            end = len(piece)
        end = piece.rfind(b"\n", 0, min(end, max_bytes)) + 1
        if not end:
            return self.read(max_bytes)
        lines = self._stream.read(end)
        self.number += lines.count(b"\n")
        return lines

    def rest_of_line(self) -> Iterator[bytes]:
        """The pieces of a line of which `read` has returned the first bytes."""
        while not self._is_at_start_of_line:
            piece = self._stream.readline(PIECE_BYTES)
            if not piece:
                return
            self._is_at_start_of_line = piece.endswith(b"\n")
            yield piece

    def rest_of_file(self) -> Iterator[bytes]:
        """The pieces of everything that has not been read yet."""
        return iter(partial(self._stream.read, PIECE_BYTES), b"")

    def _skip_blank_pieces(self) -> None:
        """Go to the line that follows the blank lines here, or near it."""
        is_all_blank = self._is_at_start_of_line
        while is_all_blank:
            piece = self._stream.peek()
            blank_bytes = len(piece) - len(piece.lstrip(self._blank))
            end = piece.rfind(b"\n", 0, blank_bytes) + 1
            self._stream.read(end)
            self.number += piece.count(b"\n", 0, end)
            is_all_blank = 0 < end == len(piece)
