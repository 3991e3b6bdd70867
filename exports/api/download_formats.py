"""The formats in which a file can be downloaded. All are made from the published file while it is sent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from isal import isal_zlib

from exports.api.ranges import BOM, AfterBom, Readable
from exports.errors import UnknownDownloadFormat
from exports.models import ExportJob
from exports.options import FileFormat

BLOCK_BYTES = 256 * 1024
GZIP_WINDOW = 31  # zlib's value for a stream with gzip's header and trailer
GZIP_TYPE = "application/gzip"
GZIP_ETAG = 'W/"{}-gzip"'
CSV_TYPE = "text/csv; charset=utf-8; header=present"
NDJSON_TYPE = "application/x-ndjson"


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
        return job.download_name.removesuffix(f".{job.file_format}") + self.suffix


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


FORMATS: Mapping[FileFormat, Mapping[str, DownloadFormat]] = {
    FileFormat.CSV: {
        "": DownloadFormat(".csv", CSV_TYPE, '"{}"', 0, _unchanged, is_sent_from_file=True),
        "excel": DownloadFormat("-excel.csv", CSV_TYPE, '"{}-excel"', len(BOM), AfterBom),
        "gzip": DownloadFormat(".csv.gz", GZIP_TYPE, GZIP_ETAG, None, _unchanged),
    },
    FileFormat.NDJSON: {
        "": DownloadFormat(".ndjson", NDJSON_TYPE, '"{}"', 0, _unchanged, is_sent_from_file=True),
        "gzip": DownloadFormat(".ndjson.gz", GZIP_TYPE, GZIP_ETAG, None, _unchanged),
    },
}
"""For each format of files, by the value of the query parameter `form`."""


def check_name(name: str) -> None:
    """Raises UnknownDownloadFormat if no file can be downloaded in the format."""
    known: dict[str, None] = {}
    for formats in FORMATS.values():
        known.update(dict.fromkeys(formats))
    if name not in known:
        raise UnknownDownloadFormat(name, filter(None, known))


def find_format(job: ExportJob, name: str) -> DownloadFormat:
    """The format in which the job's file is sent.

    Raises:
        UnknownDownloadFormat: the file can't be downloaded in it.
    """
    formats = FORMATS[FileFormat(job.file_format)]
    if name not in formats:
        raise UnknownDownloadFormat(name, filter(None, formats))
    return formats[name]
