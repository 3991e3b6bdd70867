"""The archive page: what the filter selects is shown, counted and exported."""

import datetime
import html
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from exports.models import ExportJob
from exports.web import archive
from tests.factories import NOON, make_account, make_issue, make_project, make_type

DAY = datetime.timedelta(days=1)


@pytest.fixture
def page(client: Client, alice: User) -> Any:
    """Fetch the archive page as alice and return (status, text)."""
    client.force_login(alice)

    def get(query: str = "", **headers: str) -> tuple[int, str]:
        response = client.get(f"/?{query}", headers=headers or None)
        return response.status_code, html.unescape(response.content.decode())

    return get


@pytest.fixture
def five_issues(db: None) -> None:
    make_account("ann", "Ann Archer")
    make_account("rita", "Rita Reporter")
    make_issue(1, project="FOO", summary="One", reporter="rita")
    make_issue(2, project="FOO", summary="Two", issue_type="2", archived_date=NOON + DAY)
    make_issue(3, project="BAR", summary="Three", archived_by="ben", archived_date=NOON + 2 * DAY)
    make_issue(4, project="BAR", summary="Four <b>&", archived_date=NOON + 3 * DAY)
    make_issue(5, project="BAZ", summary="Five", archived_date=NOON + 4 * DAY)


def keys(text: str) -> list[str]:
    return re.findall(r'class="key">([^<]+)<', text)


def heading(text: str) -> str:
    found = re.search(r"<h2>(.*?)</h2>", text, re.DOTALL)
    return found[1].strip() if found else ""


def test_it_shows_the_archive_newest_first(page: Any, five_issues: None) -> None:
    status, text = page()
    assert status == 200
    assert keys(text) == ["BAZ-5", "BAR-4", "BAR-3", "FOO-2", "FOO-1"]
    assert heading(text) == "5 issues"
    assert "Export 5 issues</button>" in text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("projects=foo", ["FOO-2", "FOO-1"]),
        ("projects=FOO&projects=BAZ", ["BAZ-5", "FOO-2", "FOO-1"]),
        ("issueTypes=2", ["FOO-2"]),
        ("reporters=rita", ["FOO-1"]),
        ("archivedBy=ben", ["BAR-3"]),
        ("dateAfter=2023-01-03&dateBefore=2023-01-05", ["BAR-3", "FOO-2"]),
        ("projects=BAR&archivedBy=ann", ["BAR-4"]),
        ("projects=&dateAfter=&dateBefore=", ["BAZ-5", "BAR-4", "BAR-3", "FOO-2", "FOO-1"]),
    ],
)
def test_filters_narrow_table_count_and_button(page: Any, five_issues: None, query: str, expected: list[str]) -> None:
    _, text = page(query)
    assert keys(text) == expected
    noun = "issue" if len(expected) == 1 else "issues"
    assert heading(text) == f"{len(expected)} {noun}"
    assert f"Export {len(expected)} {noun}</button>" in text


def test_what_jira_users_wrote_stays_text(client: Client, alice: User, five_issues: None) -> None:
    client.force_login(alice)
    assert "Four &lt;b&gt;&amp;" in client.get("/").content.decode()


def test_the_export_holds_exactly_what_was_shown(client: Client, alice: User, page: Any, five_issues: None) -> None:
    _, text = page("projects=BAR&archivedBy=ann&dateAfter=2023-01-01&dateBefore=2024-01-01")
    form = text[text.index('action="/exports/"') :]
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    response = client.post("/exports/", {name: value for name, value in fields if name != "csrfmiddlewaretoken"})
    job = ExportJob.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/exports/{job.pk}")
    assert job.submitted_by == alice
    assert job.filter == {
        "projects": ["BAR"],
        "archivedBy": ["ann"],
        "archivedDateRange": {"dateAfter": "2023-01-01", "dateBefore": "2024-01-01"},
    }


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        ("projects=NOPE", ["The archive has no project key 'NOPE'."]),
        ("reporters=ghost&issueTypes=9", ["no account ID 'ghost'", "no issue type ID '9'"]),
        ("dateAfter=2023-01-01", ["Before is missing; From and Before go together."]),
        ("dateAfter=2023-02-30&dateBefore=2023-03-01", ["From '2023-02-30' is no date"]),
        ("dateAfter=2023-02-02&dateBefore=2023-02-01", ["From 2023-02-02 is not earlier than Before 2023-02-01."]),
        ("reporters=a%00b", ["which cannot be a value."]),
    ],
)
def test_an_unusable_filter_says_why_and_loses_nothing(
    page: Any, five_issues: None, query: str, sentences: list[str]
) -> None:
    status, text = page(query)
    assert status == 400
    assert not keys(text)
    assert "Export</button>" in text
    for sentence in sentences:
        assert re.search(rf'class="field-error">[^<]*{re.escape(sentence)}', text)
    for name, value in (pair.split("=") for pair in query.split("&")):
        assert f'name="{name}" value="{value.replace("%00", "")}"' in text


def test_the_url_keeps_what_is_chosen(page: Any, five_issues: None) -> None:
    _, text = page("reporters=rita&projects=foo")
    assert re.search(r'name="reporters" value="rita" checked', text)
    assert re.search(r'name="projects" value="FOO" checked', text)
    assert 'class="set">Rita Reporter<' in text


