"""The forms a file is offered in, all made from the one that was published."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from isal import isal_zlib

from exports.api.ranges import BOM, AfterBom, Readable
from exports.models import ExportJob

BLOCK_BYTES = 256 * 1024
GZIP_WINDOW = 31  # zlib's way to say: with gzip's header and trailer


@dataclass(frozen=True)
class Form:
    """How a file looks to the client; `extra_bytes` more than published, or None: not known beforehand."""

    suffix: str
    content_type: str
    etag: str
    extra_bytes: int | None
    wrap: Callable[[BinaryIO], Readable]

    def etag_of(self, job: ExportJob) -> str:
        return self.etag.format(job.sha256)

    def length_of(self, job: ExportJob) -> int | None:
        return None if self.extra_bytes is None or job.bytes is None else job.bytes + self.extra_bytes


def gzip_blocks(file: BinaryIO) -> Iterator[bytes]:
    """The file compressed as it goes, at a level that costs less time than sending the plain bytes."""
    press = isal_zlib.compressobj(1, isal_zlib.DEFLATED, GZIP_WINDOW)
    with file:
        while block := file.read(BLOCK_BYTES):
            if pressed := press.compress(block):
                yield pressed
        yield press.flush()


CSV_TYPE = "text/csv; charset=utf-8; header=present"
FORMS: dict[str, Form] = {
    "": Form(".csv", CSV_TYPE, '"{}"', 0, lambda file: file),
    "excel": Form("-excel.csv", CSV_TYPE, '"{}-excel"', len(BOM), AfterBom),
    "gzip": Form(".csv.gz", "application/gzip", 'W/"{}-gzip"', None, lambda file: file),
}
