"""Removing issues and anonymising people while an import runs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from accounts.models import User
from archive.models import Account, ArchivedIssue, RemovalKind
from archive.removals import anonymise_account, remove_issues
from archive.services import unarchive_issues
from imports import seed as seeding
from imports.models import ImportJob
from jobs import long_write
from tests.factories import make_issue
from tests.running import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no single writer")


@contextmanager
def in_a_thread(work: Callable[[], object]) -> Iterator[None]:
    """Start the work, and wait for its end after the body."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again below
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)
    assert not thread.is_alive()
    if failures:
        raise failures[0]


@contextmanager
def import_that_writes() -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """The session of an import, which has the lock on the table of issues until the body ends."""
    with psycopg.connect(**connection.get_connection_params()) as session:
        session.execute("LOCK TABLE archive_archivedissue IN SHARE ROW EXCLUSIVE MODE")
        yield session
        session.commit()


def wait_for_a_waiting_lock(session: "psycopg.Connection[tuple[object, ...]]") -> None:
    sql = (
        "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
        "WHERE c.relname = 'archive_archivedissue' AND NOT l.granted"
    )
    wait_for(lambda: session.execute(sql).fetchall() != [(0,)], "the other session waits for the import")


@only_postgresql
def test_anonymising_waits_for_the_import_and_blocks_nothing_meanwhile() -> None:
    make_issue(1, reporter="rob")
    with import_that_writes() as session, in_a_thread(lambda: anonymise_account("rob", "olga")):
        wait_for_a_waiting_lock(session)
        session.execute("SET lock_timeout = '1s'")
        session.execute("UPDATE archive_account SET name = 'Robert' WHERE account_id = 'rob'")
        session.commit()
    assert not Account.objects.filter(account_id="rob").exists()
    assert Account.objects.filter(name="").exists()


@only_postgresql
def test_unarchiving_waits_for_the_import_and_blocks_nothing_meanwhile(alice: User) -> None:
    make_issue(1)
    make_issue(2)
    with import_that_writes() as session, in_a_thread(lambda: unarchive_issues(alice, ["FOO-1"])):
        wait_for_a_waiting_lock(session)
        session.execute("SET lock_timeout = '1s'")
        session.execute("UPDATE archive_archivedissue SET summary = 'new' WHERE id = 1")
        session.commit()
    assert list(ArchivedIssue.objects.values_list("key", flat=True)) == ["FOO-2"]


@only_postgresql
def test_unarchiving_what_the_archive_does_not_have_waits_for_nothing(alice: User) -> None:
    with import_that_writes():
        assert unarchive_issues(alice, ["FOO-1"]).not_found == ["FOO-1"]


def remove_all() -> None:
    remove_issues(ArchivedIssue.objects.all(), RemovalKind.DELETED, "olga", {})


def anonymise_rob() -> None:
    anonymise_account("rob", "olga")


@only_sqlite
@pytest.mark.parametrize("change", [remove_all, anonymise_rob])
def test_while_a_command_changes_the_archive_everybody_knows_why_they_cannot_write(
    change: Callable[[], object],
) -> None:
    make_issue(1, reporter="rob")
    seen: list[bool] = []

    def watch(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")):
            seen.append(long_write.is_running())
        return execute(sql, *arguments)

    with connection.execute_wrapper(watch):
        change()
    assert len(seen) >= 3
    assert all(seen)
    assert not long_write.is_running()


@only_sqlite
@pytest.mark.parametrize("change", [remove_all, anonymise_rob])
def test_a_command_waits_for_an_import_however_long_it_writes(change: Callable[[], object], settings: Any) -> None:
    settings.DATABASES["default"]["OPTIONS"]["timeout"] = 0.5
    make_issue(1, reporter="rob")

    def change_and_close() -> None:
        change()
        connection.close()

    with long_write.hold(), transaction.atomic():
        waiting = threading.Thread(target=change_and_close)
        waiting.start()
        waiting.join(2)
        assert waiting.is_alive()
        assert ArchivedIssue.objects.filter(reporter__account_id="rob").exists()
    waiting.join(20)
    assert not ArchivedIssue.objects.filter(reporter__account_id="rob").exists()


def test_sample_issues_are_created_after_a_removal_of_their_projects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "CHUNK", 20)
    written = seeding.seed(40, 1)
    next(written)
    remove_issues(ArchivedIssue.objects.all(), RemovalKind.DELETED, "olga", {})
    next(written)
    assert ArchivedIssue.objects.count() == 20


def test_an_anonymised_account_is_not_left_in_the_options_of_imports() -> None:
    make_issue(1, reporter="rob")
    job = ImportJob.objects.create(
        file_name="a.csv", operator="olga", options={"archived_by": "rob", "is_strict": True}
    )
    other = ImportJob.objects.create(file_name="b.csv", operator="olga", options={"archived_by": "robert"})
    new_id, _ = anonymise_account("rob", "olga")
    job.refresh_from_db()
    other.refresh_from_db()
    assert job.options == {"archived_by": new_id, "is_strict": True}
    assert other.options == {"archived_by": "robert"}