def test_typing_gets_a_fragment_with_everything_that_changed(page: Any, five_issues: None) -> None:
    status, text = page("projects=FOO&dateAfter=2023-01-01", **{"hx-request": "true"})
    assert status == 200
    assert "<html" not in text
    assert re.search(r'id="projects-summary" class="set" hx-swap-oob="true">FOO<', text)
    assert re.search(r'id="archivedDateRange-error" class="field-error" hx-swap-oob="true">Before is missing', text)


def test_a_fragment_names_the_url_of_its_filter(client: Client, alice: User, five_issues: None) -> None:
    client.force_login(alice)
    response = client.get("/?projects=foo&dateAfter=&dateBefore=", headers={"hx-request": "true"})
    assert response["HX-Push-Url"] == "?projects=FOO"
    assert "HX-Request" in response["Vary"]


def test_pages_follow_one_another_without_gap_or_repeat(
    page: Any, five_issues: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "PAGE_SIZE", 2)
    for issue_id in range(6, 9):  # the same moment: the ID decides
        make_issue(issue_id, project="FOO", archived_date=NOON + DAY)
    seen, link = [], "projects=FOO&projects=BAR"
    while link:
        _, text = page(link)
        assert heading(text) == "7 issues"
        seen += keys(text)
        older = re.search(r'href="\?([^"]+)">Older<', text)
        link = older[1] if older else ""
    assert seen == ["BAR-4", "BAR-3", "FOO-8", "FOO-7", "FOO-6", "FOO-2", "FOO-1"]


@pytest.mark.parametrize("cursor", ["x", "1", "1~", "999999999999999999~1", "1~1;drop", "-999999999999999999~1"])
def test_a_made_up_cursor_is_refused(page: Any, five_issues: None, cursor: str) -> None:
    assert page(f"after={cursor}")[0] == 400


def test_times_are_in_the_readers_zone_and_dates_in_the_sites(page: Any, alice: User, five_issues: None) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    _, text = page()
    assert "Asia/Tokyo" in text
    assert "2 Jan 2023, 21:00" in text
    assert "the site’s time zone, UTC" in text


class TestTheButtonExplainsItself:
    def test_when_nothing_matches(self, page: Any, five_issues: None) -> None:
        _, text = page("projects=FOO&archivedBy=ben")
        assert heading(text) == "0 issues"
        assert "Nothing matches this filter" in text
        assert "disabled" in text

    def test_when_more_match_than_one_export_holds(
        self, page: Any, five_issues: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("exports.filters.MOST_ISSUES", 3)
        monkeypatch.setattr(archive, "MOST_ISSUES", 3)
        monkeypatch.setattr("exports.web.views.MOST_ISSUES", 3)
        _, text = page()
        assert heading(text) == "More than 3 issues"
        assert "narrow the filter" in text
        assert "disabled" in text

    def test_while_another_export_is_running(self, page: Any, bob: User, five_issues: None) -> None:
        job = ExportJob.objects.create(submitted_by=bob, filter={})
        _, text = page()
        assert f'<a href="/exports/{job.pk}">Export {job.pk}</a> of Bob is running' in text
        assert "disabled" in text

    def test_when_the_plan_does_not_allow_it(self, page: Any, settings: Any, five_issues: None) -> None:
        settings.SITE_PLAN = "standard"
        _, text = page()
        assert "they need Premium or Enterprise" in text
        assert "disabled" in text


def test_an_empty_archive_says_how_to_fill_it(page: Any) -> None:
    status, text = page()
    assert status == 200
    assert "manage.py import_issues" in text


class TestSuggestions:
    @pytest.fixture
    def suggest(self, client: Client, alice: User) -> Any:
        client.force_login(alice)
        return lambda path: html.unescape(client.get(f"/suggest/{path}").content.decode())

    def test_people_are_found_by_name_e_mail_and_id(self, suggest: Any) -> None:
        make_account("id-1", "Zoë Müller")
        make_account("id-2", "Ben Kowalski")
        for words in ("müll", "ID-1", "zo"):
            text = suggest(f"reporters?search={words}")
            assert "Zoë Müller" in text
            assert "Ben" not in text

    def test_what_is_chosen_stays_chosen_and_comes_first(self, suggest: Any) -> None:
        make_account("id-1", "Zoë Müller")
        make_account("id-2", "Ben Kowalski")
        text = suggest("archivedBy?search=ben&archivedBy=id-1&archivedBy=ghost")
        values = re.findall(r'value="([^"]+)"( checked)?', text)
        assert values == [("id-1", " checked"), ("ghost", " checked"), ("id-2", "")]
        assert "not in the archive" in text

    def test_thousands_are_searched_not_listed(self, suggest: Any) -> None:
        for number in range(30):
            make_project(f"P{number}")
        text = suggest("projects")
        assert text.count("<input") == 12
        assert "type to search" in text

    def test_types_are_found_by_name(self, suggest: Any) -> None:
        make_type("7", "Epic")
        assert 'value="7"' in suggest("issueTypes?search=epi")
        assert "Nothing found" in suggest("issueTypes?search=%00nothing%25")

    def test_there_is_no_other_facet(self, client: Client, alice: User) -> None:
        client.force_login(alice)
        assert client.get("/suggest/passwords").status_code == 404


def test_the_page_costs_few_queries(
    page: Any, five_issues: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(20):
        page("projects=FOO&issueTypes=1&reporters=rita&archivedBy=ann&dateAfter=2023-01-01&dateBefore=2024-01-01")
