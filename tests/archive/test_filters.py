"""IssueFilter is read from REST bodies, URLs and stored jobs."""

import datetime
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict

from archive.errors import InvalidFilter
from archive.filters import IssueFilter, count_up_to_limit
from archive.models import Account, ArchivedIssue, IssueType, Project
from tests.factories import NOON, make_account, make_issue, make_type

FULL = {
    "projects": ["FOO", "BAR"],
    "archivedBy": ["ann"],
    "archivedDateRange": {"dateAfter": "2023-01-01", "dateBefore": "2023-01-12"},
    "issueTypes": ["1"],
    "reporters": ["rob", "sue"],
}


def complaints(body: Any) -> dict[str, str]:
    with pytest.raises(InvalidFilter) as caught:
        IssueFilter.from_json(body)
    return dict(caught.value.fields)


def test_it_works() -> None:
    wanted = IssueFilter.from_json(FULL)
    assert wanted.to_json() == FULL
    assert wanted.archived_after == datetime.date(2023, 1, 1)
    assert IssueFilter.from_json(wanted.to_json()) == wanted
    assert IssueFilter.from_query(QueryDict(wanted.to_query())) == wanted


def test_the_payload_has_the_form_of_jiras_example() -> None:
    assert IssueFilter.from_json(FULL).payload() == (
        "{projects=[FOO, BAR], reporters=[rob, sue], issueTypes=[1], "
        "archivedDate={dateAfterInstant=2023-01-01, dateBeforeInstant=2023-01-12}, archivedBy=[ann]}"
    )
    assert IssueFilter().payload() == "{}"


@pytest.mark.parametrize("body", [{}, {"projects": []}, {"projects": None, "archivedDate": None}])
def test_empty_and_absent_fields_do_not_filter(body: dict[str, Any]) -> None:
    assert IssueFilter.from_json(body) == IssueFilter()


def test_both_names_of_the_range_mean_the_same() -> None:
    dates = FULL["archivedDateRange"]
    assert IssueFilter.from_json({"archivedDate": dates}) == IssueFilter.from_json({"archivedDateRange": dates})
    assert IssueFilter.from_json({"archivedDate": dates, "archivedDateRange": dates}).archived_after


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ([], "body", "must be a JSON object"),
        ("x", "body", "must be a JSON object"),
        ({"project": ["FOO"]}, "project", 'Unknown filter "project". Use projects, archivedBy,'),
        ({"projects": "FOO"}, "projects", "must be a list of strings"),
        ({"projects": [1]}, "projects", "must be a list of strings"),
        ({"projects": [""]}, "projects", "holds ''"),
        ({"projects": ["a\0b"]}, "projects", "holds 'a\\0b'"),
        ({"reporters": ["\ud800"]}, "reporters", "holds '\\ud800'"),
        ({"reporters": ["x"] * 1001}, "reporters", "1,001 values; at most 1,000"),
        ({"archivedDate": []}, "archivedDate", "must be an object"),
        ({"archivedDate": {}}, "archivedDate.dateAfter", "is missing"),
        ({"archivedDate": {"dateAfter": "2023-01-01"}}, "archivedDate.dateBefore", "is missing"),
        ({"archivedDate": {"dateAfter": "2023-02-30"}}, "archivedDate.dateAfter", "'2023-02-30' isn't a date"),
        ({"archivedDate": {"dateAfter": "2023-W01-1"}}, "archivedDate.dateAfter", "YYYY-MM-DD"),
        ({"archivedDate": {"dateAfter": 5}}, "archivedDate.dateAfter", "'5' isn't a date"),
        ({"archivedDate": {"since": "2023-01-01"}}, "archivedDate.since", 'Unknown date "since". Use dateAfter'),
        (
            {"archivedDate": {"dateAfter": "2023-01-02", "dateBefore": "2023-01-02"}},
            "archivedDate",
            "is not earlier than",
        ),
        (
            {
                "archivedDate": {"dateAfter": "2023-01-01", "dateBefore": "2023-01-02"},
                "archivedDateRange": {"dateAfter": "2023-01-01", "dateBefore": "2023-01-03"},
            },
            "archivedDate",
            "differs from archivedDateRange",
        ),
    ],
)
def test_a_wrong_field_is_named_with_its_value_and_the_remedy(body: Any, field: str, words: str) -> None:
    assert words in complaints(body)[field]


def test_all_wrong_fields_are_named_at_once() -> None:
    assert set(complaints({"projects": 1, "reporters": 2, "nonsense": 3})) == {"projects", "reporters", "nonsense"}


@pytest.mark.django_db
def test_an_issue_must_match_every_field_and_one_value_of_each_list() -> None:
    make_issue(1, project="FOO", reporter="rob")
    make_issue(2, project="BAR", reporter="rob")
    make_issue(3, project="BAR", reporter="sue", archived_by="bea")
    make_type("2", "Task")

    def selected(**body: Any) -> list[int]:
        return sorted(IssueFilter.from_json(body).issues().values_list("pk", flat=True))

    assert selected() == [1, 2, 3]
    assert selected(projects=["bar"]) == [2, 3]
    assert selected(projects=["FOO", "BAR"], reporters=["rob"]) == [1, 2]
    assert selected(archivedBy=["bea"]) == [3]
    assert selected(issueTypes=["2"]) == []


