"""The archive page: the filter in its URL, the number of issues it selects, and one page of them."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

from django.core.exceptions import BadRequest
from django.db.models import Exists, Func, QuerySet
from django.db.models.functions import Left
from django.http import QueryDict

from archive.errors import InvalidFilter
from archive.filters import MOST_ISSUES, IssueFilter, count_up_to_limit
from archive.models import ArchivedIssue
from archive.monthly_counts import MonthCount, count_by_month, count_within, next_month
from archive.ordering import Compare, Position
from archive.search_index import Search, probe
from archive.web.chart import Chart, read_chart
from archive.web.matches import SHOWN_CHARACTERS, Row, find_by_key, read_rows

PAGE_SIZE = 50
NEWEST_FIRST = ("-archived_date", "-id")  # the reverse of ORDERING
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)
DAY = datetime.timedelta(days=1)
# If fewer issues were found, a page looks up all of them; otherwise SQLite looks through an index for the first ones.
FEW_MATCHES = 500
MOST_MATCHES = 100_000  # if more were found, it asks one issue after another whether it has the words
CURSOR_FORM = re.compile(r"(-?\d{1,18})~(\d{1,18})", re.ASCII)
DATE_RANGE = "archivedDateRange"
# The form's labels of the URL's dateAfter and dateBefore.
DATE_LABELS = {"dateAfter": "From", "dateBefore": "Before"}
LONGEST_SHOWN = 80  # characters of an invalid value


@dataclass(frozen=True)
class ArchivePage:
    """What one URL of the archive page shows. If the filter is invalid, only `errors` is set.

    `errors` has a sentence for each invalid field of the form. `count` is at most MOST_ISSUES + 1, which means
    "too many". `issue_of_key` is the issue whose whole key was searched for. `next_cursor` is the URL's `after` for the
    next page, or empty on the last page.
    """

    filter: IssueFilter = field(default_factory=IssueFilter)
    errors: Mapping[str, str] = field(default_factory=dict)
    count: int = 0
    chart: Chart | None = None
    rows: Sequence[Row] = ()
    issue_of_key: ArchivedIssue | None = None
    is_first: bool = True
    next_cursor: str = ""

    @property
    def is_over_limit(self) -> bool:
        return self.count > MOST_ISSUES

    @property
    def is_empty_archive(self) -> bool:
        return not (self.count or self.filter or self.errors)

    @property
    def hidden_fields(self) -> list[tuple[str, str]]:
        """The filter as names and values of hidden fields, for the form that requests an export."""
        return parse_qsl(self.filter.to_query())


def read_page(query: QueryDict) -> ArchivePage:
    """Parse the URL, count the issues and fetch the requested page of them, most recently archived first.

    Raises:
        BadRequest: the URL's cursor is not one of the portal's.
    """
    try:
        issue_filter = IssueFilter.from_query(query)
        search = None
        if issue_filter.text:
            search = Search.read(issue_filter.text)
        of_all_dates = issue_filter.issues_of_all_dates(search)
    except InvalidFilter as error:
        return ArchivePage(errors=_form_errors(error.fields, query))
    issues = issue_filter.on_its_dates(of_all_dates)
    # The chart always shows all months, so that other dates can be chosen in it.
    without_dates = replace(issue_filter, archived_after=None, archived_before=None)
    monthly_counts = count_by_month(without_dates, of_all_dates, search)
    after = query.get("after", "")
    issues_of_page = issues
    if search is not None:
        issues_of_page = _searched(issue_filter, search, monthly_counts, after)
    found = list(page_of(issues_of_page, after))
    shown = found[:PAGE_SIZE]
    next_cursor = ""
    if len(found) > PAGE_SIZE:
        next_cursor = _cursor(shown[-1])
    return ArchivePage(
        filter=issue_filter,
        count=_count(issue_filter, issues, monthly_counts),
        chart=read_chart(monthly_counts, issue_filter),
        rows=read_rows(shown, issue_filter.text),
        issue_of_key=find_by_key(issue_filter.text),
        is_first=not after,
        next_cursor=next_cursor,
    )


def _searched(
    issue_filter: IssueFilter, search: Search, monthly_counts: Sequence[MonthCount], after: str
) -> QuerySet[ArchivedIssue]:
    """The filter's issues for one page of them. The months say how far an index must be looked through."""
    count = sum(month_count for _, month_count in monthly_counts)
    if count < FEW_MATCHES:
        return issue_filter.on_its_dates(issue_filter.issues_of_all_dates(search))
    condition: Func | Exists = search.condition(in_order=True)
    if count > MOST_MATCHES and not search.has_prefix:
        condition = probe(issue_filter.text)
    issues = replace(issue_filter, text="").issues().filter(condition)
    if issue_filter.archived_after:
        return issues
    first = _first_day(monthly_counts, after)
    if first is None:
        return issues
    return issues.filter(archived_date__gte=datetime.datetime.combine(first, datetime.time(), datetime.UTC))


