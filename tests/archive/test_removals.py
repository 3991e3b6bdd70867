"""Issues and people are removed from the archive, and each removal is recorded."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count

from accounts.models import User
from archive import maintenance
from archive.models import Account, ArchivedIssue, IssueType, MonthSummary, Project, Removal, RemovalKind
from archive.removals import remove_issues
from exports.models import ExportJob
from imports.seed import seed
from tests.factories import make_account, make_issue
from tests.running import wait_for

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "olga")


def run(command: str, *arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command(command, *arguments, **options, stdout=output)
    return output.getvalue()


def test_it_works() -> None:
    make_issue(1, project="FOO", reporter="rob")
    make_issue(2, project="BAR", issue_type="2", reporter="eve", assignee="rob", archived_by="bea")
    output = run("delete_issues", projects=["bar"], yes=True)
    assert output == "Selected 1 issue: BAR-2\nDeleted 1 issue.\n"
    assert ArchivedIssue.objects.get().key == "FOO-1"
    assert sorted(Account.objects.values_list("account_id", flat=True)) == ["ann", "rob"]
    assert (Project.objects.get().key, IssueType.objects.get().type_id) == ("FOO", "1")
    removal = Removal.objects.get()
    assert (removal.kind, removal.operator, removal.issue_count, removal.filter) == (
        ("deleted", "olga", 1, {"projects": ["bar"]})
    )


def test_issues_must_match_all_options_and_a_dry_run_only_counts() -> None:
    for number in range(1, 13):
        make_issue(number, reporter="rob" if number > 1 else "eve")
    output = run("unarchive", reporters=["rob"], keys=["FOO-1", "FOO-2", "FOO-3"], dry_run=True)
    assert output == "Selected 2 issues: FOO-2, FOO-3\n"
    assert run("unarchive", reporters=["rob"], dry_run=True) == (
        "Selected 11 issues: FOO-2, FOO-3, FOO-4, FOO-5, FOO-6, FOO-7, FOO-8, FOO-9, FOO-10, FOO-11, …\n"
    )
    dates = {"archived_from": "2023-01-02", "archived_before": "2023-01-03"}
    assert run("unarchive", **dates, dry_run=True).startswith("Selected 12 issues: ")
    assert ArchivedIssue.objects.count() == 12
    output = run("unarchive", reporters=["rob"], keys=["FOO-1", "FOO-2", "FOO-3"], yes=True)
    assert output == "Selected 2 issues: FOO-2, FOO-3\nUnarchived 2 issues.\n"
    assert Removal.objects.get().filter == {"reporters": ["rob"], "keys": ["FOO-1", "FOO-2", "FOO-3"]}


def test_people_who_lead_a_project_or_appear_in_other_issues_are_kept() -> None:
    make_issue(1, project="FOO", creator="rob")
    make_issue(2, project="BAR", reporter="rob", assignee="lea")
    Project.objects.filter(key="FOO").update(lead=make_account("lea"))
    run("delete_issues", keys=["BAR-2"], yes=True)
    assert sorted(Account.objects.values_list("account_id", flat=True)) == ["ann", "lea", "rob"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"yes": True}, "Give at least one filter. Without one, every issue would be removed."),
        ({"projects": ["NOPE"], "yes": True}, "NOPE"),
        ({"archived_from": "2023-01-02", "yes": True}, "dateBefore"),
        ({"keys": ["FOO-1"]}, "Nothing was changed: there is no terminal to ask for confirmation. Give --yes."),
    ],
)
def test_unclear_requests_are_refused_and_change_nothing(options: dict[str, Any], sentence: str) -> None:
    make_issue(1)
    with pytest.raises(CommandError, match=sentence):
        run("delete_issues", **options)
    assert ArchivedIssue.objects.exists()
    assert not Removal.objects.exists()


@pytest.mark.parametrize(("answer", "left"), [("1", 0), ("yes", 1)])
def test_typing_the_number_of_issues_confirms(monkeypatch: pytest.MonkeyPatch, answer: str, left: int) -> None:
    make_issue(1)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    if left:
        with pytest.raises(CommandError, match=r"Nothing was changed\."):
            run("delete_issues", keys=["FOO-1"])
    else:
        run("delete_issues", keys=["FOO-1"])
    assert ArchivedIssue.objects.count() == left


def test_a_person_is_anonymised_everywhere(alice: User) -> None:
    make_issue(1, reporter="rob", description="Ask [~accountid:rob] or [~rob], not robert", archived_by="rob")
    make_issue(2, assignee="rob")
    make_issue(3, reporter="eve")
    Account.objects.filter(account_id="rob").update(email="rob@example.com")
    job = ExportJob.objects.create(submitted_by=alice, filter={"reporters": ["rob", "eve"], "archivedBy": ["rob"]})
    output = run("anonymise_account", "rob", yes=True)
    person = ArchivedIssue.objects.get(pk=1).reporter
    assert person
    new_id = person.account_id
    assert output == f"The account ID is now {new_id}. Issues that refer to it: 2.\n"
    assert new_id.startswith("anonymous-")
    assert (person.name, person.email) == ("", "")
    assert ArchivedIssue.objects.get(pk=1).description == f"Ask [~accountid:{new_id}] or [~{new_id}], not robert"
    job.refresh_from_db()
    assert job.filter == {"reporters": [new_id, "eve"], "archivedBy": [new_id]}
    assert not Account.objects.filter(account_id="rob").exists()
    assert "rob" not in str(Removal.objects.values_list().get())


def test_an_unknown_account_is_reported_before_asking() -> None:
    for is_confirmed in (True, False):
        with pytest.raises(CommandError, match=r'The archive has no account with the ID "zoe"\.'):
            run("anonymise_account", "zoe", yes=is_confirmed)


def test_anonymising_without_a_terminal_needs_yes() -> None:
    make_issue(1, reporter="rob")
    with pytest.raises(CommandError, match=r"Nothing was changed: there is no terminal to ask for confirmation\."):
        run("anonymise_account", "rob")
    assert Account.objects.filter(account_id="rob").exists()


@pytest.mark.parametrize(("answer", "is_anonymised"), [("rob", True), ("yes", False), (EOFError, False)])
def test_typing_the_account_id_confirms(monkeypatch: pytest.MonkeyPatch, answer: Any, is_anonymised: bool) -> None:
    make_issue(1, reporter="rob")

    def type_answer(_question: str) -> str:
        if answer is EOFError:  # Ctrl-D
            raise EOFError
        return str(answer)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", type_answer)
    if is_anonymised:
        run("anonymise_account", "rob")
    else:
        with pytest.raises(CommandError, match=r"Nothing was changed\."):
            run("anonymise_account", "rob")
    assert Account.objects.filter(account_id="rob").exists() != is_anonymised


def test_an_anonymised_account_is_not_left_in_earlier_removals() -> None:
    for number in range(1, 4):
        make_issue(number, reporter="rob", archived_by="ann")
    run("unarchive", reporters=["rob"], archivedBy=["ann"], keys=["FOO-1"], yes=True)
    run("unarchive", keys=["FOO-2"], yes=True)
    run("anonymise_account", "rob", yes=True)
    new_id = Account.objects.exclude(account_id="ann").get().account_id
    filters = list(Removal.objects.order_by("pk").values_list("filter", flat=True))
    assert filters == [
        {"reporters": [new_id], "archivedBy": ["ann"], "keys": ["FOO-1"]},
        {"keys": ["FOO-2"]},
        {"account": new_id},
    ]


def remove_most_issues(monkeypatch: pytest.MonkeyPatch, many: int) -> bool:
    """Remove two issues of three, all changed before; returns whether an index is enough to count the others."""
    list(seed(3_000, 1))
    project = Project.objects.annotate(size=Count("issues")).order_by("-size")[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE archive_archivedissue SET votes = 1")
        cursor.execute("SELECT relallvisible FROM pg_class WHERE relname = 'archive_archivedissue'")
        assert cursor.fetchone() == (0,)
        others = ArchivedIssue.objects.exclude(project=project)
        with monkeypatch.context() as patch:
            patch.setattr(maintenance, "MANY_ISSUES", many)
            assert remove_issues(others, RemovalKind.DELETED, "olga", {}) > 1_000
        cursor.execute("SELECT relallvisible > 0 FROM pg_class WHERE relname = 'archive_archivedissue'")
        return bool(cursor.fetchone()[0])


def nobody_has_a_snapshot() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone() == (0,))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no visibility map")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("most", "is_vacuumed"), [(1_000, True), (10_000, False)])
def test_after_a_large_removal_an_index_is_enough_to_count(
    monkeypatch: pytest.MonkeyPatch, most: int, is_vacuumed: bool
) -> None:
    """The server's own ANALYZE of any table has a snapshot: what it may still see keeps pages from being all visible.
    It may begin at any time, so the removal has a few tries.
    """
    with connection.cursor() as cursor:
        # Without the empty pages that earlier tests left, which the server may have marked as visible.
        cursor.execute("TRUNCATE archive_archivedissue CASCADE")
        cursor.execute("ALTER TABLE archive_archivedissue SET (autovacuum_enabled = off)")
    tries = 0
    while True:
        tries += 1
        wait_for(nobody_has_a_snapshot, "nobody has a snapshot")
        if remove_most_issues(monkeypatch, most) == is_vacuumed:
            break
        assert tries < 5
        ArchivedIssue.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE archive_archivedissue RESET (autovacuum_enabled)")
    assert MonthSummary.objects.exists() == is_vacuumed
