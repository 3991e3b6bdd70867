"""Small disks in memory, which a run can fill and make read-only. They need the right to mount."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FILLER = "filler"


def mount(folder: Path, megabytes: int) -> bool:
    """Mount an empty disk on the folder; False if this process may not."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return False
    return _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "chaos", str(folder))


def unmount(folder: Path) -> bool:
    return _run("umount", "-l", str(folder))


@contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[None]:
    is_mounted = mount(folder, megabytes)
    try:
        yield
    finally:
        if is_mounted:
            unmount(folder)


def fill(folder: Path) -> None:
    """Use up all the space of the folder's disk."""
    block = bytes(1024 * 1024)
    with suppress(OSError), (folder / FILLER).open("wb", buffering=0) as file:
        while file.write(block):
            pass


def free(folder: Path) -> None:
    (folder / FILLER).unlink(missing_ok=True)


def set_writable(folder: Path, *, is_writable: bool) -> bool:
    """Mount the disk again, read-only or not; False if a file on it is open for writing."""
    mode = "rw" if is_writable else "ro"
    return _run("mount", "-o", f"remount,{mode}", str(folder))


def pin(path: Path) -> bool:
    """Mount the file on itself, so that nobody can delete it."""
    return _run("mount", "--bind", str(path), str(path))


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True).returncode == 0