def _first_day(monthly_counts: Sequence[MonthCount], after: str) -> datetime.date | None:
    """A day before which no issue of the page is archived; None if there may be one in any month.

    Months begin at midnight in the site's time zone, which is at most a day away from UTC.
    """
    newest = datetime.date.max
    if after:
        newest = _read_cursor(after)[0].date() - DAY
    count = 0
    for month, month_count in reversed(monthly_counts[1:]):  # the first month also has all earlier dates
        if next_month(month) <= newest:
            count += month_count
        if count > PAGE_SIZE:
            return month - DAY
    return None


def _count(issue_filter: IssueFilter, issues: QuerySet[ArchivedIssue], monthly_counts: Sequence[MonthCount]) -> int:
    """The number of issues up to one over the limit, from the monthly counts if they suffice."""
    after = issue_filter.archived_after
    before = issue_filter.archived_before
    if after and before:
        count = count_within(monthly_counts, after, before)
    else:
        count = sum(month_count for _, month_count in monthly_counts)
    if count is None:
        return count_up_to_limit(issues)
    return min(count, MOST_ISSUES + 1)


def page_of(issues: QuerySet[ArchivedIssue], after: str) -> QuerySet[ArchivedIssue]:
    """One page of issues and one more, which says whether there is a next page. `after` is a cursor or empty.

    The page starts after a row instead of skipping a number of rows, so that page 10,000 costs no more than page 1.
    The inner query uses an index only; without it, SQLite would read every issue that it has to sort.
    `summary_start` is the beginning of the summary, and one character more that says whether it is longer.
    """
    if after:
        issues = issues.filter(Compare("<", _read_cursor(after)))
    found = issues.order_by(*NEWEST_FIRST).values("pk")[: PAGE_SIZE + 1]
    whole = ArchivedIssue.objects.filter(pk__in=found).order_by(*NEWEST_FIRST)
    whole = whole.annotate(summary_start=Left("summary", SHOWN_CHARACTERS + 1))
    return whole.select_related("project", "issue_type", "reporter", "archived_by").only(
        "key", "archived_date", "project__key", "project__name",
        "issue_type__name", "issue_type__type_id", "reporter__name", "reporter__account_id",
        "archived_by__name", "archived_by__account_id",
    )  # fmt: skip


def _cursor(issue: ArchivedIssue) -> str:
    return f"{(issue.archived_date - EPOCH) // MICROSECOND}~{issue.pk}"


def _read_cursor(text: str) -> Position:
    """The position that a cursor names.

    Raises:
        BadRequest: the text is not a cursor. Only the portal's own links contain one.
    """
    match = CURSOR_FORM.fullmatch(text)
    if match is None:
        raise BadRequest("not a cursor")
    try:
        return EPOCH + int(match[1]) * MICROSECOND, int(match[2])
    except OverflowError as error:
        raise BadRequest("the cursor's date is out of range") from error


def _form_errors(fields: Mapping[str, str], query: QueryDict) -> dict[str, str]:
    """The errors of an InvalidFilter by the form's fields. Both dates share one, with sentences in the form's words."""
    errors: dict[str, str] = {}
    for name, sentence in fields.items():
        field_name, _, part = name.partition(".")
        if field_name == DATE_RANGE:
            date_error = _date_error(part, query)
            errors[DATE_RANGE] = f"{errors.get(DATE_RANGE, '')} {date_error}".strip()
        else:
            errors[name] = sentence[:1].upper() + sentence[1:]
    return errors


def _date_error(part: str, query: QueryDict) -> str:
    """What is wrong with `part`, which is dateAfter or dateBefore, or with the range if `part` is empty."""
    if not part:
        return "The end date must be after the start date."
    label = DATE_LABELS[part]
    value = query.get(part, "")
    if not value:
        return f'The "{label}" date is missing. Enter both dates or neither.'
    return f'The "{label}" date "{value[:LONGEST_SHOWN]}" isn\'t valid. Use the format YYYY-MM-DD.'
