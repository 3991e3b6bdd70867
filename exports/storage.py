"""The folder of exported files: partial files while they are built, then complete files.

File names contain the export and the attempt, so a worker that lost its job can't overwrite the file of the next one.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from exports.errors import DiskTooSmall

FLUSH_BYTES = 16 * 1024 * 1024


class PartFile:
    """A file that is being written. `bytes` and `sha256` cover everything written so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = 0
        self._next_flush = FLUSH_BYTES
        self._hash = hashlib.sha256()
        self._file: BinaryIO = path.open("wb", buffering=0)

    def write(self, block: bytes | bytearray) -> None:
        """Append a block.

        Raises:
            OSError: the disk is full or unavailable.
        """
        rest = memoryview(block)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._hash.update(block)
        self.bytes += len(block)
        if self.bytes >= self._next_flush:
            # Start writing to disk now, so that the fsync at the end takes less time. What is already on disk is
            # dropped from the page cache, because the database needs the memory.
            os.posix_fadvise(self._file.fileno(), 0, self.bytes, os.POSIX_FADV_DONTNEED)
            self._next_flush = self.bytes + FLUSH_BYTES

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def publish(self, suffix: str = "csv") -> str:
        """Write the file durably to disk, rename it to its final name with this suffix and return that name."""
        os.fsync(self._file.fileno())
        self._file.close()
        final = self.path.with_suffix(f".{suffix}")
        self.path.rename(final)
        _sync_folder(final.parent)
        return final.name

    def discard(self) -> None:
        """Delete the partial file. A published file has another name and stays."""
        self._file.close()
        self.path.unlink(missing_ok=True)


def folder() -> Path:
    path: Path = settings.DATA_DIR / "exports"
    path.mkdir(parents=True, exist_ok=True)
    return path


def free_bytes() -> int:
    """Bytes available for exported files. EXPORT_RESERVE_MB of the disk are not counted."""
    reserve: int = settings.EXPORT_RESERVE_MB * 1_000_000
    return shutil.disk_usage(folder()).free - reserve


def probe() -> int:
    """Write, sync and delete a file, as a build would; returns `free_bytes`.

    Raises:
        OSError: the folder can't be written to, and why.
    """
    path = folder() / "probe"
    with path.open("wb") as file:
        file.write(b"x")
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    return free_bytes()


def require_space(needed: int) -> None:
    """Check that the rest of a file fits on the disk.

    Raises:
        DiskTooSmall: fewer than `needed` bytes are available.
    """
    free = free_bytes()
    if needed > free:
        raise DiskTooSmall(needed, max(free, 0))


@contextmanager
def begin(job_id: int, attempt: int) -> Iterator[PartFile]:
    """The partial file of this attempt. It is deleted in the end, unless it was published."""
    part = PartFile(folder() / f"{job_id}.{attempt}.part")
    try:
        yield part
    finally:
        part.discard()


def open_file(name: str) -> BinaryIO:
    """Open a published file for reading.

    Raises:
        FileNotFoundError: no such file.
    """
    return (folder() / name).open("rb")


def remove(name: str) -> None:
    """Delete a file, if it exists.

    Raises:
        OSError: it can't be deleted.
    """
    with suppress(FileNotFoundError):
        (folder() / name).unlink()


def age_in_seconds(name: str) -> float | None:
    """How long ago the file was written; None if there is no such file."""
    try:
        return time.time() - (folder() / name).stat().st_mtime
    except FileNotFoundError:
        return None


def names() -> list[str]:
    return [path.name for path in folder().iterdir() if path.is_file()]


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
