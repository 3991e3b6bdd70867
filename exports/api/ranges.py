"""One byte range of a file (RFC 9110, 14), so that an interrupted download can be resumed."""

import re
from typing import BinaryIO

RANGE_FORM = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)
BOM = b"\xef\xbb\xbf"

ByteRange = tuple[int, int]
"""(position of the first byte, number of bytes)"""


class Unsatisfiable(Exception):
    """The requested range starts at or after the end of the file (416)."""


def requested_range(header: str | None, if_range: str | None, *, etag: str, length: int) -> ByteRange | None:
    """The range that the headers Range and If-Range ask for; None means the whole file.

    The whole file is also sent in the cases in which a server may ignore Range: another unit, several ranges or a
    syntax error (14.2), and an If-Range that is not exactly this strong ETag (13.1.5; the portal sends no dates).

    Raises:
        Unsatisfiable: the range starts after the end of the file.
    """
    match = RANGE_FORM.fullmatch((header or "").replace(" ", ""))
    if match is None:
        return None
    if if_range is not None and if_range.strip() != etag:
        return None
    first, last = match.groups()
    if not first:
        return _suffix(last, length)
    return _from_position(int(first), last, length)


def _from_position(start: int, last: str, length: int) -> ByteRange | None:
    """The bytes from `start` to `last`, or to the end of the file if that is empty or beyond the end."""
    end = length - 1
    if last:
        if int(last) < start:
            return None
        end = min(int(last), end)
    if start >= length:
        raise Unsatisfiable
    return start, end - start + 1


def _suffix(count: str, length: int) -> ByteRange | None:
    """The last `count` bytes, or the whole file if it is shorter (14.1.2)."""
    if not count:
        return None
    size = min(int(count), length)
    if size == 0:
        raise Unsatisfiable
    return length - size, size


class Slice:
    """`count` bytes of a file, starting at `start`. Closing it closes the file."""

    def __init__(self, file: "Readable", start: int, count: int) -> None:
        file.seek(start)
        self.file = file
        self.left = count
        if hasattr(file, "fileno"):  # lets the web server send from the file descriptor, without a copy
            self.fileno = file.fileno

    def read(self, size: int = -1) -> bytes:
        if self.left == 0:
            return b""
        wanted = self.left
        if size >= 0:
            wanted = min(size, self.left)
        block = self.file.read(wanted)
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()


class AfterBom:
    """A file with a UTF-8 byte order mark in front, by which Excel recognises the encoding."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.position = 0

    def seek(self, position: int) -> int:
        """Go to a byte, counted from the mark's first."""
        self.position = position
        self.file.seek(max(0, position - len(BOM)))
        return position

    def read(self, size: int = -1) -> bytes:
        mark = BOM[self.position :]
        if size < 0:
            block = mark + self.file.read()
        elif mark:
            block = mark[:size]
        else:
            block = self.file.read(size)
        self.position += len(block)
        return block

    def close(self) -> None:
        self.file.close()


Readable = BinaryIO | AfterBom
