"""The words by which issues are found, into their table, in bulk."""

import json
from collections.abc import Iterable, Iterator

from django.db import connection

from archive.models import IssueWords, WordsField
from archive.search_index import SEARCHED_KINDS, Found, words_of
from imports.bulk_write import Engine
from imports.records import IssueRecord

TABLE = f'"{IssueWords._meta.db_table}"'
NAMES = ("rowid", "words")


def insert(engine: Engine, records: Iterable[IssueRecord]) -> None:
    """Write the words of issues that the archive has just got.

    By ID: SQLite's FTS5 keeps new rows in memory until one comes whose ID is lower than that of the row before.
    """
    rows = [_row(record) for record in records]
    rows.sort()
    engine.copy(TABLE, rows, NAMES)


def _row(record: IssueRecord) -> tuple[int, str]:
    words = words_of(record, _searched_details(record))
    return record.id, WordsField.stored(words, connection.vendor)


def _searched_details(record: IssueRecord) -> Iterator[Found]:
    for detail in record.details:
        if detail.column.kind in SEARCHED_KINDS:
            yield detail.column.kind, json.loads(detail.items)
