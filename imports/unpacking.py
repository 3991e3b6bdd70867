"""Bytes on their way from a file to a reader: somebody looks in between, and a file unpacks to no more than it may."""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from imports.limits import describe_excess, read_limits

BUFFER_BYTES = 256 * 1024
# Whatever the ratio, so much may be unpacked: small files can be compressed very well.
FREE_BYTES = 64 * 1024 * 1024

Look = Callable[[], None]


def keep_reading() -> None:
    """The `look` of a reader whom nobody has to stop."""


class CannotRead(Exception):
    """A file can't be read to its end. The message continues the file's name."""


class ExceedsLimit(CannotRead):
    """The file, or what is in it, exceeds a limit."""


@contextmanager
def reading() -> Iterator[None]:
    """Raise CannotRead for what goes wrong while the body opens, reads or unpacks a file.

    What goes wrong with other files, such as those that an import writes meanwhile, must not be taken for it.
    """
    try:
        yield
    except (EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise CannotRead(f"is damaged: {error}. Copy it again.") from error
    except RuntimeError as error:  # zipfile: a password, or a rare compression
        raise CannotRead(f"can't be unpacked: {error}. Unpack it yourself.") from error
    except OSError as error:
        raise CannotRead(f"can't be read: {error.strerror or error}.") from error


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
        with reading():
            count: int = self._source.readinto(buffer)
        self._watch(count)
        return count


def watched(source: Any, watch: Callable[[int], None]) -> "io.BufferedReader[Any]":
    """The source's bytes, in pieces of at most BUFFER_BYTES; what `watch` raises ends the reading.

    Reading it raises CannotRead.
    """
    return io.BufferedReader(_Watched(source, watch), BUFFER_BYTES)
