"""The file of rejected issues: unchanged, to be fixed and imported again."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from imports.limits import describe_excess
from imports.read_context import ReadContext
from imports.records import UnreadableFile, UnreadableRecord

STRIPPED_SUFFIXES = {".gz", ".zip", ".csv", ".ndjson", ".json"}
MAX_NUMBER = 9_999
MAX_STEM_BYTES = 150  # most file systems allow 255 for the whole name


class RejectAllowance:
    """How many issues of a file may be rejected before it can't be an export with a few faults."""

    def __init__(self, source: str, context: ReadContext) -> None:
        self._source = source
        self._limits = context.limits
        self._count = 0
        self._size = 0

    def spend(self, rejected: UnreadableRecord) -> None:
        """Raises UnreadableFile if too many issues were rejected."""
        limits = self._limits
        self._count += 1
        self._size += len(rejected.raw)
        if self._count > limits.rejects:
            excess = describe_excess("it has", limits.rejects, "issues that can't be imported", "REJECTS")
            raise UnreadableFile(self._source, f"can't be imported: {excess} The last one: {rejected.reason}")
        if self._size > limits.reject_bytes:
            excess = describe_excess(
                "it has issues that can't be imported, with", limits.reject_bytes, "bytes", "REJECT_BYTES"
            )
            raise UnreadableFile(self._source, f"can't be imported: {excess} The last one: {rejected.reason}")


class Rejects:
    """Written while a file is imported, and given its final name only if the import succeeds."""

    def __init__(self, folder: Path, source: str, context: ReadContext) -> None:
        self.folder = folder
        self.source = source
        self.context = context
        self.path: Path | None = None
        self._part: Path | None = None
        self._file: BinaryIO | None = None
        self._allowance = RejectAllowance(source, context)

    def add(self, rejected: UnreadableRecord) -> None:
        """Append the record's own bytes. The file begins as its source does.

        Raises:
            OSError: the folder can't be written to.
            UnreadableFile: too many issues were rejected for this to be an export with a few faults.
        """
        self._allowance.spend(rejected)
        if self._file is None:
            self._part = self._free_name(".part")
            self._file = self._part.open("xb")
            self._file.write(self.context.reject_head)
        self._file.write(rejected.raw)
        if not rejected.raw.endswith(b"\n"):
            self._file.write(b"\n")

    def keep(self) -> None:
        """Give the file its final name, because the import is done."""
        if self._file and self._part:
            self._file.close()
            self.path = self._part.rename(self._free_name(""))

    def _free_name(self, ending: str) -> Path:
        """A name that no earlier import used: its rejected issues exist nowhere else."""
        stem = self._stem()
        for number in range(1, MAX_NUMBER + 1):
            counter = f".{number}" if number > 1 else ""
            path = self.folder / f"{stem}.rejects{counter}{self.context.reject_suffix}{ending}"
            if not path.exists():
                return path
        raise FileExistsError(f"{self.folder} has {MAX_NUMBER:,} files of rejected issues. Delete some of them.")

    def _stem(self) -> str:
        """The source's name without the endings of formats: issues.rejects.csv.gz gives issues."""
        stem = Path(self.source).name
        while Path(stem).suffix.lower() in STRIPPED_SUFFIXES:
            stem = Path(stem).stem
        stem = stem.removesuffix(".rejects").replace(" ", "-")
        return stem.encode(errors="replace")[:MAX_STEM_BYTES].decode(errors="ignore")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self._file:
            with suppress(OSError):  # the disk is full, and the file is deleted or was closed by `keep`
                self._file.close()
        if self._part:
            self._part.unlink(missing_ok=True)
