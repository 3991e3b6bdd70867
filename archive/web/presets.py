"""Links to common ranges of archived dates, such as the last month."""

import datetime
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from archive.filters import IssueFilter

# The length of each range in months. It ends before the current month, quarter or year.
PRESETS = {"Last month": 1, "Last quarter": 3, "Last year": 12}


@dataclass(frozen=True)
class Preset:
    """A range of whole months: from `after`, up to and including the day `last`, which is the day before `before`.

    `query` is the page's filter with these dates instead of its own.
    """

    name: str
    after: datetime.date
    last: datetime.date
    before: datetime.date
    query: str
    is_selected: bool


def read_presets(issue_filter: IssueFilter) -> list[Preset]:
    """The last complete month, quarter and year in the site's time zone."""
    today = timezone.localdate(timezone=ZoneInfo(settings.TIME_ZONE))
    return [_preset(issue_filter, name, today, months) for name, months in PRESETS.items()]


def _preset(issue_filter: IssueFilter, name: str, today: datetime.date, months: int) -> Preset:
    first_month = (today.month - 1) // months * months + 1  # of today's month, quarter or year
    before = today.replace(month=first_month, day=1)
    after = _months_earlier(before, months)
    last = before - datetime.timedelta(days=1)
    narrowed = replace(issue_filter, archived_after=after, archived_before=before)
    return Preset(name, after, last, before, narrowed.to_query(), is_selected=narrowed == issue_filter)


def _months_earlier(month: datetime.date, months: int) -> datetime.date:
    """The first day of the month that is this many months earlier. `month` is the first day of a month."""
    year, month_index = divmod(month.year * 12 + month.month - 1 - months, 12)
    return month.replace(year=year, month=month_index + 1)
