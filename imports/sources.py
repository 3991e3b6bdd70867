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

GZIP_SIGN, ZIP_SIGN = b"\x1f\x8b", b"PK\x03\x04"
STANDARD_INPUT = Path("-")
BUFFER = 256 * 1024

Opened = tuple["BufferedReader[Any]", Callable[[], float]]


@dataclass(frozen=True, slots=True)
class Source:
    """One file to import. `is_found` says that nobody named it: it stood in a folder or a zip archive."""

    name: str
    path: Path
    member: str = ""
    is_found: bool = False

    @contextmanager
    def open(self) -> Iterator[Opened]:
        """The file's bytes, unpacked, and a function that says how much has been read, from 0 to 1.

        Raises:
            UnreadableFile: at any time while open, it cannot be read to its end.
        """
        try:
            with ExitStack() as stack:
                packed, size = self._open_packed(stack)
                is_gzip = packed.peek(2).startswith(GZIP_SIGN)
                unpacked = BufferedReader(gzip.GzipFile(fileobj=packed), BUFFER) if is_gzip else packed
                yield unpacked, lambda: packed.tell() / size if size else 0.0
        except (EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise UnreadableFile(self.name, f"is damaged: {error}. Copy it again.") from error
        except (RuntimeError, NotImplementedError) as error:  # how zipfile speaks of passwords and rare packers
            raise UnreadableFile(self.name, f"cannot be unpacked: {error}. Unpack it yourself.") from error
        except OSError as error:
            raise UnreadableFile(self.name, f"cannot be read: {error.strerror or error}.") from error

    def _open_packed(self, stack: ExitStack) -> tuple["BufferedReader[Any]", int]:
        if self.path == STANDARD_INPUT:
            standard_input: Any = sys.stdin.buffer
            return BufferedReader(standard_input, BUFFER), 0
        if not self.member:
            file: Any = stack.enter_context(self.path.open("rb", buffering=BUFFER))
            if file.peek(len(ZIP_SIGN)).startswith(ZIP_SIGN):
                raise zipfile.BadZipFile("it is a zip archive without its end")
            return file, os.fstat(file.fileno()).st_size
        archive = stack.enter_context(zipfile.ZipFile(self.path))
        member: Any = stack.enter_context(archive.open(self.member))
        return BufferedReader(member, BUFFER), archive.getinfo(self.member).file_size


def find_sources(paths: list[Path]) -> Iterator[Source]:
    """Every file behind the paths; files of a folder or a zip archive come in the order of their names."""
    for path in paths:
        if path.is_dir():
            found = sorted(item for item in path.rglob("*") if item.is_file() and not item.name.startswith("."))
            for item in found:
                yield from _unzipped(item, is_found=True)
        else:
            yield from _unzipped(path, is_found=False)


def _unzipped(path: Path, *, is_found: bool) -> Iterator[Source]:
    if path == STANDARD_INPUT:
        yield Source("standard input", path)
        return
    try:
        names = _members(path)
    except (OSError, zipfile.BadZipFile):
        names = [""]  # what is wrong is said when the file is opened
    if names is None:
        yield Source(str(path), path, is_found=is_found)
        return
    for name in names:
        yield Source(f"{path}/{name}", path, name, is_found=True) if name else Source(str(path), path)


def _members(path: Path) -> list[str] | None:
    """The names of the files in a zip archive; None: it is none."""
    with path.open("rb") as file:
        if file.read(len(ZIP_SIGN)) != ZIP_SIGN:
            return None
    with zipfile.ZipFile(path) as archive:
        return sorted(item.filename for item in archive.infolist() if not item.is_dir())
