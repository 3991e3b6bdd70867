"""One byte range of a file (RFC 9110, 14), so that a broken download goes on where it stopped."""

import re
from typing import BinaryIO

RANGE_FORM = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII | re.IGNORECASE)
BOM = b"\xef\xbb\xbf"


class Unsatisfiable(Exception):
    """The range asked for begins at or after the end (416)."""


def wanted_range(header: str | None, if_range: str | None, *, etag: str, length: int) -> tuple[int, int] | None:
    """The range to send as (first byte, byte count); None: send the whole.

    Whole, too, for what a server may pass over: another unit, several ranges, what cannot be read
    (14.2), and an If-Range that is not exactly this strong ETag (13.1.5); we give no dates.

    Raises:
        Unsatisfiable: readable, but outside of the file.
    """
    match = RANGE_FORM.fullmatch((header or "").replace(" ", ""))
    if match is None or (if_range is not None and if_range.strip() != etag):
        return None
    first, last = match.groups()
    if not first:
        return _suffix(last, length)
    start, end = int(first), min(int(last or length), length - 1)
    if last and int(last) < start:
        return None
    if start >= length:
        raise Unsatisfiable
    return start, end - start + 1


def _suffix(count: str, length: int) -> tuple[int, int] | None:
    """The last `count` bytes, or the whole file if it has fewer (14.1.2)."""
    if not count:
        return None
    size = min(int(count), length)
    if size == 0:
        raise Unsatisfiable
    return length - size, size


class Slice:
    """`count` bytes of a file from `start` on; closing it closes the file."""

    def __init__(self, file: "Readable", start: int, count: int) -> None:
        file.seek(start)
        self.file, self.left = file, count
        if hasattr(file, "fileno"):  # the web server sends from the descriptor itself, without a copy
            self.fileno = file.fileno

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        block = self.file.read(wanted) if wanted else b""
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()


class AfterBom:
    """A file behind a UTF-8 byte order mark, by which Excel knows the encoding."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.position = file, 0

    def seek(self, position: int) -> int:
        """Go to a byte, counted from the mark's first."""
        self.position = position
        self.file.seek(max(0, position - len(BOM)))
        return position

    def read(self, size: int = -1) -> bytes:
        mark = BOM[self.position :]
        block = mark + self.file.read() if size < 0 else mark[:size] or self.file.read(size)
        self.position += len(block)
        return block

    def close(self) -> None:
        self.file.close()


Readable = BinaryIO | AfterBom
