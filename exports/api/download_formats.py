"""The formats in which a file can be downloaded. All are made from the published CSV while it is sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from isal import isal_zlib

from exports.api.ranges import BOM, AfterBom, Readable
from exports.models import ExportJob

BLOCK_BYTES = 256 * 1024
GZIP_WINDOW = 31  # zlib's value for a stream with gzip's header and trailer
CSV_TYPE = "text/csv; charset=utf-8; header=present"


@dataclass(frozen=True)
class DownloadFormat:
    """How the published file is sent. `etag` is a pattern with a place for the file's SHA-256.

    `extra_bytes` is how much longer than the published file it is; None if that is not known before it is sent. If it
    is sent from the file itself, it holds no thread while the client reads.
    """

    suffix: str
    content_type: str
    etag: str
    extra_bytes: int | None
    wrap: Callable[[BinaryIO], Readable]
    is_sent_from_file: bool = False

    def etag_of(self, job: ExportJob) -> str:
        return self.etag.format(job.sha256)

    def length_of(self, job: ExportJob) -> int | None:
        """The number of bytes that will be sent; None if it is not known."""
        if self.extra_bytes is None or job.bytes is None:
            return None
        return job.bytes + self.extra_bytes

    def file_name_of(self, job: ExportJob) -> str:
        return job.download_name.removesuffix(".csv") + self.suffix


def _unchanged(file: BinaryIO) -> BinaryIO:
    return file


def gzip_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Compress the file block by block, at a level that takes less time than sending the plain bytes would."""
    compressor = isal_zlib.compressobj(1, isal_zlib.DEFLATED, GZIP_WINDOW)
    with file:
        while block := file.read(BLOCK_BYTES):
            compressed = compressor.compress(block)
            if compressed:
                yield compressed
        yield compressor.flush()


FORMATS: dict[str, DownloadFormat] = {
    "": DownloadFormat(".csv", CSV_TYPE, '"{}"', 0, _unchanged, is_sent_from_file=True),
    "excel": DownloadFormat("-excel.csv", CSV_TYPE, '"{}-excel"', len(BOM), AfterBom),
    "gzip": DownloadFormat(".csv.gz", "application/gzip", 'W/"{}-gzip"', None, _unchanged),
}
"""By the value of the query parameter `form`."""