@pytest.mark.django_db
def test_the_range_is_half_open_in_the_sites_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    hour = datetime.timedelta(hours=1)
    midnight = datetime.datetime(2023, 1, 1, 23, tzinfo=datetime.UTC)  # 2 January in Berlin
    make_issue(1, archived_date=midnight - hour)
    make_issue(2, archived_date=midnight)
    make_issue(3, archived_date=midnight + 24 * hour)
    body = {"archivedDate": {"dateAfter": "2023-01-02", "dateBefore": "2023-01-03"}}
    assert list(IssueFilter.from_json(body).issues().values_list("pk", flat=True)) == [2]


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_widest_range_selects_everything_in_every_zone(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    make_issue(1)
    body = {"archivedDate": {"dateAfter": "0001-01-01", "dateBefore": "9999-12-31"}}
    assert IssueFilter.from_json(body).issues().count() == 1


@pytest.mark.django_db
def test_every_unknown_value_is_listed_and_each_list_costs_one_query(django_assert_num_queries: Any) -> None:
    make_account("ann")
    body = {"projects": ["NO", "NAY"], "archivedBy": ["ann", "nobody"], "issueTypes": ["9"], "reporters": ["ann"]}
    with django_assert_num_queries(4), pytest.raises(InvalidFilter) as caught:
        IssueFilter.from_json(body).issues()
    assert caught.value.fields == {
        "projects": "the archive has no project key 'NO', 'NAY'.",
        "archivedBy": "the archive has no account ID 'nobody'.",
        "issueTypes": "the archive has no issue type ID '9'.",
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", IssueFilter()),
        ("projects=foo&projects=FOO&projects=bar", IssueFilter(projects=("FOO", "BAR"))),
        ("projects=&projects=%20&reporters=a%00b&reporters=%00", IssueFilter(reporters=("ab",))),
        ("dateAfter=2023-01-01&dateBefore=2023-01-01&issueTypes=1", IssueFilter(issue_types=("1",))),
        ("dateAfter=2023-01-01&archivedBy=ann", IssueFilter(archived_by=("ann",))),
        (
            "dateAfter=2023-01-01&dateBefore=2023-01-02",
            IssueFilter(archived_after=datetime.date(2023, 1, 1), archived_before=datetime.date(2023, 1, 2)),
        ),
        ("page=7&unknown=x", IssueFilter()),
    ],
)
def test_a_lenient_reader_keeps_what_can_be_used(query: str, expected: IssueFilter) -> None:
    assert IssueFilter.lenient_from_query(QueryDict(query)) == expected


def test_a_lenient_reader_keeps_a_thousand_values() -> None:
    query = QueryDict(mutable=True)
    query.setlist("reporters", [f"r{number}" for number in range(1500)])
    assert IssueFilter.lenient_from_query(query).reporters == tuple(f"r{number}" for number in range(1000))


def test_a_lenient_reader_reads_a_valid_filter_as_the_strict_one() -> None:
    query = QueryDict(IssueFilter.from_json(FULL).to_query())
    assert IssueFilter.lenient_from_query(query) == IssueFilter.from_query(query)


@pytest.fixture
def rows_of_400_values(db: None) -> IssueFilter:
    """2,000 issues with 400 projects, types and people, and the filter that lists all of them."""
    names = [f"V{number}" for number in range(400)]
    projects = Project.objects.bulk_create(Project(key=name) for name in names)
    types = IssueType.objects.bulk_create(IssueType(type_id=name) for name in names)
    people = Account.objects.bulk_create(Account(account_id=name) for name in names)
    issues = []
    for number in range(2_000):
        issue = ArchivedIssue(
            id=number,
            key=f"V-{number}",
            project=projects[number % 400],
            issue_type=types[number * 7 % 400],
            archived_by=people[number * 11 % 400],
            reporter=people[number * 13 % 400],
            archived_date=NOON,
        )
        issues.append(issue)
    ArchivedIssue.objects.bulk_create(issues)
    values = tuple(names)
    return IssueFilter(projects=values, archived_by=values, issue_types=values, reporters=values)


@pytest.mark.django_db
def test_long_lists_select_the_same_issues(rows_of_400_values: IssueFilter) -> None:
    assert count_up_to_limit(rows_of_400_values.issues()) == 2_000
    without_one = replace(rows_of_400_values, issue_types=rows_of_400_values.issue_types[1:])
    assert count_up_to_limit(without_one.issues()) == 1_995


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL does not look up every combination of values")
def test_long_lists_are_not_combined_in_an_index(rows_of_400_values: IssueFilter) -> None:
    issues = rows_of_400_values.issues()
    calls: list[None] = []
    connection.connection.set_progress_handler(lambda: calls.append(None), 1_000)
    try:
        assert count_up_to_limit(issues) == 2_000
    finally:
        connection.connection.set_progress_handler(None, 0)
    assert len(calls) < 500, "thousands of steps of SQLite's virtual machine"
