"""What an operator hands over, as files to read: paths, folders, zip archives, gzip, standard input."""

import gzip
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from imports.records import UnreadableFile

GZIP_SIGN = b"\x1f\x8b"
ZIP_SIGN = b"PK\x03\x04"
STANDARD_INPUT = Path("-")
BUFFER_BYTES = 256 * 1024

Opened = tuple["BufferedReader[Any]", Callable[[], float]]


@dataclass(frozen=True, slots=True)
class Source:
    """One file to import. `member` is its name in the zip archive at `path`.

    `is_found`: nobody named this file; it was found in a folder or a zip archive.
    """

    name: str
    path: Path
    member: str = ""
    is_found: bool = False

    @contextmanager
    def open(self) -> Iterator[Opened]:
        """The file's bytes, uncompressed, and a function that returns the share read so far, from 0 to 1.

        Raises:
            UnreadableFile: at any time while it is open, the file can't be read to its end.
        """
        try:
            with ExitStack() as stack:
                packed, size = self._open_packed(stack)
                yield _uncompressed(packed), lambda: _share_read(packed, size)
        except (EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise UnreadableFile(self.name, f"is damaged: {error}. Copy it again.") from error
        except (RuntimeError, NotImplementedError) as error:  # zipfile: a password, or a rare compression
            raise UnreadableFile(self.name, f"can't be unpacked: {error}. Unpack it yourself.") from error
        except OSError as error:
            raise UnreadableFile(self.name, f"can't be read: {error.strerror or error}.") from error

    def _open_packed(self, stack: ExitStack) -> tuple["BufferedReader[Any]", int]:
        """The file as stored, and its size in bytes; 0 if the size is unknown."""
        if self.path == STANDARD_INPUT:
            standard_input: Any = sys.stdin.buffer
            return BufferedReader(standard_input, BUFFER_BYTES), 0
        if not self.member:
            file: Any = stack.enter_context(self.path.open("rb", buffering=BUFFER_BYTES))
            if file.peek(len(ZIP_SIGN)).startswith(ZIP_SIGN):
                raise zipfile.BadZipFile("the zip archive has no end")
            return file, os.fstat(file.fileno()).st_size
        archive = stack.enter_context(zipfile.ZipFile(self.path))
        member: Any = stack.enter_context(archive.open(self.member))
        return BufferedReader(member, BUFFER_BYTES), archive.getinfo(self.member).file_size


def _uncompressed(packed: "BufferedReader[Any]") -> "BufferedReader[Any]":
    if packed.peek(len(GZIP_SIGN)).startswith(GZIP_SIGN):
        return BufferedReader(gzip.GzipFile(fileobj=packed), BUFFER_BYTES)
    return packed


def _share_read(packed: "BufferedReader[Any]", size: int) -> float:
    if not size:
        return 0.0
    return packed.tell() / size


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
        members = _find_members(path)
    except (OSError, zipfile.BadZipFile):
        yield Source(str(path), path)  # opening it raises an error that says what is wrong
        return
    if members is None:
        yield Source(str(path), path, is_found=is_found)
        return
    for member in members:
        yield Source(f"{path}/{member}", path, member, is_found=True)


def _find_members(path: Path) -> list[str] | None:
    """The names of the files in a zip archive; None if the file isn't one."""
    with path.open("rb") as file:
        if file.read(len(ZIP_SIGN)) != ZIP_SIGN:
            return None
    with zipfile.ZipFile(path) as archive:
        return sorted(item.filename for item in archive.infolist() if not item.is_dir())
