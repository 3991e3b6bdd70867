"""Issues whose key another issue still bears: they wait until the end of the file, when others may have moved.

Jira's issue ID stays when an issue moves, its key does not; and keys may change places within one file.
"""

from collections.abc import Iterator

from imports.bulk_write import Engine
from imports.records import IssueRecord

MOST_WAITING = 10_000


class Moves:
    """Records that wait for their key, each ID's last one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: dict[int, IssueRecord] = {}

    def wait(self, record: IssueRecord) -> bool:
        """Let a record wait; False where too many wait already for memory to stay flat."""
        if len(self._waiting) >= MOST_WAITING:
            return False
        self._waiting[record.id] = record
        return True

    def forget(self, issue_id: int) -> bool:
        """Whether a record of this ID waited, which one that stands later in the file replaces."""
        return self._waiting.pop(issue_id, None) is not None

    def settle(self) -> Iterator[tuple[IssueRecord, int]]:
        """Give each record that must go, with the ID of the issue that keeps its key; the rest may be written."""
        holders = {key: issue_id for issue_id, key in self._keys("key", [r.key for r in self._waiting.values()])}
        own = dict(self._keys("id", list(self._waiting)))
        while refused := self._find_refused(holders):
            for record, holder in refused:
                del self._waiting[record.id]
                if key := own.get(record.id):  # it stays where it is, and so keeps its key from others
                    holders[key] = record.id
                yield record, holder
        self._engine.free_keys(list(self._waiting))

    def movable(self) -> list[IssueRecord]:
        """What may be written, once `settle` has run to its end."""
        return list(self._waiting.values())

    def _find_refused(self, holders: dict[str, int]) -> list[tuple[IssueRecord, int]]:
        takers: dict[str, int] = {}
        refused = []
        for record in self._waiting.values():
            holder = holders.get(record.key, record.id)
            stays = holder not in self._waiting
            if holder != record.id and stays:
                refused.append((record, holder))
            elif (taker := takers.setdefault(record.key, record.id)) != record.id:
                refused.append((record, taker))
        return refused

    def _keys(self, column: str, values: list[str] | list[int]) -> list[tuple[int, str]]:
        found = self._engine.find(column, list(values))
        return [(issue_id, stored.key) for issue_id, stored in found.items()]
