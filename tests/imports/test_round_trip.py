"""The portal imports its own exports: the archive is then equal, whatever the issues contain.

Equal means everything that docs/import.md says our CSV contains: not the emails of accounts, not an issue type's ID,
not who leads a project without issues, and no empty text in a list.
"""

import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.models import Account, ArchivedIssue, DetailColumn, IssueType, Project
from exports import storage
from exports.builder import build
from imports.load import Archiving, Loader
from imports.records import IssueRecord, Person, ProjectRecord, TypeRecord, UnreadableRecord

pytestmark = pytest.mark.django_db(transaction=True)

AWKWARD = ("👩‍👩‍👧", "\r\n", *"=+-@\t\r\n＝＋－＠'\",;\ufeff ém\x1fم")
TEXTS = st.lists(
    st.sampled_from(AWKWARD) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    max_size=8,
).map("".join)
NAMES = TEXTS.map(lambda text: text[:100])
LISTS = st.lists(TEXTS.filter(bool), max_size=4).map(tuple)
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 12, 31))
TIMES = st.builds(datetime.datetime.combine, DAYS, st.times(), st.just(datetime.UTC))
KEYS = st.text("ABCXYZ0189_", max_size=40).map(lambda text: f"K{text}")
NUMBERS = st.integers(-(2**63), 2**63 - 1)
PEOPLE = [Person(f"id-{number}", name) for number, name in enumerate(["", "=Ann", "'Bob", "Caro\nline", "ö"])]
MAYBE_PEOPLE = st.none() | st.sampled_from(PEOPLE)
PROJECTS = [
    ProjectRecord("=K", "Formula", "software", "'=\r\n", PEOPLE[1]),
    ProjectRecord("AC", "", "", "", None),
    ProjectRecord("Z", "'", "business", "text", PEOPLE[0]),
]
TYPES = [TypeRecord("1", "Bug"), TypeRecord("2", "=Task"), TypeRecord("3", "")]


def issues(number: int) -> st.SearchStrategy[IssueRecord]:
    return st.builds(
        IssueRecord,
        id=st.just(number * 7),
        key=KEYS.map(lambda key: f"{key}-{number}"),
        project=st.sampled_from(PROJECTS),
        issue_type=st.sampled_from(TYPES),
        **dict.fromkeys(("summary", "description", "environment", "parent_summary"), TEXTS),
        **dict.fromkeys(("status", "status_category", "priority", "resolution", "security_level"), NAMES),
        parent_key=TEXTS.map(lambda text: text[:90]),
        **dict.fromkeys(("assignee", "reporter", "creator"), MAYBE_PEOPLE),
        **{name: st.none() | TIMES for name in ("created", "updated", "resolved", "status_category_changed")},
        due_date=st.none() | DAYS,
        **dict.fromkeys(("affects_versions", "fix_versions", "components", "labels"), LISTS),
        votes=st.none() | st.integers(-(2**31), 2**31 - 1),
        **{name: st.none() | NUMBERS for name in ("original_estimate", "remaining_estimate", "time_spent")},
        **{name: st.none() | NUMBERS for name in ("work_ratio", "parent_id", "total_time_spent")},
        **{name: st.none() | NUMBERS for name in ("total_original_estimate", "total_remaining_estimate")},
        archived_by=st.sampled_from(PEOPLE),
        archived_date=TIMES,
    )  # fmt: skip


ARCHIVES = st.integers(1, 12).flatmap(lambda count: st.tuples(*map(issues, range(1, count + 1))))
RELATIONS = ("project__key", "issue_type__name", "assignee__account_id", "reporter__account_id", "creator__account_id")
FIELDS = [field.name for field in ArchivedIssue._meta.concrete_fields if not field.is_relation]


def archive() -> list[Any]:
    """Everything that our CSV contains."""
    met = {key for row in ArchivedIssue.objects.values_list(*RELATIONS[2:], "archived_by__account_id") for key in row}
    return [
        list(ArchivedIssue.objects.order_by("pk").values(*FIELDS, *RELATIONS, "archived_by__account_id")),
        list(Project.objects.order_by("key").values("key", "name", "type", "description", "lead__account_id")),
        sorted(Account.objects.filter(account_id__in=met - {None}).values_list("account_id", "name")),
        sorted(IssueType.objects.values_list("name", flat=True)),
    ]


def empty() -> None:
    for model in (ArchivedIssue, DetailColumn, Project, IssueType, Account):
        model._default_manager.all().delete()


def fill(records: tuple[IssueRecord, ...]) -> None:
    def refuse(rejected: UnreadableRecord) -> None:
        raise rejected

    Loader("test", refuse, archiving=Archiving(PEOPLE[0], datetime.datetime.now(datetime.UTC))).load(records)


def export(path: Path) -> None:
    with storage.begin(1, 1) as part:
        build(ArchivedIssue.objects.all(), part, guard=True, report=lambda _written, _expected: None)
        storage.folder().joinpath(part.publish()).rename(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.csv"


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(records=ARCHIVES)
def test_an_export_imported_into_an_empty_archive_makes_an_equal_one(
    file: Path, records: tuple[IssueRecord, ...]
) -> None:
    empty()
    fill(records)
    before = archive()
    export(file)
    empty()
    assert connection.in_atomic_block is False
    call_command("import_issues", file, rejects=file.parent, stdout=(output := StringIO()))
    assert f"{len(records)} created" in output.getvalue()
    assert archive() == before
    call_command("import_issues", file, rejects=file.parent, stdout=(output := StringIO()))
    assert f"0 created, 0 updated, {len(records)} unchanged" in output.getvalue()
