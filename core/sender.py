"""A thread that sends what slow clients have not taken yet, on all connections at once."""

import os
import selectors
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from core.paced_socket import PacedSocket

Finish = Callable[[], None]


class Sender(threading.Thread):
    """Sends until each connection has taken everything, or takes too little. Then it calls the connection's `finish`.

    A connection that failed has nothing left to send when `finish` is called.
    """

    def __init__(self) -> None:
        super().__init__(name="sender", daemon=True)
        self._selector = selectors.DefaultSelector()
        self._added: SimpleQueue[tuple[PacedSocket, Finish]] = SimpleQueue()
        self._wake_receiver, self._wake_sender = os.pipe()
        os.set_blocking(self._wake_receiver, False)
        os.set_blocking(self._wake_sender, False)
        self._selector.register(self._wake_receiver, selectors.EVENT_READ)

    def add(self, connection: PacedSocket, finish: Finish) -> None:
        """Send the rest on this connection. Nobody else may use it before `finish` is called."""
        self._added.put((connection, finish))
        with suppress(BlockingIOError):  # enough wake-ups wait in the pipe
            os.write(self._wake_sender, b"x")

    def run(self) -> None:
        while True:
            for key, _ in self._selector.select(timeout=1.0):
                if key.data is None:
                    self._register_added()
                else:
                    self._send(key.fileobj, key.data)  # type: ignore[arg-type]
            self._end_slow()

    def _register_added(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wake_receiver, 4096)
        with suppress(Empty):
            while True:
                connection, finish = self._added.get_nowait()
                connection.sending.resume()
                self._selector.register(connection, selectors.EVENT_WRITE, finish)

    def _send(self, connection: PacedSocket, finish: Finish) -> None:
        try:
            connection.send_some()
        except OSError:
            connection.give_up()
        if not connection.has_unsent():
            self._end(connection, finish)

    def _end_slow(self) -> None:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, PacedSocket) and key.fileobj.sending.seconds_left() <= 0:
                key.fileobj.give_up()
                self._end(key.fileobj, key.data)

    def _end(self, connection: PacedSocket, finish: Finish) -> None:
        self._selector.unregister(connection)
        finish()
