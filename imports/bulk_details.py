"""Details into their tables, in bulk. Details that the archive has already are staged, as issues are (bulk_write)."""

from collections.abc import Iterable, Sequence

from django.db import connection

from archive.models import DetailPerson, IssueDetail
from imports.bulk_write import Engine, Pair, Row

TABLE = f'"{IssueDetail._meta.db_table}"'
PEOPLE = f'"{DetailPerson._meta.db_table}"'
STAGED = '"staged_details"'
NAMES = ("issue_id", "column_id", "items", "value")
STAGED_NAMES = (*NAMES, "part_count")

# The value that the texts of a CSV file stand for is kept, if an earlier JSON file gave it with the same texts. A part
# of a list, which has `part_count` items, doesn't replace a list that is longer.
_FIND_DIFFERENT = f"""
    SELECT s.issue_id, s.column_id FROM {STAGED} s
    LEFT JOIN {TABLE} d ON d.issue_id = s.issue_id AND d.column_id = s.column_id
    WHERE d.issue_id IS NULL OR (
        (d.items {{differs}} s.items OR (s.value IS NOT NULL AND d.value {{differs}} s.value))
        AND (s.part_count IS NULL OR d.item_count <= s.part_count)
    )
"""


def insert(engine: Engine, rows: Iterable[Row]) -> None:
    """Write details of issues that have none. A row has the values of NAMES."""
    engine.copy(TABLE, rows, NAMES)


def update(engine: Engine, rows: Sequence[Row]) -> set[int]:
    """Write details of issues that the archive has; returns the IDs of the issues whose details differed.

    A row has the values of STAGED_NAMES. Those that differ are deleted and written again: SQLite needs twice the memory
    to replace a long value.
    """
    if not rows:
        return set()
    different = _find_different(engine, rows)
    if not different:
        return set()
    delete(engine, different)
    pairs = set(different)
    insert(engine, [row[: len(NAMES)] for row in rows if (row[0], row[1]) in pairs])
    return {issue_id for issue_id, _ in different}


def _find_different(engine: Engine, rows: Sequence[Row]) -> list[Pair]:
    """The rows that the archive lacks or has otherwise, as IDs of issues and columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {STAGED} (issue_id bigint, column_id bigint, "
            f"items {engine.json_type}, value {engine.json_type}, part_count bigint) {engine.on_commit}"
        )
        cursor.execute(f"DELETE FROM {STAGED}")
        engine.copy(STAGED, rows, STAGED_NAMES)
        cursor.execute(_FIND_DIFFERENT.format(differs=engine.differs))
        return list(cursor.fetchall())


def find_pairs(engine: Engine, issue_ids: list[int]) -> list[Pair]:
    """Which details the issues have, as IDs of issues and columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT issue_id, column_id FROM {TABLE} WHERE issue_id {engine.any_of}", [engine.to_parameter(issue_ids)]
        )
        return list(cursor.fetchall())


def delete(engine: Engine, pairs: Sequence[Pair]) -> None:
    """Remove details. Pairs are IDs of issues and columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE (issue_id, column_id) IN ({engine.pairs})",
            engine.to_pair_parameters(pairs),
        )


def add_people(engine: Engine, pairs: Sequence[Pair]) -> None:
    """Note which people the details of which issues name. Pairs are IDs of accounts and issues."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {PEOPLE} (account_id, issue_id) {engine.pairs} WHERE true ON CONFLICT DO NOTHING",
            engine.to_pair_parameters(pairs),
        )
