"""The connection to PostgreSQL is lost while issues are written: an error of Django's; the job is tried again."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from imports.bulk_write import NAMES, engine

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to lose"),
]
MANY = 200_000  # more than the buffers between the portal and the server hold


def rows_that_end_the_connection() -> Iterator[list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parameters = connection.get_connection_params()

    def rows() -> Iterator[list[Any]]:
        with psycopg.connect(**parameters, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])
        for _ in range(MANY):
            yield [None] * len(NAMES)

    return rows()


def test_a_connection_lost_while_rows_are_copied(db: None) -> None:
    try:
        with pytest.raises(OperationalError), transaction.atomic():
            engine().insert(rows_that_end_the_connection())
    finally:
        connection.close()
