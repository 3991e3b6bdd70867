"""Several connections of one snapshot read the ranges of an export in turn, each in a thread of its own."""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from exports.builder.snapshot import Block, Blocks, Statement

WAITING_BLOCKS = 32  # of all connections together: 8 MiB

Read = Callable[[Any, str, tuple[Any, ...]], Blocks]
"""Reads the blocks of one statement on a connection: (connection, SQL, parameters)."""


Interrupt = Callable[[Any], None]
"""Ends the statement that runs on a connection, as far as `read` does not end by itself in a second."""


def interrupt_nothing(_reader: Any) -> None:
    pass


def read_in_parallel(
    readers: Sequence[Any], statements: Sequence[Statement], read: Read, interrupt: Interrupt = interrupt_nothing
) -> Blocks:
    """The blocks of all statements in their order, read on all connections at once. Raises what `read` raises.

    For a second in which no block came, an empty one is yielded: the caller can look at the clock.
    """
    reader_count = len(readers)
    queue_size = max(1, WAITING_BLOCKS // reader_count)
    threads = [
        _ReaderThread(reader, statements[index::reader_count], read, queue_size) for index, reader in enumerate(readers)
    ]
    for thread in threads:
        thread.start()
    try:
        for index in range(len(statements)):
            yield from threads[index % reader_count].blocks_of_range()
    finally:
        for thread in threads:
            thread.is_stopped.set()
        for thread in threads:
            while thread.is_alive():
                interrupt(thread.reader)
                thread.join(0.1)


class _Stopped(Exception):
    """The blocks are no longer needed."""


class _ReaderThread(threading.Thread):
    """Reads every n-th range. Its blocks wait in the queue `waiting`; None follows the last block of each range."""

    def __init__(self, reader: Any, statements: Sequence[Statement], read: Read, queue_size: int) -> None:
        super().__init__(daemon=True)
        self.reader = reader
        self.statements = statements
        self.read = read
        self.waiting: queue.Queue[Block | Exception | None] = queue.Queue(queue_size)
        self.is_stopped = threading.Event()

    def run(self) -> None:
        with suppress(_Stopped):
            try:
                self._read_all()
            except _Stopped:
                raise
            except Exception as error:  # noqa: BLE001 - raised again by `blocks_of_range`
                self._put(error)

    def _read_all(self) -> None:
        for sql, params in self.statements:
            for block in self.read(self.reader, sql, params):
                self._put(block)
            self._put(None)

    def _put(self, item: Block | Exception | None) -> None:
        while not self.is_stopped.is_set():
            try:
                return self.waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
        raise _Stopped

    def blocks_of_range(self) -> Blocks:
        """The blocks of the next range; raises the thread's error."""
        while True:
            try:
                item = self.waiting.get(timeout=1)
            except queue.Empty:
                yield bytearray(), 0
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item
