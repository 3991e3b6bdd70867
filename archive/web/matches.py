"""The rows of the archive page: issues, and what a search found in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models.functions import Left
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from archive.models import USUAL_KEY, ArchivedIssue, DetailKind, IssueDetail
from archive.search_index import SEARCHED_KINDS, bodies
from archive.search_text import Term, read_terms
from archive.web.marks import MOST_CHARACTERS, excerpt, find_missing, mark

SHOWN_CHARACTERS = 255  # of a summary
MOST_ITEMS = 50  # comments or values of one issue in which an excerpt is looked for
TEXTS = {"description": "Description", "environment": "Environment"}
LISTS = {
    "labels": "Labels",
    "components": "Components",
    "fix_versions": "Fix versions",
    "affects_versions": "Affects versions",
}


@dataclass(frozen=True)
class Excerpt:
    """Where else than in key and summary a search found something: the text's heading, and a part of it as HTML."""

    heading: str
    text: SafeString


@dataclass(frozen=True)
class Row:
    """An issue in the list, with what a search found marked in its key and summary."""

    issue: ArchivedIssue
    key: SafeString | str
    summary: SafeString | str
    excerpt: Excerpt | None = None


def find_by_key(text: str) -> ArchivedIssue | None:
    """The issue whose whole key is the text, in any case."""
    key = text.upper()
    if not USUAL_KEY.fullmatch(key):
        return None
    return ArchivedIssue.objects.filter(key=key).only("key", "summary").first()


def read_rows(issues: Sequence[ArchivedIssue], text: str) -> list[Row]:
    """The rows of these issues, which have `summary_start`, when the filter has this search text."""
    if not text:
        return [Row(issue, issue.key, _summary(issue)) for issue in issues]
    terms = read_terms(text)
    excerpts = _find_excerpts(issues, terms)
    return [
        Row(issue, mark(issue.key, terms), mark(_summary(issue), terms), excerpts.get(issue.pk)) for issue in issues
    ]


def _summary(issue: ArchivedIssue) -> str:
    start: str = issue.summary_start  # type: ignore[attr-defined]
    return Truncator(start).chars(SHOWN_CHARACTERS)


def _find_excerpts(issues: Sequence[ArchivedIssue], terms: Sequence[Term]) -> dict[int, Excerpt]:
    """For each issue whose key and summary don't have all terms, the first other text that has one of the others."""
    missing: dict[int, list[Term]] = {}
    for issue in issues:
        unfound = find_missing([issue.key, _summary(issue)], terms)
        if unfound:
            missing[issue.pk] = unfound
    excerpts: dict[int, Excerpt] = {}
    for texts in (_texts_of_issues, _texts_of_details):
        for issue_id, heading, text in texts([issue_id for issue_id in missing if issue_id not in excerpts]):
            if issue_id not in excerpts:
                found = excerpt(text, missing[issue_id], terms)
                if found is not None:
                    excerpts[issue_id] = Excerpt(heading, found)
    return excerpts


def _texts_of_issues(issue_ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """The issues' IDs with the headings and beginnings of their texts."""
    starts = [Left(name, MOST_CHARACTERS) for name in TEXTS]
    for issue_id, *values in ArchivedIssue.objects.filter(pk__in=issue_ids).values_list("pk", *LISTS, *starts):
        texts = values[len(LISTS) :]
        lists = values[: len(LISTS)]
        for heading, text in zip(TEXTS.values(), texts, strict=True):
            yield issue_id, heading, text
        for heading, names in zip(LISTS.values(), lists, strict=True):
            yield issue_id, heading, "\n".join(names[:MOST_ITEMS])


def _texts_of_details(issue_ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    details = IssueDetail.objects.filter(issue__in=issue_ids, column__kind__in=SEARCHED_KINDS)
    for detail in details.select_related("column").order_by("pk"):
        items = detail.items[:MOST_ITEMS]
        heading = detail.column.heading
        if detail.column.kind == DetailKind.COMMENT:
            items = bodies(items)
        else:
            heading = detail.column.name or detail.column.field_id
        for text in items:
            yield detail.issue_id, heading, text
