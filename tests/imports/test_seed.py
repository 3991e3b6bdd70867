"""Sample issues: always the same, and as awkward as real ones."""

from dataclasses import fields
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from archive.models import ArchivedIssue
from imports.records import IssueRecord
from imports.seed import make_issues
from tests.factories import make_issue

SIGNS = "=+-@"
NEVER_MISSING = {
    "id",
    "key",
    "project",
    "issue_type",
    "status",
    "status_category",
    "archived_by",
    "archived_date",
    "mentions",
    "place",
    "raw",
}
MAY_BE_MISSING = {field.name for field in fields(IssueRecord)} - NEVER_MISSING


def test_the_same_count_and_seed_give_the_same_issues() -> None:
    assert list(make_issues(500, 7)) == list(make_issues(500, 7))
    assert list(make_issues(500, 7)) != list(make_issues(500, 8))


def test_an_id_always_has_the_same_key() -> None:
    few = [(issue.id, issue.key) for issue in make_issues(300, 1)]
    many = [(issue.id, issue.key) for issue in make_issues(6000, 2)]
    assert few == many[:300]
    assert len({key for _, key in many}) == 6000


def test_issues_are_sorted_by_archived_date_and_id() -> None:
    issues = list(make_issues(3000, 1))
    assert all((a.archived_date, a.id) < (b.archived_date, b.id) for a, b in pairwise(issues))
    assert {issue.archived_date.year for issue in issues if issue.archived_date} == set(range(2019, 2026))


def test_awkward_cells_occur() -> None:
    issues = list(make_issues(5000, 1))
    summaries, descriptions = [issue.summary for issue in issues], [issue.description for issue in issues]
    for sign in SIGNS:
        assert any(summary.startswith(sign) for summary in summaries)
        assert any(text.startswith(sign) for text in descriptions)
    assert any(summary[:1] == "'" and summary[1] in SIGNS for summary in summaries)
    for awkward in ('"', ",", "\r\n", "\n\n", "👩‍👩‍👧‍👦", "再現", "الملف", "הקובץ", "\t"):
        assert any(awkward in text for text in descriptions), awkward
    assert any(label.startswith("=") for issue in issues for label in issue.labels)
    assert max(len(issue.labels) for issue in issues) > 6
    assert 600 < sum(map(len, descriptions)) / len(descriptions) < 1100


@pytest.mark.parametrize(
    "name",
    sorted(MAY_BE_MISSING),
)
def test_optional_fields_are_sometimes_missing(name: str) -> None:
    values = [getattr(issue, name) for issue in make_issues(5000, 1)]
    assert any(value is None or value in ("", ()) for value in values)
    assert any(value not in (None, "", ()) for value in values)


def seed(count: int, **options: Any) -> str:
    call_command("seed_issues", count, **options, stdout=(out := StringIO()))
    return out.getvalue()


@pytest.mark.django_db
def test_the_issues_are_stored_as_they_were_made() -> None:
    assert "1,000 of 1,000 issues" in seed(1000)
    stored = {issue.id: issue for issue in ArchivedIssue.objects.select_related()}
    for made in make_issues(1000, 1):
        issue = stored[made.id]
        assert issue.project.key == made.project.key
        assert issue.archived_by.account_id == (made.archived_by and made.archived_by.account_id)
        assert (issue.reporter and issue.reporter.account_id) == (made.reporter and made.reporter.account_id)
        assert (tuple(issue.labels), tuple(issue.components)) == (made.labels, made.components)
        assert (issue.summary, issue.description, issue.due_date) == (made.summary, made.description, made.due_date)
        assert (issue.created, issue.archived_date) == (made.created, made.archived_date)


@pytest.mark.django_db
def test_the_archive_is_skewed() -> None:
    seed(3000)
    projects = (
        ArchivedIssue.objects.values("project").annotate(n=Count("pk")).order_by("-n").values_list("n", flat=True)
    )
    assert len(projects) == 20
    assert projects[0] > 10 * projects[19]
    assert ArchivedIssue.objects.values("archived_by").distinct().count() == 12
    assert ArchivedIssue.objects.values("issue_type").distinct().count() == 10
    assert ArchivedIssue.objects.values("reporter").distinct().count() > 300


@pytest.mark.django_db
def test_seeding_again_updates_existing_issues() -> None:
    seed(200)
    before = list(ArchivedIssue.objects.order_by("pk").values())
    seed(200)
    assert list(ArchivedIssue.objects.order_by("pk").values()) == before
    seed(300, seed=2)
    assert ArchivedIssue.objects.count() == 300


def test_an_invalid_count_is_refused() -> None:
    with pytest.raises(CommandError, match=r"'-3' isn't a valid number of issues\. Use 1 to 50,000,000\."):
        call_command("seed_issues", "-3")


@pytest.mark.django_db
def test_a_real_project_with_the_keys_of_a_sample_project_is_not_changed() -> None:
    key = next(issue.key for issue in make_issues(1, 1))
    make_issue(7, project=key.partition("-")[0], key=key)
    with pytest.raises(CommandError, match=r"real project .* issue 7 also has this key"):
        seed(10)
    assert ArchivedIssue.objects.get().pk == 7
