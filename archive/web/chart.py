"""The chart of issues archived per month. Each bar is a link that selects its month."""

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.filters import IssueFilter
from archive.monthly_counts import MonthCount, next_month

MOST_LABELS = 8
BAR_SHARE = 0.8
LOWEST = 2.0  # percent of the height, so that one issue among thousands is still visible


@dataclass(frozen=True)
class Bar:
    """One month. Positions and lengths are percentages of the chart, from its upper left corner.

    `left` and `slot` are the position and width of the clickable area, the others those of the visible bar.
    `after` and `before` are the month's dates, `query` the page's filter with these dates instead of its own.
    Numbers and dates are formatted here: a page has a hundred bars, and templates would take long to do it.
    """

    name: str
    after: str
    before: str
    count: int
    amount: str
    query: str
    left: str
    x: str
    y: str
    slot: str
    width: str
    height: str
    is_selected: bool


@dataclass(frozen=True)
class Chart:
    """`labels` are (horizontal position, text) of the labels below the bars; `highest` is the bar with most issues."""

    bars: Sequence[Bar]
    labels: Sequence[tuple[str, str]]
    highest: Bar


def read_chart(monthly_counts: Sequence[MonthCount], issue_filter: IssueFilter) -> Chart | None:
    """The chart of these counts on a page with this filter; None if there is at most one month."""
    if len(monthly_counts) < 2:
        return None
    bars = _bars(monthly_counts, issue_filter)
    highest = max(bars, key=lambda bar: bar.count)
    return Chart(bars, _labels([month for month, _ in monthly_counts]), highest)


def _bars(monthly_counts: Sequence[MonthCount], issue_filter: IssueFilter) -> list[Bar]:
    highest_count = max(count for _, count in monthly_counts)
    slot = 100 / len(monthly_counts)
    margin = slot * (1 - BAR_SHARE) / 2
    # Encoded once, not for each of a hundred bars.
    query = replace(issue_filter, archived_after=None, archived_before=None).to_query()
    if query:
        query += "&"
    bars: list[Bar] = []
    for index, (month, count) in enumerate(monthly_counts):
        before = next_month(month)
        left = slot * index
        height = _height(count, highest_count)
        bar = Bar(
            name=f"{month:%B %Y}",
            after=str(month),
            before=str(before),
            count=count,
            amount=f"{count:,}",
            query=f"{query}dateAfter={month}&dateBefore={before}",
            left=_percent(left),
            x=_percent(left + margin),
            y=_percent(100 - height),
            slot=_percent(slot),
            width=_percent(slot * BAR_SHARE),
            height=_percent(height),
            is_selected=_is_selected(issue_filter, month, before),
        )
        bars.append(bar)
    return bars


def _height(count: int, highest_count: int) -> float:
    """The height of a bar, in percent."""
    if not count:
        return 0
    return max(LOWEST, 100 * count / highest_count)


def _is_selected(issue_filter: IssueFilter, month: datetime.date, before: datetime.date) -> bool:
    """Whether the filter's dates include any day of the month, which ends just before `before`."""
    if not issue_filter.archived_after or not issue_filter.archived_before:
        return False
    return issue_filter.archived_after < before and month < issue_filter.archived_before


def _labels(months: Sequence[datetime.date]) -> list[tuple[str, str]]:
    """The positions and texts of the labels: months, or only years if there are many months."""
    text_format = "%b %Y"
    labelled = list(range(len(months)))
    if len(months) > 2 * MOST_LABELS:
        text_format = "%Y"
        labelled = [index for index in labelled if months[index].month == 1]
    step = max(1, math.ceil(len(labelled) / MOST_LABELS))
    slot = 100 / len(months)
    return [(_percent(slot * index), f"{months[index]:{text_format}}") for index in labelled[::step]]


def _percent(share: float) -> str:
    return f"{share:.3f}%"
