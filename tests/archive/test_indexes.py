"""Every query of an export request, the archive page and an export uses an index, on both databases."""

import io
import tracemalloc
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, QuerySet
from django.http import QueryDict
from pytest_django import DjangoDbBlocker

from archive.filters import IssueFilter, up_to_limit
from archive.models import Account, ArchivedIssue, DetailColumn, IssueType, MonthSummary, Project
from archive.monthly_counts import count_by_month
from archive.web.page import page_of
from exports.builder import ranges

Issues = QuerySet[ArchivedIssue]


@pytest.fixture(scope="module", autouse=True)
def archive(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Any:
    """20,000 issues with statistics: enough that no planner prefers to read them all."""
    with django_db_blocker.unblock():
        call_command("seed_issues", "20000", stdout=io.StringIO(), stderr=io.StringIO())
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
        yield
        for model in (ArchivedIssue, DetailColumn, Project, IssueType, Account, MonthSummary):
            model._default_manager.all().delete()


def rarest(field: str, lookup: str) -> list[str]:
    """Two values of the field that few issues have."""
    counted = ArchivedIssue.objects.exclude(**{field: None}).values_list(f"{field}__{lookup}")
    return [value for value, _ in counted.annotate(size=Count("pk")).order_by("size")[:2]]


def body(name: str) -> dict[str, Any]:
    few = {
        "projects": rarest("project", "key"),
        "issueTypes": rarest("issue_type", "type_id"),
        "reporters": rarest("reporter", "account_id"),
        "archivedBy": rarest("archived_by", "account_id"),
        "archivedDateRange": {"dateAfter": "2021-02-01", "dateBefore": "2021-02-08"},
    }
    return {part: few[part] for part in name.split("+") if part}


def plan(sql: str, params: Any) -> str:
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", params)
        return "\n".join(str(record[-1]) for record in cursor.fetchall())


def count(issues: Issues) -> tuple[str, Any]:
    inner, params = up_to_limit(issues).values("archived_date").query.sql_with_params()
    return f"SELECT count(*) FROM ({inner}) found", params


def first_page(issues: Issues) -> tuple[str, Any]:
    return page_of(issues, "").query.sql_with_params()


def later_page(issues: Issues) -> tuple[str, Any]:
    return page_of(issues, QueryDict("after=1612137600000000~900000001")["after"]).query.sql_with_params()


def measure(issues: Issues) -> tuple[str, Any]:
    return ranges.measure_sql(issues, ranges.RANGE_ROWS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "",
        "projects",
        "issueTypes",
        "reporters",
        "archivedBy",
        "archivedDateRange",
        "projects+archivedDateRange",
        "projects+reporters",
        "projects+issueTypes+reporters",
        "projects+issueTypes+archivedBy",
        "issueTypes+archivedBy",
        "archivedBy+archivedDateRange",
        "reporters+archivedDateRange",
        "projects+issueTypes+reporters+archivedBy+archivedDateRange",
    ],
)
@pytest.mark.parametrize("question", [count, first_page, later_page, measure])
def test_no_query_reads_the_whole_archive(name: str, question: Any) -> None:
    if connection.vendor == "sqlite" and (name, question) == ("", measure):
        return  # an export of all issues reads all issues
    issues = IssueFilter.from_json(body(name)).issues()
    steps = plan(*question(issues))
    assert "issue_by_" in steps, steps
    if connection.vendor == "postgresql":
        assert "Seq Scan on archive_archivedissue" not in steps, steps
        return
    scans = [step for step in steps.splitlines() if step.startswith("SCAN archive_archivedissue")]
    assert all("INDEX issue_by_" in step for step in scans), steps


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite never reads a generated column from an index")
def test_an_export_counts_in_an_index_only() -> None:
    steps = plan(*measure(ArchivedIssue.objects.all()))
    assert "Index Only Scan" in steps, steps


def commonest(field: str) -> list[Any]:
    counted = ArchivedIssue.objects.values_list(field).annotate(size=Count("pk")).order_by("-size")
    return [key for key, _ in counted[:2]]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [("project", "issue_type", "archived_by"), ("project", "archived_by")])
def test_a_filter_with_several_common_values_is_counted_in_an_index(fields: tuple[str, ...]) -> None:
    issues = ArchivedIssue.objects.filter(**{f"{field}__in": commonest(field) for field in fields})
    steps = plan(*count(issues))
    assert "issue_by_all_fields" in steps, steps
    assert "Index Only Scan" in steps or "COVERING INDEX" in steps, steps


@pytest.mark.django_db
def test_the_months_of_several_lists_are_counted_by_the_database() -> None:
    """Memory does not grow with the number of issues: only a row for each month leaves the database."""
    issue_filter = IssueFilter(
        projects=tuple(Project.objects.values_list("key", flat=True)),
        issue_types=tuple(IssueType.objects.values_list("type_id", flat=True)),
    )
    issues = issue_filter.issues()
    count_by_month(issue_filter, issues)
    tracemalloc.start()
    counts = count_by_month(issue_filter, issues)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(size for _, size in counts) == ArchivedIssue.objects.count()
    assert peak < 500_000
