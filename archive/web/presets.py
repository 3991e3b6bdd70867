"""Usual ranges of archived dates, one click away."""

import datetime
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from archive.filters import IssueFilter


@dataclass(frozen=True)
class Preset:
    """A usual range of archived dates; `query` is the page with these dates in place of its own."""

    name: str
    after: datetime.date
    before: datetime.date
    query: str
    is_chosen: bool


def read_presets(issue_filter: IssueFilter) -> list[Preset]:
    """The last whole month, quarter and year before today in the site's zone."""
    month = timezone.localdate(timezone=ZoneInfo(settings.TIME_ZONE)).replace(day=1)
    quarter = month.replace(month=month.month - (month.month - 1) % 3)
    ranges = {"Last month": (month, 1), "Last quarter": (quarter, 3), "Last year": (month.replace(month=1), 12)}
    return [
        _preset(issue_filter, name, _months_before(before, span), before) for name, (before, span) in ranges.items()
    ]


def _preset(issue_filter: IssueFilter, name: str, after: datetime.date, before: datetime.date) -> Preset:
    narrowed = replace(issue_filter, archived_after=after, archived_before=before)
    return Preset(name, after, before, narrowed.to_query(), is_chosen=narrowed == issue_filter)


def _months_before(month: datetime.date, span: int) -> datetime.date:
    """The first of a month, `span` months (12 at most) before another."""
    index = month.month - 1 - span
    return month.replace(year=month.year + index // 12, month=index % 12 + 1)
