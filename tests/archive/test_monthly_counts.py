"""The number of issues archived in each month."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection

from archive import monthly_counts
from archive.errors import InvalidFilter
from archive.filters import IssueFilter
from archive.models import ArchivedIssue, MonthSummary, RemovalKind
from archive.monthly_counts import count_by_month, count_within
from archive.removals import remove_issues
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


def test_a_filter_is_counted_from_its_first_month_with_issues_to_its_last() -> None:
    archived(datetime.datetime(2023, 1, 5, tzinfo=UTC), datetime.datetime(2023, 9, 5, tzinfo=UTC), project="BAR")
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC), project="FOO", reporter="rita")
    expected = [(datetime.date(2023, 4, 1), 1)]
    assert count_by_month(IssueFilter(projects=("FOO",))) == expected
    assert count_by_month(IssueFilter(projects=("FOO", "BAR"), reporters=("rita",), issue_types=("1",))) == expected
    spring = IssueFilter(archived_after=datetime.date(2023, 4, 1), archived_before=datetime.date(2023, 9, 1))
    assert count_by_month(spring) == expected


def test_a_month_starts_at_midnight_in_the_sites_time_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    archived(datetime.datetime(2023, 6, 30, 21, 59, tzinfo=UTC), datetime.datetime(2023, 6, 30, 22, 0, tzinfo=UTC))
    assert count_by_month(IssueFilter()) == [(datetime.date(2023, 6, 1), 1), (datetime.date(2023, 7, 1), 1)]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham"])
def test_a_filter_of_several_lists_has_the_same_months(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    second = datetime.timedelta(seconds=1)
    for month in range(1, 13):
        midnight = datetime.datetime(2023, month, 1, tzinfo=ZoneInfo(zone))
        archived(midnight.astimezone(UTC) - second, midnight.astimezone(UTC), midnight.astimezone(UTC) + second)
    counts = count_by_month(IssueFilter(projects=("FOO",)))
    assert counts[:2] == [(datetime.date(2022, 12, 1), 1), (datetime.date(2023, 1, 1), 3)]
    assert count_by_month(IssueFilter(projects=("FOO",), issue_types=("1",))) == counts


@pytest.mark.parametrize(
    ("after", "before", "count"),
    [("2023-01-01", "2023-02-01", 1), ("2022-12-01", "2023-03-01", 3), ("2023-01-02", "2023-02-01", None)],
)
def test_whole_months_are_counted_from_the_monthly_counts(after: str, before: str, count: int | None) -> None:
    moments = [datetime.datetime(2023, month, 5, tzinfo=UTC) for month in (1, 2, 2, 3)]
    archived(*moments)
    counts = count_by_month(IssueFilter())
    assert count_within(counts, datetime.date.fromisoformat(after), datetime.date.fromisoformat(before)) == count


def test_months_that_also_count_impossible_dates_cannot_answer() -> None:
    archived(datetime.datetime(1999, 1, 1, tzinfo=UTC))
    counts = count_by_month(IssueFilter())
    assert counts == [(datetime.date(2002, 1, 1), 1)]
    assert count_within(counts, datetime.date(2002, 1, 1), datetime.date(2002, 2, 1)) is None
    assert count_within(counts, datetime.date(2001, 1, 1), datetime.date(2002, 2, 1)) is None


def test_an_empty_archive_has_no_months() -> None:
    assert count_by_month(IssueFilter()) == []


def test_impossible_dates_count_in_the_nearest_month() -> None:
    archived(datetime.datetime(1, 1, 1, tzinfo=UTC), datetime.datetime(9999, 12, 31, 12, tzinfo=UTC))
    counts = count_by_month(IssueFilter())
    today = datetime.datetime.now(ZoneInfo("UTC")).date()
    assert counts[0] == (datetime.date(2002, 1, 1), 1)
    assert counts[-1] == (today.replace(day=1), 1)
    assert sum(count for _, count in counts) == 2


def test_an_unknown_value_is_refused() -> None:
    archived(datetime.datetime(2023, 1, 5, tzinfo=UTC))
    with pytest.raises(InvalidFilter):
        count_by_month(IssueFilter(projects=("NOPE",)))


SPRING = (datetime.date(2023, 4, 1), 1)


def test_the_counts_of_the_whole_archive_are_cached_until_it_changes(django_assert_num_queries: Any) -> None:
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC))
    with django_assert_num_queries(4):
        assert count_by_month(IssueFilter()) == [SPRING]
    monthly_counts.refresh()
    with django_assert_num_queries(1):
        assert count_by_month(IssueFilter()) == [SPRING]
    with django_assert_num_queries(1):
        monthly_counts.refresh()
    monthly_counts.invalidate()
    archived(datetime.datetime(2023, 5, 5, tzinfo=UTC))
    assert count_by_month(IssueFilter()) == [SPRING, (datetime.date(2023, 5, 1), 1)]


def test_the_cache_is_not_used_for_a_filter_or_another_time_zone(settings: Any) -> None:
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC), project="FOO")
    archived(datetime.datetime(2023, 4, 30, 23, 0, tzinfo=UTC), project="BAR")
    monthly_counts.refresh()
    assert count_by_month(IssueFilter(projects=("FOO",))) == [SPRING]
    settings.TIME_ZONE = "Europe/Berlin"
    assert count_by_month(IssueFilter()) == [SPRING, (datetime.date(2023, 5, 1), 1)]
    monthly_counts.refresh()
    assert MonthSummary.objects.get().time_zone == "Europe/Berlin"


def test_imports_and_removals_invalidate_the_cache_and_the_sweep_refreshes_it() -> None:
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


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_nothing_is_cached_while_issues_are_being_written() -> None:
    archived(datetime.datetime(2023, 4, 5, tzinfo=UTC))
    with psycopg.connect(**connection.get_connection_params()) as writer:
        writer.execute("UPDATE archive_archivedissue SET archived_date = now()")
        monthly_counts.refresh()
        assert not MonthSummary.objects.exists()
    monthly_counts.refresh()
    assert count_by_month(IssueFilter()) != [SPRING]
