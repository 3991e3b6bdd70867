"""A mail server that fails on demand."""

import asyncio
import logging
import os
import socket
from collections import Counter
from contextlib import suppress
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller


class FaultyMailServer:
    """Can be down, be slow, refuse messages, or drop the connection after accepting one.

    `received` counts the messages that it accepted, by Message-ID.
    """

    def __init__(self) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self.mode = "normal"
        self.received: Counter[str] = Counter()
        self.controller = Controller(self, hostname="127.0.0.1", port=int(os.environ["CHAOS_MAIL_PORT"]))
        self.controller.start()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.mode == "refusing":
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.mode == "slow":
            await asyncio.sleep(2)
        self.received[str(message_from_bytes(envelope.content)["Message-ID"])] += 1
        if self.mode == "dropping":
            server.transport.abort()
        return "250 2.0.0 accepted"

    def stop(self) -> None:
        self.controller.stop()

    def restore(self) -> None:
        self.mode = "normal"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.controller.port), timeout=1):
            return
        self.controller = Controller(self, hostname="127.0.0.1", port=self.controller.port)
        self.controller.start()
