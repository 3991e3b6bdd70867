"""Random issues are written as docs/csv.md says, by each engine and by any number of connections."""

import datetime
import io
import itertools
import json
import threading
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.columns import COLUMNS, ColumnKind
from archive.filters import IssueFilter
from archive.models import Account, ArchivedIssue, Project
from core.formula_guard import FORMULA_SIGNS
from exports import storage
from exports.builder import ENGINES, build, postgresql, sqlite
from exports.builder.snapshot import wait_uninterrupted
from tests.factories import NOON, make_issue
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

MODULES = {"postgresql": postgresql, "sqlite": sqlite}
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    st.text(st.sampled_from(FORMULA_SIGNS + "'\"\\,; \n\r\taA0é％＜😀{}[]%s"), max_size=8),
)
NAME = TEXT.map(lambda text: text[:20])
TIME = st.datetimes(timezones=st.just(datetime.UTC))
WHOLE = st.integers(-(2**31), 2**31 - 1)
LIST = st.lists(TEXT.filter(bool), max_size=4)
ISSUE = st.fixed_dictionaries(
    {
        **dict.fromkeys(["summary", "description", "environment", "parent_summary"], TEXT),
        **dict.fromkeys(["status", "priority", "resolution", "security_level", "status_category"], NAME),
        **dict.fromkeys(["labels", "components", "fix_versions", "affects_versions"], LIST),
        **dict.fromkeys(["created", "updated", "resolved", "status_category_changed"], st.none() | TIME),
        **dict.fromkeys(["votes", "time_spent", "work_ratio", "parent_id", "total_time_spent"], st.none() | WHOLE),
        "due_date": st.none() | st.dates(datetime.date(1, 1, 1)),
        "archived_date": st.just(NOON) | TIME,
    }
)


def exported() -> bytes:
    with storage.begin(1, 1) as part:
        build(IssueFilter().issues(), part, guard=True, report=lambda _written, _expected: None)
        name = part.publish()
    with storage.open_file(name) as file:
        return file.read()


def expected(issues: list[ArchivedIssue]) -> bytes:
    """The file as docs/csv.md describes it, written in plain Python."""
    widths = {
        column.source: max([1, *(len(getattr(issue, column.source)) for issue in issues)])
        for column in COLUMNS
        if column.kind is ColumnKind.LIST
    }
    file = io.StringIO()
    file.write(",".join(c.heading for c in COLUMNS for _ in range(widths.get(c.source, 1))) + "\n")
    for issue in sorted(issues, key=lambda issue: (issue.archived_date, issue.pk)):
        cells = [cell for column in COLUMNS for cell in written(issue, column.source, column.kind, widths)]
        file.write(",".join(cells) + "\n")
    return file.getvalue().encode()


def written(issue: ArchivedIssue, source: str, kind: ColumnKind, widths: dict[str, int]) -> list[str]:
    value: Any = issue
    for name in source.split("__"):
        value = getattr(value, name, None)
    if kind is ColumnKind.LIST:
        return [quoted(text) for text in value + [""] * (widths[source] - len(value))]
    if kind is ColumnKind.TEXT:
        return [quoted(value or "")]
    if kind is ColumnKind.TIME and value:
        fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
        return [f"{value.replace(tzinfo=None, microsecond=0).isoformat()}{fraction}+00:00"]
    return ["" if value is None else str(value)]


def quoted(text: str) -> str:
    return '"' + guarded(text).replace('"', '""') + '"'


def guarded(text: str) -> str:
    """The guard as docs/csv.md describes it, written without a regular expression."""
    result = ""
    is_after_separator = False
    for index, character in enumerate(text):
        rest = text[index:].lstrip("'")
        is_before_sign = rest != "" and rest[0] in "=+-@＝＋－＠"
        if index == 0:
            is_before_sign = rest != "" and rest[0] in FORMULA_SIGNS
        if is_before_sign and (index == 0 or is_after_separator):
            result += "'"
        result += character
        is_after_separator = character in ";\t\r\n" or (is_after_separator and character == '"')
    return result


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ISSUE, min_size=1, max_size=6), st.lists(NAME, min_size=3, max_size=3))
def test_it_works(records: list[dict[str, Any]], names: list[str]) -> None:
    ArchivedIssue.objects.all().delete()
    for number, record in enumerate(records):
        make_issue(number, reporter="rob", **record)
    Account.objects.filter(account_id="rob").update(name=names[0])
    Project.objects.update(name=names[1], description=names[2])
    issues = list(ArchivedIssue.objects.select_related())
    assert exported() == expected(issues), json.dumps(records, default=str)


