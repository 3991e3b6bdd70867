"""A file's bytes as lines, each no longer than memory allows."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO

from imports.records import UnreadableFile

PIECE_BYTES = 4 * 1024 * 1024
MAX_LINE_BYTES = 256 * 1024 * 1024


def read_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The lines with their line ends; a line longer than PIECE_BYTES comes in several pieces."""
    return iter(partial(stream.readline, PIECE_BYTES), b"")


def join_lines(pieces: Iterable[bytes], file: str) -> Iterator[bytes]:
    """The whole lines.

    Raises:
        UnreadableFile: a line has more than MAX_LINE_BYTES.
    """
    held = b""
    for piece in pieces:
        line = held + piece if held else piece
        if len(piece) < PIECE_BYTES or piece.endswith(b"\n"):
            yield line
            held = b""
        elif len(line) > MAX_LINE_BYTES:
            raise UnreadableFile(file, f"has a line of more than {MAX_LINE_BYTES:,} bytes. It isn't a Jira export.")
        else:
            held = line
    if held:
        yield held
