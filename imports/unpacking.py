"""Bytes on their way from a file to a reader: somebody looks in between, and a file unpacks to no more than it may."""

import io
from collections.abc import Callable
from typing import Any

from imports.limits import describe_excess, read_limits

BUFFER_BYTES = 256 * 1024
# Whatever the ratio, so much may be unpacked: small files can be compressed very well.
FREE_BYTES = 64 * 1024 * 1024

Look = Callable[[], None]


def keep_reading() -> None:
    """The `look` of a reader whom nobody has to stop."""


class ExceedsLimit(Exception):
    """A file that can't be unpacked, because a limit is exceeded. The message continues the file's name."""


class Allowance:
    """What a compressed file, or all members of a zip archive together, may unpack to: some times `packed_bytes`."""

    def __init__(self, packed_bytes: int) -> None:
        self.packed_bytes = packed_bytes
        self._ratio = read_limits().unpack_ratio
        self._unpacked_bytes = 0

    def spend(self, count: int) -> None:
        """Raises ExceedsLimit if more bytes than allowed have been unpacked."""
        self._unpacked_bytes += count
        if self._unpacked_bytes > max(FREE_BYTES, self._ratio * self.packed_bytes):
            excess = describe_excess("it unpacks to", self._ratio, "times its size", "UNPACK_RATIO")
            raise ExceedsLimit(f"can't be imported: {excess}")


class _Watched(io.RawIOBase):
    """Reads from `source`, and calls `watch` with the number of bytes of each piece."""

    def __init__(self, source: Any, watch: Callable[[int], None]) -> None:
        self._source = source
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._source.readinto(buffer)
        self._watch(count)
        return count


def watched(source: Any, watch: Callable[[int], None]) -> "io.BufferedReader[Any]":
    """The source's bytes, in pieces of at most BUFFER_BYTES; what `watch` raises ends the reading."""
    return io.BufferedReader(_Watched(source, watch), BUFFER_BYTES)