def test_blocks_of_long_records_stay_small() -> None:
    for number in range(8):
        make_issue(number, description="x" * (200_000 if number < 6 else 1))
    with ENGINES[connection.vendor](IssueFilter().issues(), True, wait_uninterrupted) as snapshot:
        blocks = [(len(block), rows) for block, rows in snapshot.blocks()]
    assert [rows for _, rows in blocks] == [2, 2, 2, 2]
    assert max(size for size, _ in blocks) < 500_000


@pytest.mark.parametrize("rows", [1, 2, 3, 50])
def test_the_bytes_do_not_depend_on_connections_or_ranges(
    settings: Any, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    for number in range(20):
        make_issue(number, labels=["x"] * (number % 4), archived_date=NOON + datetime.timedelta(days=number % 3))
    settings.EXPORT_CONNECTIONS = 1
    alone = exported()
    monkeypatch.setattr(MODULES[connection.vendor], "RANGE_ROWS", rows)
    for count in (2, 3, 5):
        settings.EXPORT_CONNECTIONS = count
        assert exported() == alone
    assert len(alone.splitlines()) == 21


def has_no_other_session() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone() is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL exports a snapshot for other connections")
def test_connections_to_sqlite_read_the_same_state_while_others_write(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        make_issue(number, summary="a")
    monkeypatch.setattr(sqlite, "RANGE_ROWS", 1)
    settings.EXPORT_CONNECTIONS = 2
    is_done = threading.Event()

    def write() -> None:
        for version in itertools.count():
            ArchivedIssue.objects.update(summary=f"v{version}")
            if is_done.is_set():
                break
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(20):
            summaries = {line.split(b",")[0] for line in exported().splitlines()[1:]}
            assert len(summaries) == 1
    finally:
        is_done.set()
        writer.join()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL exports a snapshot for other connections")
def test_an_export_does_not_wait_for_a_long_write(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_issue(number)
    monkeypatch.setattr(sqlite, "RANGE_ROWS", 1)
    settings.EXPORT_CONNECTIONS = 2
    before = exported()
    writer = connection.copy()
    with writer.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute(f"UPDATE {ArchivedIssue._meta.db_table} SET summary = 'not committed'")
        assert exported() == before
    writer.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's sessions are open files")
def test_no_thread_and_no_connection_is_left_after_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        make_issue(number, description="x" * 400_000)
    monkeypatch.setattr(postgresql, "RANGE_ROWS", 2)
    settings.EXPORT_CONNECTIONS = 3

    class Stop(Exception):
        pass

    def read_one_block_and_stop() -> None:
        with postgresql.open_snapshot(IssueFilter().issues(), guard=True, wait=wait_uninterrupted) as snapshot:
            assert next(snapshot.blocks())
            raise Stop

    threads_before = set(threading.enumerate())
    with pytest.raises(Stop):
        read_one_block_and_stop()
    assert set(threading.enumerate()) <= threads_before
    wait_for(has_no_other_session, "PostgreSQL ends the sessions of closed connections")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite copies nothing")
def test_a_copy_that_fails_or_is_not_read_to_its_end_closes_its_connection() -> None:
    parameters = connection.get_connection_params() | {"autocommit": True}
    fails = "COPY (SELECT 1 / (50000 - number) FROM generate_series(1, 60000) number) TO STDOUT"
    with psycopg.connect(**parameters) as reader, pytest.raises(psycopg.errors.DivisionByZero):
        list(postgresql.copy_blocks(reader, fails, ()))
    assert reader.closed
    long = "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 60000)) TO STDOUT"
    with psycopg.connect(**parameters) as reader:
        blocks = postgresql.copy_blocks(reader, long, ())
        assert next(blocks)
        blocks.close()  # type: ignore[attr-defined]
        assert reader.closed
    with psycopg.connect(**parameters) as reader:
        assert sum(rows for _, rows in postgresql.copy_blocks(reader, long, ())) == 60_000
        assert reader.execute("SELECT 1").fetchone() == (1,)
    with psycopg.connect(**parameters) as reader, psycopg.connect(**parameters) as other:
        blocks = postgresql.copy_blocks(reader, long.replace("60000", "6000000"), ())
        assert next(blocks)
        other.execute("SELECT pg_terminate_backend(%s)", [reader.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            list(blocks)
