"""How many downloads may hold a thread of the web process, each until its client has read the last byte."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from exports.errors import TooManyDownloads


class StreamingThreads:
    """`limit` threads, of which one person gets at most half, so that others get through whatever one person does."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._limit_of_person = max(1, limit // 2)
        self._taken: Counter[int] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, user_id: int) -> Iterator[None]:
        """Hold a thread.

        Raises:
            TooManyDownloads: all are taken, or half of them by this person.
        """
        with self._lock:
            if self._taken.total() >= self._limit or self._taken[user_id] >= self._limit_of_person:
                raise TooManyDownloads
            self._taken[user_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[user_id] -= 1
                self._taken += Counter()  # forget people with none
