"""The file of rejected issues: as they stood in the source, to be mended and imported again."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from imports.records import Reading, UnreadableRecord

PACKINGS = {".gz", ".zip"}


class Rejects:
    """Written beside the import, and kept under its own name only when the import has been."""

    def __init__(self, folder: Path, source: str, reading: Reading) -> None:
        self.folder, self.source, self.reading = folder, source, reading
        self.path: Path | None = None
        self._part: Path | None = None
        self._file: BinaryIO | None = None

    def add(self, rejected: UnreadableRecord) -> None:
        """Append the record's own bytes; a file begins as its source does.

        Raises:
            OSError: the folder cannot be written to.
        """
        if self._file is None:
            self._part = self._free_name(".part")
            self._file = self._part.open("xb")
            self._file.write(self.reading.reject_head)
        self._file.write(rejected.raw if rejected.raw.endswith(b"\n") else rejected.raw + b"\n")

    def keep(self) -> None:
        """Give the file its name: the import is done."""
        if self._file and self._part:
            self._file.close()
            self.path = self._part.rename(self._free_name(""))

    def _free_name(self, ending: str) -> Path:
        """A name no earlier import has used: what it left out is nowhere else."""
        stem = Path(self.source).name
        while Path(stem).suffix.lower() in PACKINGS | {".csv", ".ndjson", ".json"}:
            stem = Path(stem).stem
        stem = stem.removesuffix(".rejects").replace(" ", "-")
        for number in range(1, 10_000):
            counted = f".{number}" if number > 1 else ""
            path = self.folder / f"{stem}.rejects{counted}{self.reading.reject_suffix}{ending}"
            if not path.exists():
                return path
        raise FileExistsError(f"{self.folder} holds ten thousand files of rejected issues: clear it.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file:
            self._file.close()
        if self._part:
            self._part.unlink(missing_ok=True)
