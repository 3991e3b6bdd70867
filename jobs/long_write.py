"""Who holds SQLite's only write lock for long.

SQLite lets one connection write at a time. Whoever writes for more than a moment takes this lock first: others then
know why they can't write, and that the writer is alive, because the operating system frees the lock of a process that
dies. It is a lock on a file, so it also works between containers that share the folder. PostgreSQL needs none of this.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection

PAUSE_SECONDS = 0.2


def _go_on_waiting() -> None:
    pass


@contextmanager
def hold(look: Callable[[], None] = _go_on_waiting) -> Iterator[None]:
    """Hold the lock while the body writes. Waits for another long write, and calls `look` meanwhile.

    Raises what `look` raises.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with _path().open("wb") as file:
        while not _try_lock(file, fcntl.LOCK_EX):
            look()
            time.sleep(PAUSE_SECONDS)
        try:
            yield
        finally:
            _note_time(file)


def is_running() -> bool:
    """Whether any process holds the lock now."""
    if connection.vendor != "sqlite":
        return False
    try:
        with _path().open("rb") as file:
            is_held = not _try_lock(file, fcntl.LOCK_SH)
            if is_held:
                _note_time(file)
            return is_held
    except FileNotFoundError:
        return False


def was_running_within(seconds: float) -> bool:
    """Whether any process held the lock within the last seconds, as far as anybody has looked."""
    if connection.vendor != "sqlite":
        return False
    try:
        return time.time() - _path().stat().st_mtime < seconds
    except FileNotFoundError:
        return False


def _note_time(file: BinaryIO) -> None:
    """The file's time is when the lock was last held: a process that dies leaves the time at which it was last seen."""
    os.utime(file.fileno())


def _path() -> Path:
    path: Path = settings.DATA_DIR / "long-write.lock"
    return path


def _try_lock(file: BinaryIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
