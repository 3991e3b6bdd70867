"""What an operator hands over, as files to read: paths, folders, zip archives, gzip, standard input."""

import gzip
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any

from imports.records import UnreadableFile
from imports.unpacking import Allowance, CannotRead, ExceedsLimit, Look, keep_reading, reading, watched
from imports.zip_archive import ZipArchive

GZIP_SIGN = b"\x1f\x8b"
ZIP_SIGN = b"PK\x03\x04"
STANDARD_INPUT = Path("-")

Opened = tuple["BufferedReader[Any]", Callable[[], float]]


@dataclass(frozen=True, slots=True)
class Source:
    """One file to import. `member` is its name in the zip archive at `path`, and `archive` is that archive.

    `is_found`: nobody named this file; it was found in a folder or a zip archive.
    """

    name: str
    path: Path
    member: str = ""
    is_found: bool = False
    archive: ZipArchive | None = field(default=None, compare=False, repr=False)

    @contextmanager
    def open(self, look: Look = keep_reading) -> Iterator[Opened]:
        """The file's bytes, uncompressed, and a function that returns the share read so far, from 0 to 1.

        `look` is called for each piece that is read or unpacked; what it raises ends the reading.

        Raises:
            UnreadableFile: at any time while it is open, the file can't be read to its end.
        """
        try:
            with ExitStack() as stack:
                with reading():
                    opened = self._open(stack, look)
                yield opened
        except CannotRead as error:
            raise UnreadableFile(self.name, str(error)) from error

    def _open(self, stack: ExitStack, look: Look) -> Opened:
        if self.member:
            return self._open_member(stack, look, self.archive or ZipArchive(self.path))
        if self.path == STANDARD_INPUT:
            standard_input: Any = sys.stdin.buffer
            return _open_file(standard_input, 0, Allowance(0), look)
        file: Any = stack.enter_context(self.path.open("rb", buffering=0))
        size = os.fstat(file.fileno()).st_size
        opened = _open_file(file, size, Allowance(size), look)
        if opened[0].peek(len(ZIP_SIGN)).startswith(ZIP_SIGN):
            ZipArchive(self.path)  # raises an error that says why its members were not found
            raise zipfile.BadZipFile("the zip archive was incomplete a moment ago")
        return opened

    def _open_member(self, stack: ExitStack, look: Look, archive: ZipArchive) -> Opened:
        member: Any = stack.enter_context(archive.open(self.member))
        size = archive.size_of(self.member)
        read_count = _Count()

        def watch(count: int) -> None:
            look()
            read_count.add(count)
            archive.allowance.spend(count)

        return _uncompressed(watched(member, watch), archive.allowance, look), lambda: read_count.share_of(size)


def _open_file(file: Any, size: int, allowance: Allowance, look: Look) -> Opened:
    """`size` is 0 if it is unknown."""
    read_count = _Count()

    def watch(count: int) -> None:
        look()
        read_count.add(count)
        allowance.packed_bytes = max(allowance.packed_bytes, read_count.total)

    return _uncompressed(watched(file, watch), allowance, look), lambda: read_count.share_of(size)


def _uncompressed(packed: "BufferedReader[Any]", allowance: Allowance, look: Look) -> "BufferedReader[Any]":
    if not packed.peek(len(GZIP_SIGN)).startswith(GZIP_SIGN):
        return packed

    def watch(count: int) -> None:
        look()
        allowance.spend(count)

    return watched(gzip.GzipFile(fileobj=packed), watch)


class _Count:
    """How many bytes have been read."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, count: int) -> None:
        self.total += count

    def share_of(self, size: int) -> float:
        if not size:
            return 0.0
        return self.total / size


def find_sources(paths: list[Path]) -> Iterator[Source]:
    """All files at the paths. Files in a folder or a zip archive are sorted by name; hidden files are left out."""
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.is_file() and not file.name.startswith("."):
                    yield from _unzipped(file, is_found=True)
        else:
            yield from _unzipped(path, is_found=False)


def _unzipped(path: Path, *, is_found: bool) -> Iterator[Source]:
    if path == STANDARD_INPUT:
        yield Source("standard input", path)
        return
    try:
        archive = _open_archive(path)
    except (OSError, zipfile.BadZipFile, ExceedsLimit):
        yield Source(str(path), path)  # opening it raises an error that says what is wrong
        return
    if archive is None:
        yield Source(str(path), path, is_found=is_found)
        return
    for member in archive.names:
        yield Source(f"{path}/{member}", path, member, is_found=True, archive=archive)


def _open_archive(path: Path) -> ZipArchive | None:
    """The file as a zip archive; None if it isn't one."""
    with path.open("rb") as file:
        if file.read(len(ZIP_SIGN)) != ZIP_SIGN:
            return None
    return ZipArchive(path)
