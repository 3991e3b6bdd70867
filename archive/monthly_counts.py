"""How many archived issues each month holds, for the chart of the archive page.

A month's issues lie side by side in every index of the archive, so each month is counted in the index.
Indexes hold one field beside the date: a filter of several fields is answered as the list of its issues is.
What the whole archive holds is kept, from one change of it to the next.
"""

import datetime
import logging
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from archive.filters import LISTS, IssueFilter
from archive.models import ArchivedIssue, MonthSummary

logger = logging.getLogger(__name__)

# Jira's first release: with an end of today it bounds the number of months, whatever an import brought.
FIRST_MONTH = datetime.date(2002, 1, 1)
EARLIEST = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)
LATEST = datetime.datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=datetime.UTC)

Month = tuple[datetime.date, int]
Rows = QuerySet[ArchivedIssue]


def count_by_month(issue_filter: IssueFilter, issues: Rows | None = None) -> list[Month]:
    """First day and number of issues of each month in the site's zone, from the first that holds any to the last.

    The numbers add up to all the filter selects: a date that no Jira can have written counts in the
    nearest month between FIRST_MONTH and today. `issues` are what the filter selects, for a caller that knows.

    Raises:
        InvalidFilter: a value names nothing the archive knows.
    """
    if not issue_filter and (cached := _cached()) is not None:
        return cached
    issues, months = (issue_filter.issues() if issues is None else issues).order_by(), list(_months())
    if not months:
        return []
    narrowed = [item for item in LISTS if getattr(issue_filter, item.attribute)]
    counts = dict.fromkeys(months, 0) | dict(_count(issues, months, is_by_index=len(narrowed) < 2))
    holding = [index for index, month in enumerate(months) if counts[month]]
    return [(month, counts[month]) for month in months[holding[0] : holding[-1] + 1]] if holding else []


def invalidate() -> None:
    """What is kept of the whole archive holds no more: for the transaction that changes the archive."""
    MonthSummary.objects.all().delete()


def refresh() -> None:
    """Count the whole archive and keep that, unless it is kept; while somebody writes issues, leave it for later."""
    if _cached() is not None:
        return
    try:
        with transaction.atomic():
            _keep_writers_out()
            months = [(month.isoformat(), count) for month, count in count_by_month(IssueFilter())]
            invalidate()
            MonthSummary.objects.create(time_zone=settings.TIME_ZONE, months=months)
    except OperationalError as error:
        logger.info("The months are not counted now: %s", str(error).strip())


def count_within(months: Iterable[Month], after: datetime.date, before: datetime.date) -> int | None:
    """How many of the counted issues lie within whole months; None where the months cannot tell."""
    latest = timezone.localdate(timezone=_zone()).replace(day=1)
    if after.day != 1 or before.day != 1 or after <= FIRST_MONTH or before > latest:
        return None
    return sum(count for month, count in months if after <= month < before)


def next_month(month: datetime.date) -> datetime.date:
    """The first day of the month after that of `month`."""
    return (month.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)


def _cached() -> list[Month] | None:
    summary = MonthSummary.objects.filter(pk=settings.TIME_ZONE).first()
    if summary is None:
        return None
    return [(datetime.date.fromisoformat(month), count) for month, count in summary.months]


def _keep_writers_out() -> None:
    """SQLite's transactions write one at a time anyway.

    Raises:
        OperationalError: somebody is writing issues now.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{ArchivedIssue._meta.db_table}" IN SHARE ROW EXCLUSIVE MODE NOWAIT')


def _months() -> Iterator[datetime.date]:
    """The months the archive spans."""
    dates = ArchivedIssue.objects.order_by("archived_date").values_list("archived_date", flat=True)
    first, last = dates.first(), dates.last()  # SQLite finds both ends in an index only when asked one by one
    if first is None or last is None:
        return
    latest = timezone.localdate(timezone=_zone()).replace(day=1)
    month, last_month = (min(max(_month_of(end), FIRST_MONTH), latest) for end in (first, last))
    while month <= last_month:
        yield month
        month = next_month(month)


def _count(issues: Rows, months: list[datetime.date], *, is_by_index: bool) -> Iterator[Month]:
    """An index that holds all that is asked counts month by month; else the issues are found once and sorted in."""
    bounds = [connection.ops.adapt_datetimefield_value(bound) for bound in _bounds(months)]
    numbered = _count_each(issues, bounds) if is_by_index else _sort_in(issues, bounds)
    return ((months[number], amount) for number, amount in numbered)


def _count_each(issues: Rows, bounds: list[Any]) -> Iterable[tuple[int, int]]:
    """One query: the bounds of all months beside a count between two bounds, which is planned once."""
    within = {"archived_date__gte": RawSQL("month.first", ()), "archived_date__lt": RawSQL("month.beyond", ())}
    counted, values = issues.filter(**within).values("pk").query.sql_with_params()
    row = "(%s, CAST(%s AS timestamptz), CAST(%s AS timestamptz))"
    row = row if connection.vendor == "postgresql" else "(%s, %s, %s)"
    months = [value for number, pair in enumerate(pairwise(bounds)) for value in (number, *pair)]
    sql = (
        f"WITH month(number, first, beyond) AS (VALUES {', '.join([row] * (len(bounds) - 1))}) "
        f"SELECT number, (SELECT COUNT(*) FROM ({counted}) AS issue) FROM month"
    )
    return _rows(sql, [*months, *values])


def _sort_in(issues: Rows, bounds: list[Any]) -> Iterable[tuple[int, int]]:
    """One query that the planner answers as it answers the filter itself."""
    dates, values = issues.values("archived_date").query.sql_with_params()
    if connection.vendor == "postgresql":
        sql = f"SELECT width_bucket(archived_date, %s::timestamptz[]) - 1, COUNT(*) FROM ({dates}) AS issue GROUP BY 1"
        return _rows(sql, [bounds, *values])
    # SQLite keeps times as texts, which sort as the times do; as expressions they are not read as times.
    texts = _rows(f"SELECT archived_date || '' FROM ({dates})", list(values))
    return Counter(bisect_right(bounds, text) - 1 for (text,) in texts).items()


def _rows(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _bounds(months: list[datetime.date]) -> list[datetime.datetime]:
    """Where each month begins, and where the last ends; the outermost are open to what lies outside."""
    inner = [_midnight(month) for month in months[1:]]
    return [EARLIEST, *inner, LATEST]


def _month_of(moment: datetime.datetime) -> datetime.date:
    try:
        return moment.astimezone(_zone()).date().replace(day=1)
    except OverflowError:  # at the ends of time a zone's day has no name
        return moment.date().replace(day=1)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
