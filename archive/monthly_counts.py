"""The number of archived issues per month, for the chart on the archive page.

Each index of the archive starts with the column of one filter list, followed by the archived date. The issues of one
month are therefore adjacent in the index and can be counted there. A filter that sets several lists, and most searches,
are counted by selecting the issues once and assigning each to its month.
The counts of the whole archive are cached until the archive changes. Every visit starts with this chart, and counting a
million issues takes 260 ms on PostgreSQL and 165 ms on SQLite; with one GROUP BY of the truncated date, it would take
450 ms and 14 s. From the cache it takes 1 ms.
"""

import datetime
import logging
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from archive.filters import MOST_ISSUES, VALUE_LISTS, IssueFilter, count_up_to_limit
from archive.models import ArchivedIssue, MonthSummary
from archive.search_index import Search

logger = logging.getLogger(__name__)

# Jira's first release. With the current month as the last one, it limits the number of months, even if an import has
# brought impossible dates.
FIRST_MONTH = datetime.date(2002, 1, 1)
EARLIEST = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
LATEST = datetime.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=datetime.UTC)

MonthCount = tuple[datetime.date, int]
"""The first day of a month and the number of issues archived in it."""
Issues = QuerySet[ArchivedIssue]


def count_by_month(
    issue_filter: IssueFilter, issues: Issues | None = None, search: Search | None = None
) -> list[MonthCount]:
    """Count the filter's issues in each month of the site's time zone, from the first month with issues to the last.

    The counts add up to the number of issues that the filter selects: an archived date before FIRST_MONTH counts
    in FIRST_MONTH, and one after today in the current month.
    `issues` are the issues that the filter selects, and `search` is its text, if the caller has looked them up already.

    Raises:
        InvalidFilter: the filter has a value that the archive does not have.
    """
    if not issue_filter:
        cached = _cached()
        if cached is not None:
            return cached
    if issues is None:
        issues = issue_filter.issues()
    months = _archive_months()
    if not months:
        return []
    starts = _starts(months)
    if _is_counted_in_index(issue_filter, search):
        counts = _count_in_index(issues.order_by(), starts)
    else:
        counts = _count_by_dates(issues.order_by(), starts)
    return _trim(months, counts)


def invalidate() -> None:
    """Delete the cached counts. Every transaction that changes the archive must call this."""
    MonthSummary.objects.all().delete()


def refresh() -> None:
    """Count the whole archive and cache the counts, unless they are cached or issues are being written right now."""
    if _cached() is not None:
        return
    try:
        with transaction.atomic():
            _block_writers()
            counts = count_by_month(IssueFilter())
            invalidate()
            months = [(month.isoformat(), count) for month, count in counts]
            MonthSummary.objects.create(time_zone=settings.TIME_ZONE, months=months)
    except OperationalError as error:
        logger.info("The monthly counts were not refreshed: %s", str(error).strip())


def count_within(counts: Iterable[MonthCount], after: datetime.date, before: datetime.date) -> int | None:
    """The number of issues archived from `after` until the day before `before`, taken from the monthly counts.

    None if they cannot answer: the dates are not whole months, or include the first or the current month, which also
    count impossible dates.
    """
    if after.day != 1 or before.day != 1:
        return None
    if after <= FIRST_MONTH or before > _current_month():
        return None
    return sum(count for month, count in counts if after <= month < before)


def count_issues(issue_filter: IssueFilter) -> int:
    """The number of issues that the filter selects, from the cached counts if it selects all. Stops one over the limit.

    Raises:
        InvalidFilter: the filter has a value that the archive does not have.
    """
    if not issue_filter:
        cached = _cached()
        if cached is not None:
            total = sum(count for _, count in cached)
            return min(total, MOST_ISSUES + 1)
    return count_up_to_limit(issue_filter.issues())


def next_month(month: datetime.date) -> datetime.date:
    """The first day of the following month. `month` is the first day of a month."""
    return (month + datetime.timedelta(days=31)).replace(day=1)


def _cached() -> list[MonthCount] | None:
    summary = MonthSummary.objects.filter(pk=settings.TIME_ZONE).first()
    if summary is None:
        return None
    return [(datetime.date.fromisoformat(month), count) for month, count in summary.months]


def _block_writers() -> None:
    """Let no other transaction write issues before this one ends. SQLite needs no lock: it has one writer at a time.

    Raises:
        OperationalError: another transaction is writing issues.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{ArchivedIssue._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE NOWAIT')


# -- Months -------------------------------------------------------------------------------------------


def _archive_months() -> list[datetime.date]:
    """Every month from the archive's first archived date to its last."""
    dates = ArchivedIssue.objects.order_by("archived_date").values_list("archived_date", flat=True)
    # Two queries: SQLite finds the first and the last entry of an index only if asked for one at a time.
    first_date = dates.first()
    last_date = dates.last()
    if first_date is None or last_date is None:
        return []
    months = [_plausible_month(first_date)]
    last_month = _plausible_month(last_date)
    while months[-1] < last_month:
        months.append(next_month(months[-1]))
    return months


