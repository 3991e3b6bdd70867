"""A file's bytes in lines, each no longer than memory bears."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO

from imports.records import UnreadableFile

LONGEST_PIECE = 4 * 1024 * 1024  # bytes
LONGEST_LINE = 256 * 1024 * 1024


def read_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The lines with their ends, the longest of them in several pieces."""
    return iter(partial(stream.readline, LONGEST_PIECE), b"")


def join_lines(pieces: Iterable[bytes], file: str) -> Iterator[bytes]:
    """The lines whole.

    Raises:
        UnreadableFile: a line of more than LONGEST_LINE bytes.
    """
    held = b""
    for piece in pieces:
        line = held + piece if held else piece
        if len(piece) < LONGEST_PIECE or piece.endswith(b"\n"):
            yield line
            held = b""
        elif len(line) > LONGEST_LINE:
            raise UnreadableFile(file, f"has a line of more than {LONGEST_LINE:,} bytes: it is no file of Jira's.")
        else:
            held = line
    if held:
        yield held
