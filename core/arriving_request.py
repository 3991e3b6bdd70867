"""A request that has not arrived as a whole yet.

The web server gives a thread to a request only once its head and a small body are there: a client that sends slowly, or
nothing, holds up nobody. This module only says when that is so. gunicorn reads the request, and refuses what is wrong.
"""

import re

MOST_HEAD_BYTES = 64 * 1024
MOST_BODY_BYTES = 1024 * 1024
"""The largest body of a request that is no upload (DATA_UPLOAD_MAX_MEMORY_SIZE)."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*(?=\r\n)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*(?=\r\n)", re.IGNORECASE)
_EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)


class ArrivingRequest:
    """The bytes of a request in the order in which they arrive.

    `is_complete` means that gunicorn can read the request without waiting, or that it is larger than what is collected
    here. `expects_continue` means that the client waits for "100 Continue" before it sends the body; if it is True, the
    caller sends that.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.is_complete = False
        self.expects_continue = False
        self._body_start = 0
        self._body_length: int | None = None  # None: in chunks, or the head is not complete
        self._chunk_start = 0

    def add(self, block: bytes) -> None:
        self.data += block
        self.expects_continue = False
        if self._body_start == 0:
            self._look_for_head()
        if self._body_start:
            self.is_complete = self._has_body()

    def _look_for_head(self) -> None:
        end = self.data.find(b"\r\n\r\n")
        if end < 0:
            # gunicorn answers both at once with an error.
            has_bare_newline = self.data.count(b"\n") != self.data.count(b"\r\n")
            self.is_complete = has_bare_newline or len(self.data) > MOST_HEAD_BYTES
            return
        head = self.data[: end + 2]
        self._body_start = end + 4
        self._chunk_start = self._body_start
        if _CHUNKED.search(head) is None:
            match = _LENGTH.search(head)
            self._body_length = int(match[1]) if match else 0
        if not self._is_large():
            self._remove_expectation(head)

    def _is_large(self) -> bool:
        return self._body_length is not None and self._body_length > MOST_BODY_BYTES

    def _remove_expectation(self, head: bytearray) -> None:
        """Answer the header Expect here, so that gunicorn need not."""
        match = _EXPECT.search(head)
        if match is None:
            return
        removed_count = match.end() - match.start()
        del self.data[match.start() : match.end()]
        self._body_start -= removed_count
        self._chunk_start -= removed_count
        self.expects_continue = len(self.data) == self._body_start

    def _has_body(self) -> bool:
        if self._is_large():
            return True
        if self._body_length is not None:
            return len(self.data) >= self._body_start + self._body_length
        return self._has_last_chunk()

    def _has_last_chunk(self) -> bool:
        """Whether the last chunk is there, or a chunk that gunicorn refuses, or more than a body may have."""
        while self._chunk_start - self._body_start <= MOST_BODY_BYTES:
            end = self.data.find(b"\r\n", self._chunk_start)
            if end < 0:
                return len(self.data) - self._chunk_start > MOST_HEAD_BYTES
            size_text = bytes(self.data[self._chunk_start : end]).partition(b";")[0].strip()
            if re.fullmatch(rb"[0-9a-fA-F]{1,15}", size_text) is None:
                return True
            size = int(size_text, 16)
            if size == 0:
                return self._has_trailers(end + 2)
            next_start = end + 2 + size + 2
            if next_start > len(self.data):
                return size > MOST_BODY_BYTES
            self._chunk_start = next_start
        return True

    def _has_trailers(self, start: int) -> bool:
        """Whether the empty line after the last chunk is there."""
        if self.data.startswith(b"\r\n", start):
            return True
        return self.data.find(b"\r\n\r\n", start) >= 0 or len(self.data) - start > MOST_HEAD_BYTES
