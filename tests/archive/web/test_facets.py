"""The facets of the filter form: chosen values as chips, and links that remove them."""

import pytest
from django.http import QueryDict

from archive.web.facets import MOST_CHIPS, Choice, Facet, chosen_in, facets
from tests.factories import make_account, make_project

pytestmark = pytest.mark.django_db


def facet_of(query: str, name: str) -> Facet:
    return next(facet for facet in facets(QueryDict(query), {}) if facet.name == name)


def test_it_works() -> None:
    make_project("FOO", name="Foo Fighters")
    facet = facet_of("projects=foo&after=0~1&find-reporters=x", "projects")
    assert facet.chosen == [Choice("FOO", "FOO", "Foo Fighters", query_without="")]


def test_a_value_that_the_archive_does_not_have_is_a_chip_too() -> None:
    make_account("rita", "Rita Reporter")
    facet = facet_of("reporters=rita&reporters=ghost", "reporters")
    assert facet.chosen == [
        Choice("rita", "Rita Reporter", "", query_without="reporters=ghost"),
        Choice("ghost", "ghost", "not in the archive", is_known=False, query_without="reporters=rita"),
    ]


def test_unusable_values_are_left_out() -> None:
    facet = facet_of("projects=foo&projects=FOO&projects=&projects=%00&projects=b%00ar", "projects")
    assert [choice.value for choice in facet.chosen] == ["FOO", "BAR"]


def test_an_invalid_range_of_dates_changes_nothing() -> None:
    query = QueryDict("issueTypes=1&dateAfter=2024-01-01&dateBefore=2023-01-01")
    assert chosen_in(query, "issueTypes") == ("1",)


def test_only_the_first_values_are_shown() -> None:
    query = "&".join(f"projects=P{number}" for number in range(MOST_CHIPS + 3))
    facet = facet_of(query, "projects")
    assert (len(facet.chips), len(facet.beyond)) == (MOST_CHIPS, 3)


def test_an_error_is_shown_at_its_field() -> None:
    errors = {"projects": "The archive has no project key 'NO'."}
    by_name = {facet.name: facet.error for facet in facets(QueryDict("projects=NO"), errors)}
    assert by_name == {
        "projects": "The archive has no project key 'NO'.",
        "issueTypes": "",
        "reporters": "",
        "archivedBy": "",
    }
