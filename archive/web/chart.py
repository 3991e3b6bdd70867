"""The chart of archived issues per month: bars in percent of its width, each a link that narrows to its month."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archive.filters import IssueFilter
from archive.monthly_counts import Month, next_month

MOST_LABELS = 8
BAR_SHARE = 0.8
LOWEST = 2.0  # percent: one issue among thousands is still seen


@dataclass(frozen=True)
class Bar:
    """Geometry in percent of the chart, from the upper left; `query` is the page narrowed to this month.

    Dates and numbers are texts already: a page has a hundred bars, and templates are slow at that.
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
    bars: Sequence[Bar]
    labels: Sequence[tuple[str, str]]
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
            name=f"{month:%B %Y}",
            after=str(month),
            before=str(beyond),
            count=count,
            amount=f"{count:,}",
            query=f"{base}{'&' if base else ''}dateAfter={month}&dateBefore={beyond}",
            left=_percent(slot * index),
            x=_percent(slot * (index + (1 - BAR_SHARE) / 2)),
            y=_percent(100 - height),
            slot=_percent(slot),
            width=_percent(slot * BAR_SHARE),
            height=_percent(height),
            is_selected=_is_selected(issue_filter, month, beyond),
        )


def _is_selected(issue_filter: IssueFilter, month: datetime.date, beyond: datetime.date) -> bool:
    """Whether any day of the month is inside the filter's dates."""
    after, before = issue_filter.archived_after, issue_filter.archived_before
    return bool(after and before and after < beyond and month < before)


def _labels(months: Sequence[Month]) -> Iterator[tuple[str, str]]:
    """Where along the axis to write what: months of a short time, years of a long one, no more than fit."""
    slot, is_long = 100 / len(months), len(months) > 2 * MOST_LABELS
    places = [index for index, (month, _) in enumerate(months) if not is_long or month.month == 1]
    for index in places[:: -(-len(places) // MOST_LABELS) or 1]:
        yield _percent(slot * index), f"{months[index][0]:{'%Y' if is_long else '%b %Y'}}"


def _percent(share: float) -> str:
    return f"{share:.3f}%"
