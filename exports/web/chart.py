"""The chart of archived issues per month: bars in percent of its width, each a link that narrows to its month."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from exports.filters import IssueFilter
from exports.months import Month, next_month

MOST_LABELS = 8
BAR_SHARE = 0.8
LOWEST = 2.0  # percent: one issue among thousands is still seen


@dataclass(frozen=True)
class Bar:
    """Geometry in percent of the chart, from the upper left; `query` is the page narrowed to this month."""

    month: datetime.date
    beyond: datetime.date
    count: int
    query: str
    left: float
    x: float
    y: float
    slot: float
    width: float
    height: float
    is_selected: bool


@dataclass(frozen=True)
class Chart:
    bars: Sequence[Bar]
    labels: Sequence[tuple[float, str]]
    highest: Bar


def read_chart(months: Sequence[Month], issue_filter: IssueFilter) -> Chart | None:
    """The chart of these months for a page with this filter; None where there is nothing to compare."""
    if len(months) < 2:
        return None
    bars = list(_bars(months, issue_filter))
    return Chart(bars, list(_labels(months)), max(bars, key=lambda bar: bar.count))


def _bars(months: Sequence[Month], issue_filter: IssueFilter) -> Iterator[Bar]:
    slot, most = 100 / len(months), max(count for _, count in months)
    base = replace(issue_filter, archived_after=None, archived_before=None).to_query()
    for index, (month, count) in enumerate(months):
        height = max(LOWEST, 100 * count / most) if count else 0
        beyond = next_month(month)
        yield Bar(
            month=month,
            beyond=beyond,
            count=count,
            query=f"{base}{'&' if base else ''}dateAfter={month}&dateBefore={beyond}",
            left=round(slot * index, 3),
            x=round(slot * (index + (1 - BAR_SHARE) / 2), 3),
            y=round(100 - height, 2),
            slot=round(slot, 3),
            width=round(slot * BAR_SHARE, 3),
            height=round(height, 2),
            is_selected=_is_selected(issue_filter, month, beyond),
        )


def _is_selected(issue_filter: IssueFilter, month: datetime.date, beyond: datetime.date) -> bool:
    """Whether any day of the month is inside the filter's dates."""
    after, before = issue_filter.archived_after, issue_filter.archived_before
    return bool(after and before and after < beyond and month < before)


def _labels(months: Sequence[Month]) -> Iterator[tuple[float, str]]:
    """Where along the axis to write what: months of a short time, years of a long one, no more than fit."""
    slot, is_long = 100 / len(months), len(months) > 2 * MOST_LABELS
    places = [index for index, (month, _) in enumerate(months) if not is_long or month.month == 1]
    for index in places[:: -(-len(places) // MOST_LABELS) or 1]:
        yield round(slot * index, 3), f"{months[index][0]:{'%Y' if is_long else '%b %Y'}}"
