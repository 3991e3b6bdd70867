"""A zip archive, which is opened once for all of its members."""

import io
import weakref
import zipfile
from pathlib import Path
from typing import IO

from imports.limits import describe_excess, read_limits
from imports.unpacking import Allowance, ExceedsLimit

DIRECTORY_BYTES_A_MEMBER = 300  # 46 bytes, and a path and its details


class _File(io.FileIO):
    """zipfile reads an archive's directory at once, however long it is: this file refuses to read a very long one."""

    def __init__(self, path: Path, max_read: int) -> None:
        super().__init__(path)
        self._max_read = max_read

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self._max_read:
            raise _TooLongDirectory
        return super().read(size) or b""


class _TooLongDirectory(Exception):
    pass


class ZipArchive:
    """`names` are the paths of the files in the archive, in order. They share one allowance for unpacking.

    Raises:
        ExceedsLimit: it has more members than allowed.
        OSError, zipfile.BadZipFile: it can't be read.
    """

    def __init__(self, path: Path) -> None:
        limits = read_limits()
        file = _File(path, max(limits.zip_members * DIRECTORY_BYTES_A_MEMBER, io.DEFAULT_BUFFER_SIZE))
        weakref.finalize(self, file.close)
        excess = describe_excess("it has", limits.zip_members, "files", "ZIP_MEMBERS")
        too_many = ExceedsLimit(f"can't be imported: {excess} Or unpack it, and import the folder.")
        try:
            self._archive = zipfile.ZipFile(file)
        except _TooLongDirectory:
            raise too_many from None
        self.names = sorted(item.filename for item in self._archive.infolist() if not item.is_dir())
        if len(self.names) > limits.zip_members:
            raise too_many
        self.allowance = Allowance(path.stat().st_size)

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(name)

    def size_of(self, name: str) -> int:
        """The member's unpacked size in bytes, as the archive's directory says."""
        return self._archive.getinfo(name).file_size
