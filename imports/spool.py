"""Records that have been read and wait to be written, in a temporary file that no one else can open.

SQLite lets nobody else write while an import writes. Reading a file takes about as long as writing its issues, so the
import first reads all records into the spool, and then holds the database only while it writes.
"""

import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from django.conf import settings

from imports.load import Batch


@dataclass(frozen=True, slots=True)
class Spooled:
    """Where the batches of one file are: `batch_count` batches from the byte `start` on."""

    start: int
    batch_count: int


class Spool:
    """The file is deleted when the spool is closed, or when the process dies."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None

    def add(self, batches: Iterable[Batch]) -> Spooled:
        """Append the batches. Raises what reading them raises, and OSError if the disk is full."""
        if self._file is None:
            self._file = TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115 - closed by __exit__
        start = self._file.seek(0, os.SEEK_END)
        batch_count = 0
        for batch in batches:
            pickle.dump(batch, self._file, pickle.HIGHEST_PROTOCOL)
            batch_count += 1
        self._file.flush()
        return Spooled(start, batch_count)

    def batches(self, spooled: Spooled) -> Iterator[Batch]:
        """The batches that `add` appended."""
        if self._file is None:
            return
        self._file.seek(spooled.start)
        for _ in range(spooled.batch_count):
            batch: Batch = pickle.load(self._file)  # noqa: S301 - our own file, which has no name
            yield batch

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file is not None:
            with suppress(OSError):  # the disk is full, and the file is deleted anyway
                self._file.close()
