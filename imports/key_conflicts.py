"""Issues whose key still belongs to another issue: they wait until the end of the file, when the others may have moved.

An issue that moves keeps its ID in Jira and gets a new key, and issues may swap keys within one file.
"""

from collections.abc import Iterator

from imports.bulk_write import Engine
from imports.records import IssueRecord

MAX_WAITING = 10_000
MAX_WAITING_BYTES = 32_000_000

Refusal = tuple[IssueRecord, int]


class KeyConflicts:
    """Records that wait for their key: for each ID, the last one in the file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[int, IssueRecord] = {}
        self._waiting_bytes = 0

    def wait(self, record: IssueRecord) -> bool:
        """Let a record wait. False: too many wait already, and more would take too much memory."""
        if len(self._waiting) >= MAX_WAITING or self._waiting_bytes > MAX_WAITING_BYTES:
            return False
        self._waiting[record.id] = record
        self._waiting_bytes += record.size()
        return True

    def drop(self, issue_id: int) -> bool:
        """Stop waiting for a record that a later one in the file replaces. True: such a record was waiting."""
        record = self._waiting.pop(issue_id, None)
        if record is None:
            return False
        self._waiting_bytes -= record.size()
        return True

    def settle(self) -> Iterator[Refusal]:
        """Yield each record that can't have its key, with the ID of the issue that keeps it. The rest can be written.

        A record that is refused stays where it is, and so may take the key from another one: hence the rounds.
        """
        holders = self._engine.find_holders([record.key for record in self._waiting.values()])
        stored = self._engine.find("id", list(self._waiting))
        refused = self._find_refused(holders)
        while refused:
            for record, holder in refused:
                del self._waiting[record.id]
                if record.id in stored:
                    own_key = stored[record.id].key
                    holders[own_key] = record.id
                yield record, holder
            refused = self._find_refused(holders)
        self._engine.free_keys(list(self._waiting))

    def writable(self) -> list[IssueRecord]:
        """The records that can be written, once `settle` has run to its end."""
        return list(self._waiting.values())

    def writable_ids(self) -> list[int]:
        return list(self._waiting)

    def _find_refused(self, holders: dict[str, int]) -> list[Refusal]:
        first_takers: dict[str, int] = {}
        refused = []
        for record in self._waiting.values():
            holder = holders.get(record.key, record.id)
            if holder != record.id and holder not in self._waiting:
                refused.append((record, holder))
                continue
            taker = first_takers.setdefault(record.key, record.id)
            if taker != record.id:
                refused.append((record, taker))
        return refused
