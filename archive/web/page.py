"""The archive page: the filter in its URL, what that selects, and a page of it."""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import QueryDict

from archive.errors import InvalidFilter
from archive.filters import DATE_NAMES, MOST_ISSUES, IssueFilter, count_up_to_limit
from archive.models import ArchivedIssue
from archive.monthly_counts import Month, count_by_month, count_within
from archive.ordering import ORDER, Compare
from archive.web.chart import Chart, read_chart

PAGE_SIZE = 50
NEWEST_FIRST = tuple(f"-{name}" for name in ORDER)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
CURSOR_FORM = re.compile(r"(-?\d{1,18})~(\d{1,18})", re.ASCII)
# The page's own names for what the API calls dateAfter and dateBefore.
DATE_WORDS = dict(zip(DATE_NAMES, ("From", "Before"), strict=True))


@dataclass(frozen=True)
class ArchivePage:
    """What one URL of the archive page shows; with an unusable filter, `errors` and nothing else."""

    filter: IssueFilter = field(default_factory=IssueFilter)
    errors: Mapping[str, str] = field(default_factory=dict)
    count: int = 0
    chart: Chart | None = None
    issues: Sequence[ArchivedIssue] = ()
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
        """The filter as fields of the form that asks for the export."""
        return [(name, str(value)) for name, values in QueryDict(self.filter.to_query()).lists() for value in values]


def read_page(query: QueryDict) -> ArchivePage:
    """Parse the URL, count what it selects and fetch the page it asks for, newest archived first."""
    try:
        issue_filter = IssueFilter.from_query(query)
        of_all_dates = issue_filter.issues_of_all_dates()
    except InvalidFilter as error:
        return ArchivePage(errors=_sentences(error.fields))
    issues = issue_filter.on_its_dates(of_all_dates)
    months = count_by_month(replace(issue_filter, archived_after=None, archived_before=None), of_all_dates)
    after = query.get("after", "")
    rows = list(page_of(issues, after))
    shown = rows[:PAGE_SIZE]
    return ArchivePage(
        filter=issue_filter,
        count=_count(issue_filter, issues, months),
        chart=read_chart(months, issue_filter),
        issues=shown,
        is_first=not after,
        next_cursor=_cursor(shown[-1]) if len(rows) > PAGE_SIZE else "",
    )


def _count(issue_filter: IssueFilter, issues: QuerySet[ArchivedIssue], months: Sequence[Month]) -> int:
    """What the months have counted already, where the filter's dates are whole months or none; else a count."""
    after, before = issue_filter.archived_after, issue_filter.archived_before
    if not (after and before):
        return min(sum(count for _, count in months), MOST_ISSUES + 1)
    known = count_within(months, after, before)
    return count_up_to_limit(issues) if known is None else min(known, MOST_ISSUES + 1)


def page_of(issues: QuerySet[ArchivedIssue], after: str) -> QuerySet[ArchivedIssue]:
    """A page and one more. Starts after a row instead of counting rows, so that page 10,000 costs what page 1 does.

    Issues are found by what an index holds and fetched then: SQLite would read each that it must sort.
    """
    if after:
        issues = issues.filter(Compare("<", _read_cursor(after)))
    found = issues.order_by(*NEWEST_FIRST).values("pk")[: PAGE_SIZE + 1]
    whole = ArchivedIssue.objects.filter(pk__in=found).order_by(*NEWEST_FIRST)
    return whole.select_related("project", "issue_type", "reporter", "archived_by").only(
        "key", "summary", "archived_date", "project__key", "project__name",
        "issue_type__name", "issue_type__type_id", "reporter__name", "reporter__account_id",
        "archived_by__name", "archived_by__account_id",
    )  # fmt: skip


def _cursor(issue: ArchivedIssue) -> str:
    return f"{(issue.archived_date - EPOCH) // datetime.timedelta(microseconds=1)}~{issue.pk}"


def _read_cursor(text: str) -> tuple[datetime.datetime, int]:
    """Raises BadRequest: only our own links carry a cursor."""
    if not (match := CURSOR_FORM.fullmatch(text)):
        raise BadRequest("not a cursor")
    try:
        return EPOCH + datetime.timedelta(microseconds=int(match[1])), int(match[2])
    except OverflowError as error:
        raise BadRequest("a cursor outside of time") from error


def _sentences(fields: Mapping[str, str]) -> dict[str, str]:
    """Complaints by the form's field; both dates of a range share a field."""
    sentences: dict[str, str] = {}
    for name, complaint in fields.items():
        field_name, _, part = name.partition(".")
        sentence = _in_form_words(f"{part} {complaint}".strip())
        sentences[field_name] = f"{sentences.get(field_name, '')} {sentence}".strip()
    return sentences


def _in_form_words(sentence: str) -> str:
    for name, word in DATE_WORDS.items():
        sentence = sentence.replace(name, word)
    return sentence[:1].upper() + sentence[1:]
