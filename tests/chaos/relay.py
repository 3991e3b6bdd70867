"""A network between the portal's processes and PostgreSQL that can fail.

It accepts TCP connections and forwards them to the server's socket. A silent connection forwards nothing more in
either direction, as if a firewall had forgotten it; what is sent is lost. When the portal closes its end of a silent
connection, the server's end is closed too: that stands for the server's own keepalive.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

BLOCK_BYTES = 64 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: close with a RST

T = TypeVar("T")


class _Link:
    """One connection from the portal and its counterpart to the server."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.is_silent = False

    def reset(self) -> None:
        sock = self.client.get_extra_info("socket")
        with suppress(OSError):  # it is closed already
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.client.transport.abort()
        self.server.transport.abort()


class Relay:
    """`port` is where it listens on loopback."""

    def __init__(self, server_socket: str) -> None:
        self._server_socket = server_socket
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()
        self._open = asyncio.Event()
        self._open.set()
        self._server = self._wait(self._listen())
        self.port: int = self._server.sockets[0].getsockname()[1]

    def pause(self) -> None:
        """Hold back everything, in both directions, until `resume`."""
        self._call(self._open.clear)

    def resume(self) -> None:
        self._call(self._open.set)

    def silence(self) -> int:
        """Make all present connections silent, for good; returns their number. New ones work."""

        def silence() -> int:
            for link in self._links:
                link.is_silent = True
            return len(self._links)

        return self._call(silence)

    def cut(self) -> int:
        """Reset all present connections; returns their number."""

        def cut() -> int:
            links = list(self._links)
            for link in links:
                link.reset()
            return len(links)

        return self._call(cut)

    def close(self) -> None:
        self._call(self._server.close)
        self.resume()
        self.cut()
        self._wait(asyncio.sleep(0.1))  # until the loop has closed what was cut
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _accept(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            from_server, to_server = await asyncio.open_unix_connection(self._server_socket)
        except OSError:  # the server is down
            to_client.close()
            return
        link = _Link(to_client, to_server)
        self._links.add(link)
        try:
            upward = self._forward(link, from_client, to_server)
            downward = self._forward(link, from_server, to_client)
            await asyncio.gather(upward, downward)
        finally:
            self._links.discard(link)
            to_client.close()
            to_server.close()

    async def _forward(self, link: _Link, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            data = await source.read(BLOCK_BYTES)
            while data:
                await self._open.wait()
                if not link.is_silent:
                    target.write(data)
                    await target.drain()
                data = await source.read(BLOCK_BYTES)
        if target is link.server or not link.is_silent:
            target.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    def _call(self, action: Callable[[], T]) -> T:
        async def act() -> T:
            return action()

        return self._wait(act())
