"""The connection to a client that may be slow: how long it can keep a thread, and what is sent without one.

A client gets a number of seconds for every PACE_BYTES that it gives or takes. What it does not take at once of a file,
or of the last KEPT_BYTES of anything else, is kept for `core.sender`, so that the thread is free.
"""

import errno
import os
import select
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from typing import Any, BinaryIO, Protocol

PACE_BYTES = 64 * 1024
KEPT_BYTES = 256 * 1024
TURN_BYTES = 1024 * 1024
"""What `send_some` sends at most, so that other connections get their turn."""


class TooSlow(ConnectionResetError):
    """The client gave or took too little. gunicorn treats it as a client that has gone."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the client is too slow")


class Pace:
    """The time for which we still wait for a client. `count` starts it anew after every PACE_BYTES.

    The clock runs between `resume` and `pause`: only waiting counts, not work.
    """

    def __init__(self, seconds: float) -> None:
        self._allowed_seconds = seconds
        self._left_seconds = seconds
        self._left_bytes = PACE_BYTES
        self._resumed_at = 0.0

    def resume(self) -> None:
        self._resumed_at = time.monotonic()

    def pause(self) -> None:
        self._left_seconds = self.seconds_left()

    def seconds_left(self) -> float:
        return self._left_seconds - (time.monotonic() - self._resumed_at)

    def count(self, byte_count: int) -> None:
        self._left_bytes -= byte_count
        if self._left_bytes <= 0:
            self._left_bytes = PACE_BYTES
            self._left_seconds = self._allowed_seconds
            self._resumed_at = time.monotonic()


class _Piece(Protocol):
    """Something that is being sent. `kept_bytes` is how much of it is in memory."""

    kept_bytes: int
    left: int

    def send(self, connection: socket.socket) -> int: ...

    def close(self) -> None: ...


class _Block:
    def __init__(self, data: bytes) -> None:
        self._rest = memoryview(data)
        self.left = len(data)
        self.kept_bytes = len(data)

    def send(self, connection: socket.socket) -> int:
        sent = connection.send(self._rest)
        self._rest = self._rest[sent:]
        self.left = len(self._rest)
        self.kept_bytes = self.left
        return sent

    def close(self) -> None:
        self._rest.release()


class _Part:
    """A part of a file, sent from a descriptor of its own: gunicorn closes the file's before all is sent."""

    kept_bytes = 0

    def __init__(self, file: BinaryIO, offset: int, count: int) -> None:
        self._descriptor = os.dup(file.fileno())
        self._offset = offset
        self.left = count

    def send(self, connection: socket.socket) -> int:
        sent = os.sendfile(connection.fileno(), self._descriptor, self._offset, min(self.left, TURN_BYTES))
        if sent == 0:
            raise ConnectionResetError(errno.ECONNRESET, "the file became shorter while it was sent")
        self._offset += sent
        self.left -= sent
        return sent

    def close(self) -> None:
        os.close(self._descriptor)


class PacedSocket(socket.socket):
    """A socket that never blocks by itself. Its methods wait as their caller asked, with the pace as an end.

    It has the methods that gunicorn uses, and behaves as a blocking, a non-blocking or a socket with a timeout.
    """

    def __init__(self, fileno: int, pace_seconds: float) -> None:
        super().__init__(fileno=fileno)
        super().setblocking(False)
        with suppress(OSError):  # not a TCP connection
            # The system would keep megabytes, and say that it takes more only after a third of them is sent: too late
            # to see that a slow client still takes something.
            self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, PACE_BYTES)
        self._timeout: float | None = None
        self._pieces: deque[_Piece] = deque()
        self._pace_seconds = pace_seconds
        self.is_given_up = False
        self.begin_request()

    def begin_request(self) -> None:
        """Give the client its time for the next request and its response."""
        self._receiving = Pace(self._pace_seconds)
        self.sending = Pace(self._pace_seconds)

    def settimeout(self, value: float | None) -> None:
        self._timeout = value

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, flag: bool) -> None:
        self._timeout = None if flag else 0.0

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        while True:
            try:
                block = super().recv(bufsize, flags)
            except BlockingIOError:
                self._wait(select.POLLIN, self._receiving)
                continue
            self._receiving.count(len(block))
            return block

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send the data, or keep what is left of it. Waits until at most KEPT_BYTES are kept."""
        self._pieces.append(_Block(data))
        self.send_some()
        while sum(piece.kept_bytes for piece in self._pieces) > KEPT_BYTES:
            self._wait(select.POLLOUT, self.sending)
            self.send_some()

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file from its descriptor, or keep it. `count` must be given."""
        self._pieces.append(_Part(file, offset, count or 0))
        self.send_some()
        return count or 0

    def has_unsent(self) -> bool:
        return bool(self._pieces)

    def send_some(self) -> None:
        """Send of what is kept as much as the client takes now, at most about TURN_BYTES.

        Raises:
            OSError: the client has gone.
        """
        sent = 0
        while self._pieces and sent < TURN_BYTES:
            piece = self._pieces[0]
            if piece.left == 0:
                self._pieces.popleft().close()
                continue
            try:
                count = piece.send(self)
            except BlockingIOError:
                return
            self.sending.count(count)
            sent += count

    def give_up(self) -> None:
        """Drop what is kept. Closing the connection then tells the client, and the system forgets it at once."""
        self.is_given_up = True
        self._close_pieces()
        self.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def close(self) -> None:
        self._close_pieces()
        super().close()

    def _close_pieces(self) -> None:
        while self._pieces:
            self._pieces.popleft().close()

    def _wait(self, event: int, pace: Pace) -> None:
        """Wait until the socket is readable or writable.

        Raises:
            BlockingIOError: the caller asked not to wait.
            TimeoutError: the caller's timeout is over.
            TooSlow: the client's time is over.
        """
        if self._timeout == 0:
            raise BlockingIOError(errno.EAGAIN, "nothing can be sent or received now")
        if self._timeout is not None:
            if not self._poll(event, self._timeout):
                raise TimeoutError("timed out")
            return
        pace.resume()
        is_ready = self._poll(event, pace.seconds_left())
        pace.pause()
        if not is_ready:
            self.give_up()
            raise TooSlow

    def _poll(self, event: int, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self, event)
        return bool(poll.poll(max(0.0, seconds) * 1000))
