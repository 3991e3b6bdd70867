"""The search field of the archive page, and what it marks."""

import datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.models import User
from archive import search_index
from archive.filters import IssueFilter
from archive.models import ArchivedIssue, DetailKind
from archive.search_text import read_terms
from archive.web import page as page_module
from archive.web.marks import excerpt, mark
from archive.web.page import read_page
from tests.factories import NOON, make_detail, make_issue


@pytest.mark.parametrize(
    ("text", "wanted", "marked"),
    [
        ("Printer jams", "printer", "<mark>Printer</mark> jams"),
        ("a <b>Printer</b>", "printer b", "a &lt;<mark>b</mark>&gt;<mark>Printer</mark>&lt;/<mark>b</mark>&gt;"),
        ("Second floor, floor plan", '"second floor"', "<mark>Second floor</mark>, floor plan"),
        ("The crème brûlée", "CREME BRU*", "The <mark>crème</mark> <mark>brûlée</mark>"),
        ("cre\u0300me", "creme", "<mark>cre\u0300me</mark>"),
        ("see AC-12!", "ac-12", "see <mark>AC-12</mark>!"),
        ("新しい東京タワーです", "東京", "新しい<mark>東京</mark>タワーです"),
        ("हिन्दी में", "हिन्दी", "<mark>हिन्दी</mark> में"),
        ("nothing", "else", "nothing"),
        ("", "else", ""),
    ],
)
def test_what_was_searched_for_is_marked(text: str, wanted: str, marked: str) -> None:
    assert mark(text, read_terms(wanted)) == marked


def test_an_excerpt_begins_shortly_before_what_was_found() -> None:
    text = f"{'before ' * 40}the <printer> {'after ' * 40}"
    terms = read_terms("printer after")
    found = excerpt(text, terms[:1], terms)
    assert found is not None
    assert found.startswith("…before before")
    assert "the &lt;<mark>printer</mark>&gt; <mark>after</mark>" in found
    assert found.endswith("…")
    assert excerpt("no such word", terms, terms) is None


@pytest.fixture
def alices(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


def index_all() -> None:
    search_index.rewrite(list(ArchivedIssue.objects.values_list("pk", flat=True)))


@pytest.mark.django_db
def test_it_works(alices: Client) -> None:
    make_issue(1, summary="<i>Printer</i>", description="It is on the second floor, next to the stairs.")
    commented = make_issue(2, summary="Printer")
    make_detail(commented, DetailKind.COMMENT, [{"body": "Nothing"}, {"body": "Second floor"}])
    make_issue(3, summary="Scanner")
    index_all()
    page = alices.get("/", {"text": ' printer  "second floor"'}).content.decode()
    assert 'name="text" value=" printer  &quot;second floor&quot;"' in page
    assert "<h2>\n      \n        2 issues" in page
    assert "&lt;i&gt;<mark>Printer</mark>&lt;/i&gt;" in page
    assert "<span>Description:</span> It is on the <mark>second floor</mark>, next to the stairs." in page
    assert "<span>Comment:</span> <mark>Second floor</mark>" in page
    assert "Scanner" not in page
    assert '<input type="hidden" name="text" value="printer &quot;second floor&quot;">' in page


@pytest.mark.django_db
def test_the_issue_with_the_whole_key_comes_first(alices: Client) -> None:
    make_issue(1, key="AC-1", summary="Old", project="AC")
    make_issue(2, key="AC-2", summary="Follows AC-1", project="AC")
    index_all()
    page = alices.get("/?text=ac-1").content.decode()
    assert '<p class="whole-key">Issue <a href="/issues/AC-1"><b>AC-1</b> Old</a></p>' in page
    assert "2 issues" in page
    assert "whole-key" not in alices.get("/?text=ac-3").content.decode()


@pytest.mark.django_db
def test_finding_nothing_is_explained(alices: Client) -> None:
    make_issue(1, summary="Printer")
    index_all()
    page = alices.get("/?text=<scanner>").content.decode()
    assert "No issue has all of these words: <b>&lt;scanner&gt;</b>" in page


@pytest.mark.django_db
def test_a_text_that_is_too_long_is_refused_with_a_sentence(alices: Client) -> None:
    make_issue(1, summary="Printer")
    response = alices.get("/", {"text": "x" * 501})
    assert response.status_code == 400
    assert (
        'id="text-error" class="field-error">Has 501 characters; at most 500 are allowed.<' in response.content.decode()
    )


@pytest.mark.django_db
def test_the_text_stays_when_other_filters_change(alices: Client) -> None:
    make_issue(1, summary="Printer", reporter="rob")
    index_all()
    page = alices.get("/?text=print*&reporters=rob&dateAfter=2023-01-01&dateBefore=2023-02-01").content.decode()
    without_reporter = "?text=print%2A&amp;dateAfter=2023-01-01&amp;dateBefore=2023-02-01"
    assert f'<a href="/{without_reporter}" aria-label="Remove Rob">' in page


# -- Words that many issues have -------------------------------------------------------------------------


@pytest.fixture
def months(db: None) -> None:
    """130 issues of a dozen months, of which every second has the word "printer". Only old ones have "legacy"."""
    for number in range(130):
        archived_at = NOON + datetime.timedelta(days=3 * number, hours=number % 24)
        words = ["printer", "scanner"][number % 2]
        if number < 90:
            words += " legacy"
        make_issue(number, summary=words, project=["FOO", "BAR"][number % 3 == 0], archived_date=archived_at)
    index_all()


def read_all_pages(query: str) -> tuple[list[int], list[int]]:
    """The IDs on all pages, and the count on each."""
    ids: list[int] = []
    counts = []
    after = ""
    while True:
        page = read_page(QueryDict(f"{query}&after={after}"))
        ids.extend([row.issue.pk for row in page.rows])
        counts.append(page.count)
        after = page.next_cursor
        if not after:
            return ids, counts


@pytest.mark.parametrize(
    "query",
    [
        "text=printer",
        "text=legacy",
        'text="scanner legacy"',
        "text=print*&projects=FOO",
        "text=legacy&projects=FOO&projects=BAR&archivedBy=ann",
        "text=legacy&dateAfter=2023-02-01&dateBefore=2023-06-01",
        "text=printer&dateAfter=2023-02-07&dateBefore=2023-09-11",
        "text=nowhere",
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_common_words_give_the_same_pages_counts_and_charts(
    months: None, monkeypatch: pytest.MonkeyPatch, settings: Any, query: str, zone: str
) -> None:
    settings.TIME_ZONE = zone
    monkeypatch.setattr(page_module, "PAGE_SIZE", 10)
    usual = read_all_pages(query)
    chart = read_page(QueryDict(query)).chart
    expected = IssueFilter.from_query(QueryDict(query)).issues().order_by("-archived_date", "-id")
    assert usual[0] == list(expected.values_list("pk", flat=True))
    assert set(usual[1]) == {len(usual[0])}
    monkeypatch.setattr(page_module, "FEW_MATCHES", 0)
    assert read_all_pages(query) == usual
    monkeypatch.setattr(search_index, "MANY_MATCHES", 3)
    assert read_all_pages(query) == usual
    assert read_page(QueryDict(query)).chart == chart
    monkeypatch.setattr(page_module, "MOST_MATCHES", 0)
    assert read_all_pages(query) == usual
