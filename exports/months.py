"""How many archived issues each month holds, for the chart of the archive page.

A month's issues lie side by side in every index of the archive, so each month is counted in the index.
"""

import datetime
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Max, Min, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from exports.filters import IssueFilter
from exports.models import ArchivedIssue

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
    issues, months = (issue_filter.issues() if issues is None else issues).order_by(), list(_months())
    if not months:
        return []
    counts = dict.fromkeys(months, 0) | dict(_count(issues, months))
    holding = [index for index, month in enumerate(months) if counts[month]]
    return [(month, counts[month]) for month in months[holding[0] : holding[-1] + 1]] if holding else []


def next_month(month: datetime.date) -> datetime.date:
    """The first day of the month after that of `month`."""
    return (month.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)


def _months() -> Iterator[datetime.date]:
    """The months the archive spans."""
    ends = ArchivedIssue.objects.aggregate(first=Min("archived_date"), last=Max("archived_date"))
    if ends["first"] is None:
        return
    latest = timezone.localdate(timezone=_zone()).replace(day=1)
    month, last = (min(max(_month_of(ends[end]), FIRST_MONTH), latest) for end in ("first", "last"))
    while month <= last:
        yield month
        month = next_month(month)


def _count(issues: Rows, months: list[datetime.date]) -> Iterator[Month]:
    """One query: the bounds of all months beside a count between two bounds, which is planned once."""
    within = {"archived_date__gte": RawSQL("month.first", ()), "archived_date__lt": RawSQL("month.beyond", ())}
    counted, values = issues.filter(**within).values("pk").query.sql_with_params()
    bounds, row = _bounds(months), "(%s, CAST(%s AS timestamptz), CAST(%s AS timestamptz))"
    row = row if connection.vendor == "postgresql" else "(%s, %s, %s)"
    sql = (
        f"WITH month(number, first, beyond) AS (VALUES {', '.join([row] * len(months))}) "
        f"SELECT number, (SELECT COUNT(*) FROM ({counted}) AS issue) FROM month"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for bound in bounds for value in bound] + list(values))
        for number, amount in cursor.fetchall():
            yield months[number], amount


def _bounds(months: list[datetime.date]) -> Iterator[tuple[int, Any, Any]]:
    """Number, first moment and the moment beyond of each month; the outermost are open to what lies outside."""
    ends = [_midnight(month) for month in [*months, next_month(months[-1])]]
    ends[0], ends[-1] = EARLIEST, LATEST
    adapted = [connection.ops.adapt_datetimefield_value(end) for end in ends]
    for number, (first, beyond) in enumerate(pairwise(adapted)):
        yield number, first, beyond


def _month_of(moment: datetime.datetime) -> datetime.date:
    try:
        return moment.astimezone(_zone()).date().replace(day=1)
    except OverflowError:  # at the ends of time a zone's day has no name
        return moment.date().replace(day=1)


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), _zone())


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)