def _plausible_month(moment: datetime.datetime) -> datetime.date:
    """The month of this moment in the site's time zone, no earlier than FIRST_MONTH and no later than this month."""
    try:
        day = moment.astimezone(_zone()).date()
    except OverflowError:  # in years 1 and 9999, the local day may not exist
        day = moment.date()
    month = max(day.replace(day=1), FIRST_MONTH)
    return min(month, _current_month())


def _current_month() -> datetime.date:
    return timezone.localdate(timezone=_zone()).replace(day=1)


def _starts(months: Sequence[datetime.date]) -> list[Any]:
    """The moment when each month starts, as a query parameter. The first month starts before any archived date."""
    starts = [connection.ops.adapt_datetimefield_value(EARLIEST)]
    for month in months[1:]:
        midnight = datetime.datetime.combine(month, datetime.time(), _zone())
        starts.append(connection.ops.adapt_datetimefield_value(midnight))
    return starts


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _trim(months: Sequence[datetime.date], counts: dict[int, int]) -> list[MonthCount]:
    """The counts from the first month with issues to the last. `counts` has the counts by the month's index."""
    filled = [index for index, count in counts.items() if count]
    if not filled:
        return []
    span = range(min(filled), max(filled) + 1)
    return [(months[index], counts.get(index, 0)) for index in span]


# -- Counting -----------------------------------------------------------------------------------------


def _is_counted_in_index(issue_filter: IssueFilter, search: Search | None) -> bool:
    """Whether counting each month by itself is faster than selecting the issues once."""
    list_count = sum(bool(issue_filter.values_of(name)) for name in VALUE_LISTS)
    if list_count > 1:
        return False
    if not issue_filter.text:
        return True
    # SQLite finds the issues with the words once for all months, and then looks through the index as without them.
    return connection.vendor == "sqlite" and search is not None and search.is_common


def _count_in_index(issues: Issues, starts: list[Any]) -> dict[int, int]:
    """Count the issues of every month in an index.

    One query joins all months to one count between two moments, which the database plans only once.
    """
    in_month = {"archived_date__gte": RawSQL("month.start", ()), "archived_date__lt": RawSQL("month.beyond", ())}
    counted, counted_params = issues.filter(**in_month).values("pk").query.sql_with_params()
    row = "(%s, %s, %s)"
    if connection.vendor == "postgresql":
        row = "(%s, CAST(%s AS timestamptz), CAST(%s AS timestamptz))"
    ends = [*starts[1:], connection.ops.adapt_datetimefield_value(LATEST)]
    params: list[Any] = []
    for index, start in enumerate(starts):
        params.extend([index, start, ends[index]])
    rows = ", ".join([row] * len(starts))
    sql = (
        f"WITH month(number, start, beyond) AS (VALUES {rows}) "
        f"SELECT number, (SELECT COUNT(*) FROM ({counted}) AS issue) FROM month"
    )
    return dict(_fetch(sql, [*params, *counted_params]))


def _count_by_dates(issues: Issues, starts: list[Any]) -> dict[int, int]:
    """Select the issues once and assign each to its month. The database plans this like the filter itself."""
    dates, params = issues.values("archived_date").query.sql_with_params()
    if connection.vendor == "postgresql":
        sql = f"SELECT width_bucket(archived_date, %s::timestamptz[]) - 1, COUNT(*) FROM ({dates}) AS issue GROUP BY 1"
        return dict(_fetch(sql, [starts, *params]))
    # SQLite stores times as texts, which sort like the times. The issues are first grouped by the part of the text
    # that tells months apart: comparing each of a million issues with the months would take half as long again.
    length = max(len(start.rstrip(" 0:")) for start in starts)
    bounds = [start[:length] for start in starts]
    month, bound_params = _month_sql(bounds, 0)
    sql = (
        f"SELECT {month}, SUM(size) FROM (SELECT SUBSTR(archived_date, 1, %s) AS part, COUNT(*) AS size "
        f"FROM ({dates}) GROUP BY 1) GROUP BY 1"
    )
    return dict(_fetch(sql, [*bound_params, length, *params]))


def _month_sql(bounds: Sequence[str], first: int) -> tuple[str, list[str]]:
    """SQL for the index of the month that `part` is in, and its parameters. `bounds` starts at the month `first`.

    It halves the months at each comparison: one of a hundred months is found with seven.
    """
    if len(bounds) == 1:
        return str(first), []
    middle = len(bounds) // 2
    earlier, earlier_params = _month_sql(bounds[:middle], first)
    later, later_params = _month_sql(bounds[middle:], first + middle)
    sql = f"CASE WHEN part < %s THEN {earlier} ELSE {later} END"
    return sql, [bounds[middle], *earlier_params, *later_params]


def _fetch(sql: str, params: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
