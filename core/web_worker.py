"""gunicorn's worker with threads, in which a slow client holds no thread.

gunicorn's own gives a thread to a client that has sent the first byte of a request, and until it has taken the last
byte of the answer. A few dozen clients that send or read nothing then stop the portal. Here

- a request is collected by the main thread until it has arrived (core.arriving_request);
- the main thread waits for clients to close their side, if the answer ended the connection;
- what a client does not take at once is sent by one thread for all connections (core.sender);
- if all places are taken, the connection that has waited longest for its request is closed.

Uploads and compressed downloads still hold a thread, and the pace of core.paced_socket limits how long.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from gunicorn import http
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.workers.gthread import TConn, ThreadWorker

from core.arriving_request import MOST_HEAD_BYTES, ArrivingRequest
from core.paced_socket import PacedSocket
from core.security_headers import headers_without_a_request
from core.sender import Sender

RECEIVE_BYTES = 64 * 1024
MOST_ARRIVED_BYTES = 64 * 1024 * 1024
"""The most that one process keeps of requests that have not arrived yet."""

LINGER_SECONDS = 2.0
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Connection(TConn):
    """A client's connection. `linger` takes it over when it is to be closed after an answer."""

    def __init__(self, linger: Callable[["Connection"], None], *arguments: Any) -> None:
        super().__init__(*arguments)
        self._linger = linger
        self.arriving = ArrivingRequest()
        self.deadline = 0.0
        self.data_ready = True

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self._linger(self)
        else:
            super().close()


class PacedWorker(ThreadWorker):
    poller: selectors.BaseSelector

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waiting: dict[Connection, None] = {}  # for their requests, the longest first
        self._arrived_bytes = 0
        self._lingering: deque[Connection] = deque()
        self._sender = Sender()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = closing_connections(self.wsgi)

    def run(self) -> None:
        self._sender.start()
        super().run()

    # -- From a connection to a request ------------------------------------------------------------
    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another process was faster, or the client has gone
            return
        connection = PacedSocket(client.detach(), settings.WEB_STALL_SECONDS)
        self.nr_conns += 1
        self._wait_for_request(Connection(self._linger, self.cfg, connection, address, listener.getsockname()))
        if self.nr_conns >= self.worker_connections and self._waiting:
            self._drop(next(iter(self._waiting)))

    def _wait_for_request(self, conn: Connection, arrived: bytes = b"") -> None:
        conn.sock.setblocking(False)
        conn.arriving = ArrivingRequest()
        conn.deadline = time.monotonic() + settings.WEB_REQUEST_SECONDS
        self._waiting[conn] = None
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_arrival, conn))
        if arrived:
            self._add(conn, arrived)

    def on_client_socket_readable(self, conn: Connection, client: PacedSocket) -> None:
        """The next request on a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait_for_request(conn)
        self._on_arrival(conn, client)

    def _on_arrival(self, conn: Connection, client: PacedSocket) -> None:
        try:
            block = client.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            block = b""
        if block:
            self._add(conn, block)
        else:
            self._drop(conn)

    def _add(self, conn: Connection, block: bytes) -> None:
        arriving = conn.arriving
        self._arrived_bytes -= len(arriving.data)
        arriving.add(block)
        self._arrived_bytes += len(arriving.data)
        if arriving.is_complete:
            self._hand_over(conn)
        elif self._arrived_bytes > MOST_ARRIVED_BYTES:
            self._drop(conn)
        elif arriving.expects_continue:
            with suppress(OSError):
                conn.sock.send(CONTINUE)

    def _hand_over(self, conn: Connection) -> None:
        """Give the request to a thread."""
        self._stop_waiting(conn)
        data = bytes(conn.arriving.data)
        if len(data) > MOST_HEAD_BYTES and b"\r\n\r\n" not in data:
            self.handle_error(None, conn.sock, conn.client, LimitRequestHeaders("the head is too large"))
            self._close(conn)
            return
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader.unread(data)
        conn.arriving = ArrivingRequest()
        self.enqueue_req(conn)

    def _stop_waiting(self, conn: Connection) -> None:
        del self._waiting[conn]
        self._arrived_bytes -= len(conn.arriving.data)
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._stop_waiting(conn)
        self.nr_conns -= 1
        conn.close()

    def _close(self, conn: Connection) -> None:
        self.nr_conns -= 1
        conn.close(graceful=True)

    def murder_pending(self) -> None:
        """Called every second: close what has waited too long."""
        now = time.monotonic()
        for conn in list(self._waiting):
            if conn.deadline > now:
                break
            self._drop(conn)
        while self._lingering and self._lingering[0].deadline <= now:
            self._stop_lingering(self._lingering[0])

    def _cap_keepalive(self, deadline: float) -> None:
        """Called when the worker stops: those that wait get as little time as kept connections."""
        super()._cap_keepalive(deadline)
        for conn in self._waiting:
            conn.deadline = min(conn.deadline, deadline)

    # -- From a request to the end of its connection -----------------------------------------------
    def handle(self, conn: Connection) -> Any:
        conn.sock.begin_request()
        return super().handle(conn)

    def finish_request(self, conn: Connection, fs: "Future[Any]") -> None:
        if conn.sock.has_unsent():
            finish = partial(self.method_queue.defer, self.finish_request, conn, fs)
            self._sender.add(conn.sock, finish)
            return
        if conn.sock.is_given_up:
            self.nr_conns -= 1
            conn.close()
            return
        arrived = b""
        if conn.parser is not None:
            arrived = conn.parser.unreader.take_buffered()
        is_kept = not fs.cancelled() and fs.exception() is None and fs.result()
        if is_kept and arrived:
            self._wait_for_request(conn, arrived)
            return
        super().finish_request(conn, fs)

    def _linger(self, conn: Connection) -> None:
        """Wait for the client to close its side. The system would throw away the answer that the client has not read
        if it still sends something, such as a body that was refused."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            conn.close()
            return
        conn.sock.setblocking(False)
        conn.deadline = time.monotonic() + LINGER_SECONDS
        self._lingering.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._on_lingering, conn))

    def _on_lingering(self, conn: Connection, client: PacedSocket) -> None:
        try:
            is_open = bool(client.recv(RECEIVE_BYTES))
        except BlockingIOError:
            return
        except OSError:
            is_open = False
        if not is_open:
            self._stop_lingering(conn)

    def _stop_lingering(self, conn: Connection) -> None:
        self._lingering.remove(conn)
        self.poller.unregister(conn.sock)
        conn.close()

    def handle_error(self, req: Any, client: PacedSocket, addr: Any, exc: BaseException) -> None:
        """Answer with gunicorn's page for a request that can't be read."""
        super().handle_error(req, ErrorAnswer(client), addr, exc)


class ErrorAnswer:
    """Stands in for the connection when gunicorn writes an error page, and adds the portal's headers to it."""

    def __init__(self, connection: PacedSocket) -> None:
        self._connection = connection

    def gettimeout(self) -> float | None:
        return self._connection.gettimeout()

    def setblocking(self, flag: bool) -> None:
        self._connection.setblocking(flag)

    def sendall(self, answer: bytes) -> None:
        status_line, _, rest = answer.partition(b"\r\n")
        lines = [f"{name}: {value}\r\n" for name, value in headers_without_a_request().items()]
        self._connection.sendall(status_line + b"\r\n" + "".join(lines).encode() + rest)


def closing_connections(application: Application) -> Application:
    """The application, with `Connection: close` among its headers done. gunicorn ignores that header."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if ("Connection", "close") in headers:
                start_response.__self__.force_close()
            return start_response(status, headers, *error)

        return application(environ, start)

    return answer
