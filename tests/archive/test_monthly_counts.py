"""How many issues each month holds."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection

from archive import monthly_counts as months
from archive.errors import InvalidFilter
from archive.filters import IssueFilter
from archive.models import ArchivedIssue, MonthSummary, RemovalKind
from archive.monthly_counts import count_by_month, count_within
from archive.removals import remove_issues
from imports import load
from imports.seed import seed
from jobs import tasks as job_tasks
from tests.factories import make_issue

UTC = datetime.UTC
pytestmark = pytest.mark.django_db


def archived(*moments: datetime.datetime, **fields: Any) -> None:
    for moment in moments:
        make_issue(ArchivedIssue.objects.count() + 1, archived_date=moment, **fields)


def test_it_works() -> None:
    archived(datetime.datetime(2023, 11, 5, tzinfo=UTC), datetime.datetime(2023, 11, 30, 23, 59, 59, tzinfo=UTC))
    archived(datetime.datetime(2024, 1, 1, tzinfo=UTC))
    assert count_by_month(IssueFilter()) == [
        (datetime.date(2023, 11, 1), 2),
        (datetime.date(2023, 12, 1), 0),
        (datetime.date(2024, 1, 1), 1),
    ]


def test_a_filter_narrows_it_to_the_months_that_hold_any() -> None:
    archived(datetime.datetime(2023, 1, 5, tzinfo=UTC), datetime.datetime(2023, 9, 5, tzinfo=UTC), project="BAR")
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC), project="FOO", reporter="rita")
    expected = [(datetime.date(2023, 4, 1), 1)]
    assert count_by_month(IssueFilter(projects=("FOO",))) == expected
    assert count_by_month(IssueFilter(projects=("FOO", "BAR"), reporters=("rita",), issue_types=("1",))) == expected
    spring = IssueFilter(archived_after=datetime.date(2023, 4, 1), archived_before=datetime.date(2023, 9, 1))
    assert count_by_month(spring) == expected


def test_a_month_begins_at_midnight_in_the_sites_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    archived(datetime.datetime(2023, 6, 30, 21, 59, tzinfo=UTC), datetime.datetime(2023, 6, 30, 22, 0, tzinfo=UTC))
    assert count_by_month(IssueFilter()) == [(datetime.date(2023, 6, 1), 1), (datetime.date(2023, 7, 1), 1)]


@pytest.mark.parametrize(
    ("after", "before", "count"),
    [("2023-01-01", "2023-02-01", 1), ("2022-12-01", "2023-03-01", 3), ("2023-01-02", "2023-02-01", None)],
)
def test_whole_months_are_counted_from_them(after: str, before: str, count: int | None) -> None:
    moments = [datetime.datetime(2023, month, 5, tzinfo=UTC) for month in (1, 2, 2, 3)]
    archived(*moments)
    counted, dates = count_by_month(IssueFilter()), (datetime.date.fromisoformat(day) for day in (after, before))
    assert count_within(counted, *dates) == count


def test_months_that_take_impossible_dates_in_are_not_counted_from() -> None:
    archived(datetime.datetime(1999, 1, 1, tzinfo=UTC))
    months = count_by_month(IssueFilter())
    assert months == [(datetime.date(2002, 1, 1), 1)]
    assert count_within(months, datetime.date(2002, 1, 1), datetime.date(2002, 2, 1)) is None
    assert count_within(months, datetime.date(2001, 1, 1), datetime.date(2002, 2, 1)) is None


def test_an_empty_archive_has_no_months() -> None:
    assert count_by_month(IssueFilter()) == []


def test_impossible_dates_count_in_the_nearest_month() -> None:
    archived(datetime.datetime(1, 1, 1, tzinfo=UTC), datetime.datetime(9999, 12, 31, 12, tzinfo=UTC))
    months = count_by_month(IssueFilter())
    today = datetime.datetime.now(ZoneInfo("UTC")).date()
    assert months[0] == (datetime.date(2002, 1, 1), 1)
    assert months[-1] == (today.replace(day=1), 1)
    assert sum(count for _, count in months) == 2


def test_an_unknown_value_is_refused() -> None:
    archived(datetime.datetime(2023, 1, 5, tzinfo=UTC))
    with pytest.raises(InvalidFilter):
        count_by_month(IssueFilter(projects=("NOPE",)))


SPRING = (datetime.date(2023, 4, 1), 1)


def test_the_whole_archive_is_kept_until_it_changes(django_assert_num_queries: Any) -> None:
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC))
    with django_assert_num_queries(4):
        assert count_by_month(IssueFilter()) == [SPRING]
    months.refresh()
    with django_assert_num_queries(1):
        assert count_by_month(IssueFilter()) == [SPRING]
    with django_assert_num_queries(1):
        months.refresh()
    months.invalidate()
    archived(datetime.datetime(2023, 5, 5, tzinfo=UTC))
    assert count_by_month(IssueFilter()) == [SPRING, (datetime.date(2023, 5, 1), 1)]


def test_what_is_kept_answers_no_filter_and_no_other_zone(settings: Any) -> None:
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC), project="FOO")
    archived(datetime.datetime(2023, 4, 30, 23, 0, tzinfo=UTC), project="BAR")
    months.refresh()
    assert count_by_month(IssueFilter(projects=("FOO",))) == [SPRING]
    settings.TIME_ZONE = "Europe/Berlin"
    assert count_by_month(IssueFilter()) == [SPRING, (datetime.date(2023, 5, 1), 1)]
    months.refresh()
    assert MonthSummary.objects.get().time_zone == "Europe/Berlin"


def test_an_import_and_a_removal_make_it_forgotten_and_a_sweep_counts_anew() -> None:
    list(seed(30, 1))
    job_tasks.sweep()
    before = count_by_month(IssueFilter())
    assert MonthSummary.objects.exists()
    list(seed(40, 1))
    assert not MonthSummary.objects.exists()
    after = count_by_month(IssueFilter())
    assert sum(count for _, count in after) == sum(count for _, count in before) + 10
    job_tasks.sweep()
    list(seed(40, 1))  # changes nothing
    assert MonthSummary.objects.exists()
    remove_issues(ArchivedIssue.objects.all(), RemovalKind.DELETED, "alice", {})
    assert count_by_month(IssueFilter()) == []


def test_a_large_import_counts_at_once() -> None:
    list(seed(load.MANY, 1))
    assert sum(count for _, count in MonthSummary.objects.get().months) == load.MANY


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's writers wait for one another")
@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_of_an_archive_that_is_being_written() -> None:
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC))
    with psycopg.connect(**connection.get_connection_params()) as writer:
        writer.execute("UPDATE archive_archivedissue SET archived_date = now()")
        months.refresh()
        assert not MonthSummary.objects.exists()
    months.refresh()
    assert count_by_month(IssueFilter()) != [SPRING]
