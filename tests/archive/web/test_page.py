"""The archive page shows, counts and exports the issues that the filter selects."""

import datetime
import html
import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from archive.models import Account
from archive.web import page as archive
from archive.web.facets import MOST_CHIPS
from exports.models import ExportJob
from jobs.models import Worker
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
    return re.findall(r'class="key"><a href="/issues/([^"]+)"', text)


def heading(text: str) -> str:
    found = re.search(r"<h2>(.*?)</h2>", text, re.DOTALL)
    return found[1].strip() if found else ""


def test_it_works(page: Any, five_issues: None) -> None:
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
def test_filters_apply_to_table_count_and_button(page: Any, five_issues: None, query: str, expected: list[str]) -> None:
    _, text = page(query)
    assert keys(text) == expected
    noun = "issue" if len(expected) == 1 else "issues"
    assert heading(text) == f"{len(expected)} {noun}"
    assert f"Export {len(expected)} {noun}</button>" in text


def test_text_from_jira_is_escaped(client: Client, alice: User, five_issues: None) -> None:
    client.force_login(alice)
    assert "Four &lt;b&gt;&amp;" in client.get("/").content.decode()


def test_the_export_has_the_same_filter_as_the_page(client: Client, alice: User, page: Any, five_issues: None) -> None:
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
        ("dateAfter=2023-01-01", ['The "Before" date is missing. Enter both dates or neither.']),
        (
            "dateAfter=2023-02-30&dateBefore=2023-03-01",
            ['The "From" date "2023-02-30" isn\'t valid. Use the format YYYY-MM-DD.'],
        ),
        ("dateAfter=2023-02-02&dateBefore=2023-02-01", ["The end date must be after the start date."]),
        (
            "dateAfter=x&dateBefore=2023-13-01",
            ['The "From" date "x" isn\'t valid.', 'The "Before" date "2023-13-01" isn\'t valid.'],
        ),
        ("reporters=a%00b", ["which cannot be a value."]),
    ],
)
def test_an_invalid_filter_is_explained_and_keeps_its_values(
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


def test_selected_values_are_read_from_the_url(page: Any, five_issues: None) -> None:
    _, text = page("reporters=rita&projects=foo")
    assert re.search(r'type="hidden" name="reporters" value="rita">\s*<span>Rita Reporter', text)
    assert re.search(r'type="hidden" name="projects" value="FOO"', text)


def test_every_chip_links_to_the_page_without_it(page: Any, five_issues: None) -> None:
    _, text = page("reporters=rita&projects=FOO&projects=BAR&dateAfter=2023-01-01&dateBefore=2024-01-01&after=0~1")
    dates = "dateAfter=2023-01-01&dateBefore=2024-01-01"
    assert f'href="/?reporters=rita&projects=BAR&{dates}" aria-label="Remove FOO"' in text
    assert f'href="/?projects=FOO&projects=BAR&{dates}" aria-label="Remove Rita Reporter"' in text


def test_many_selected_values_are_kept_but_only_the_first_are_shown(page: Any, five_issues: None) -> None:
    for number in range(30):
        make_project(f"P{number}")
    _, text = page("&".join(f"projects=P{number}" for number in range(30)))
    fields = text[: text.index('id="results"')]
    assert fields.count('aria-label="Remove P') == MOST_CHIPS == 20
    assert fields.count('type="hidden" name="projects"') == 30
    assert "and 10 more" in fields


def test_htmx_gets_a_fragment_with_everything_that_changed(page: Any, five_issues: None) -> None:
    status, text = page("projects=FOO&dateAfter=2023-01-01", **{"hx-request": "true"})
    assert status == 200
    assert "<html" not in text
    assert re.search(
        r'<ul id="projects-chips"[^>]* hx-swap-oob="true">\s*<li class="chip">.*?<span>FOO', text, re.DOTALL
    )
    assert re.search(r'<ul id="presets"[^>]* hx-swap-oob="true">', text)
    assert re.search(
        r'id="archivedDateRange-error" class="field-error" hx-swap-oob="true">The "Before" date is missing', text
    )


def test_a_fragment_sets_the_url_of_its_filter(client: Client, alice: User, five_issues: None) -> None:
    client.force_login(alice)
    response = client.get("/?projects=foo&dateAfter=&dateBefore=", headers={"hx-request": "true"})
    assert response["HX-Push-Url"] == "?projects=FOO"
    assert "HX-Request" in response["Vary"]


def test_paging_shows_every_issue_exactly_once(page: Any, five_issues: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "PAGE_SIZE", 2)
    for issue_id in range(6, 9):  # archived at the same moment, so sorted by ID
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
def test_an_invalid_cursor_is_refused(page: Any, five_issues: None, cursor: str) -> None:
    assert page(f"after={cursor}")[0] == 400


def test_times_use_the_users_time_zone_and_date_filters_the_sites(page: Any, alice: User, five_issues: None) -> None:
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    _, text = page()
    assert "Asia/Tokyo" in text
    assert "2 Jan 2023, 21:00" in text
    assert "the site’s time zone, UTC" in text


class TestWhyTheButtonIsDisabled:
    def test_when_nothing_matches(self, page: Any, five_issues: None) -> None:
        _, text = page("projects=FOO&archivedBy=ben")
        assert heading(text) == "0 issues"
        assert "No issues match this filter" in text
        assert "disabled" in text

    def test_when_too_many_issues_match(self, page: Any, five_issues: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("archive.filters.MOST_ISSUES", 3)
        monkeypatch.setattr(archive, "MOST_ISSUES", 3)
        monkeypatch.setattr("archive.web.views.MOST_ISSUES", 3)
        _, text = page()
        assert heading(text) == "More than 3 issues"
        assert "An export can hold at most 3 issues. Narrow the filter, for example by archived date." in text
        assert "disabled" in text

    def test_when_another_export_is_running(self, page: Any, bob: User, five_issues: None) -> None:
        job = ExportJob.objects.create(submitted_by=bob, filter={})
        _, text = page()
        assert f'<a href="/exports/{job.pk}">Export {job.pk}</a>, requested by Bob on ' in text
        assert " UTC, is waiting. Only one export can run at a time." in text
        assert f'<a href="/exports/{job.pk}#cancel">Cancel export {job.pk}' in text
        assert "disabled" in text

    def test_when_no_worker_has_been_seen(self, page: Any, five_issues: None) -> None:
        assert "No worker is running" in page()[1]
        Worker.objects.create(name="host:1", host="host", pid=1, version="1")
        assert "No worker" not in page()[1]

    def test_when_the_plan_does_not_include_exports(self, page: Any, settings: Any, five_issues: None) -> None:
        settings.SITE_PLAN = "standard"
        _, text = page()
        assert "Exports need Premium or Enterprise." in text
        assert "disabled" in text


def test_an_empty_archive_explains_how_to_import(page: Any) -> None:
    status, text = page()
    assert status == 200
    assert "manage.py import_issues" in text


def values(text: str) -> list[str]:
    return re.findall(r'role="option"[^>]* data-value="([^"]+)"', text)


class TestSuggestions:
    @pytest.fixture
    def suggest(self, client: Client, alice: User) -> Any:
        client.force_login(alice)
        return lambda path: html.unescape(client.get(f"/suggest/{path}").content.decode())

    def test_people_are_found_by_name_e_mail_and_id(self, suggest: Any) -> None:
        make_account("id-1", "Zoë Müller")
        make_issue(1, reporter="id-1", archived_by="id-2")
        Account.objects.filter(account_id="id-1").update(email="zoe.m@example.com")
        for words in ("müll", "ID-1", "zo", "ZOE.M@"):
            assert values(suggest(f"reporters?find-reporters={words}")) == ["id-1"]

    def test_only_people_who_appear_in_the_field_are_suggested(self, suggest: Any) -> None:
        make_account("nobody", "Nobody")
        make_issue(1, reporter="rita", archived_by="ann")
        assert values(suggest("reporters")) == ["rita"]
        assert values(suggest("archivedBy")) == ["ann"]

    def test_selected_values_are_not_suggested_again(self, suggest: Any) -> None:
        for key in ("FOO", "BAR", "BAZ"):
            make_project(key)
        assert values(suggest("projects?projects=foo&projects=GHOST")) == ["BAR", "BAZ"]

    def test_values_that_start_with_the_search_come_first(self, suggest: Any) -> None:
        for key in ("ABAR", "BAR", "BARN", "FOO"):
            make_project(key, name="")
        assert values(suggest("projects?find-projects=bar")) == ["BAR", "BARN", "ABAR"]

    def test_long_lists_are_cut(self, suggest: Any) -> None:
        for number in range(30):
            make_project(f"P{number}")
        text = suggest("projects")
        assert len(values(text)) == 12
        assert "type to search" in text

    def test_issue_types_are_found_by_name(self, suggest: Any) -> None:
        make_type("7", "Epic")
        assert values(suggest("issueTypes?find-issueTypes=epi")) == ["7"]
        assert "No matches" in suggest("issueTypes?find-issueTypes=%00nothing%25")

    def test_without_javascript_the_page_itself_searches(self, page: Any, five_issues: None) -> None:
        _, text = page("projects=FOO&find-reporters=rit&find-projects=nothing")
        found = text[text.index('class="found') : text.index('id="results"')]
        assert 'type="checkbox" name="reporters" value="rita"' in text
        assert "Results for “nothing”" in found

    def test_an_unknown_field_is_not_found(self, client: Client, alice: User) -> None:
        client.force_login(alice)
        assert client.get("/suggest/passwords").status_code == 404


class TestChart:
    def test_each_month_links_to_its_issues(self, page: Any, five_issues: None) -> None:
        make_issue(9, archived_date=datetime.datetime(2023, 3, 31, 23, 59, tzinfo=datetime.UTC))
        _, text = page("projects=FOO&issueTypes=1")
        rows = re.findall(r'<tr><th scope="row"><a href="([^"]+)"[^>]*>([^<]+)</a></th><td class="number">(\d+)', text)
        base = "/?projects=FOO&issueTypes=1&"
        assert rows == [
            (f"{base}dateAfter=2023-03-01&dateBefore=2023-04-01", "March 2023", "1"),
            (f"{base}dateAfter=2023-02-01&dateBefore=2023-03-01", "February 2023", "0"),
            (f"{base}dateAfter=2023-01-01&dateBefore=2023-02-01", "January 2023", "1"),
        ]
        bars = re.findall(r'<a href="([^"]+)"[^>]*>\s*<title>([^<]+)</title>', text)
        assert bars == [(link, f"{month}: {count}") for link, month, count in reversed(rows)]

    def test_selected_months_are_highlighted_among_all_months(self, page: Any, five_issues: None) -> None:
        make_issue(9, archived_date=NOON + 60 * DAY)
        _, text = page("dateAfter=2023-03-01&dateBefore=2023-04-01")
        assert heading(text) == "1 issue"
        assert re.findall(r'<tr( class="selected")?>\s*<th scope="row"><a [^>]*>(\w+)', text) == [
            (' class="selected"', "March"),
            ("", "February"),
            ("", "January"),
        ]

    def test_presets_are_complete_months_before_today(self, page: Any, five_issues: None) -> None:
        _, text = page("projects=FOO")
        links = re.findall(r'<a href="/\?projects=FOO&dateAfter=(\S+)&dateBefore=(\S+?)" [^>]*>(Last \w+)<', text)
        this_month = datetime.datetime.now(datetime.UTC).date().replace(day=1)
        spans = {}
        for after, before, name in links:
            first, end = datetime.date.fromisoformat(after), datetime.date.fromisoformat(before)
            spans[name] = (end.year - first.year) * 12 + end.month - first.month
            assert (first.day, end.day) == (1, 1)
            assert end <= this_month
        assert spans == {"Last month": 1, "Last quarter": 3, "Last year": 12}
        _, text = page(f"dateAfter={links[0][0]}&dateBefore={links[0][1]}")
        assert re.search(r'aria-current="true">Last month<', text)


def test_the_page_needs_few_queries(
    page: Any, five_issues: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(20):
        page("projects=FOO&issueTypes=1&reporters=rita&archivedBy=ann&dateAfter=2023-01-01&dateBefore=2024-01-01")
