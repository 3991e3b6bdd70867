"""What must leave the archive leaves it, and a line of history says so."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from archive.models import Account, ArchivedIssue, IssueType, Project, Removal
from exports.models import ExportJob
from tests.factories import make_account, make_issue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "olga")


def run(command: str, *arguments: str, **options: Any) -> str:
    call_command(command, *arguments, **options, stdout=(out := StringIO()))
    return out.getvalue()


def test_it_works() -> None:
    make_issue(1, project="FOO", reporter="rob")
    make_issue(2, project="BAR", issue_type="2", reporter="eve", assignee="rob", archived_by="bea")
    said = run("delete_issues", projects=["bar"], yes=True)
    assert said == "1 issues: BAR-2\n1 issues deleted.\n"
    assert ArchivedIssue.objects.get().key == "FOO-1"
    assert sorted(Account.objects.values_list("account_id", flat=True)) == ["ann", "rob"]
    assert (Project.objects.get().key, IssueType.objects.get().type_id) == ("FOO", "1")
    removal = Removal.objects.get()
    assert (removal.kind, removal.operator, removal.issue_count, removal.filter) == (
        ("deleted", "olga", 1, {"projects": ["bar"]})
    )


def test_options_narrow_together_and_a_dry_run_only_counts() -> None:
    for number in range(1, 13):
        make_issue(number, reporter="rob" if number > 1 else "eve")
    said = run("unarchive", reporters=["rob"], keys=["FOO-1", "FOO-2", "FOO-3"], dry_run=True)
    assert said == "2 issues: FOO-2, FOO-3\n"
    assert run("unarchive", reporters=["rob"], dry_run=True).startswith("11 issues: FOO-2, FOO-3")
    dates = {"archived_from": "2023-01-02", "archived_before": "2023-01-03"}
    assert run("unarchive", **dates, dry_run=True).startswith("12 issues")
    assert ArchivedIssue.objects.count() == 12
    assert "2 issues unarchived" in run("unarchive", reporters=["rob"], keys=["FOO-1", "FOO-2", "FOO-3"], yes=True)
    assert Removal.objects.get().filter == {"reporters": ["rob"], "keys": ["FOO-1", "FOO-2", "FOO-3"]}


def test_who_leads_a_project_or_is_named_elsewhere_stays() -> None:
    make_issue(1, project="FOO", creator="rob")
    make_issue(2, project="BAR", reporter="rob", assignee="lea")
    Project.objects.filter(key="FOO").update(lead=make_account("lea"))
    run("delete_issues", keys=["BAR-2"], yes=True)
    assert sorted(Account.objects.values_list("account_id", flat=True)) == ["ann", "lea", "rob"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"yes": True}, "No filter is given"),
        ({"projects": ["NOPE"], "yes": True}, "NOPE"),
        ({"archived_from": "2023-01-02", "yes": True}, "dateBefore"),
        ({"keys": ["FOO-1"]}, "nobody can be asked here. Give --yes"),
    ],
)
def test_what_is_not_clear_is_not_done(options: dict[str, Any], sentence: str) -> None:
    make_issue(1)
    with pytest.raises(CommandError, match=sentence):
        run("delete_issues", **options)
    assert ArchivedIssue.objects.exists()
    assert not Removal.objects.exists()


@pytest.mark.parametrize(("answer", "left"), [("1", 0), ("yes", 1)])
def test_the_number_is_the_confirmation(monkeypatch: pytest.MonkeyPatch, answer: str, left: int) -> None:
    make_issue(1)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    if left:
        with pytest.raises(CommandError, match="Nothing was done"):
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
    said = run("anonymise_account", "rob", yes=True)
    person = ArchivedIssue.objects.get(pk=1).reporter
    assert person
    new_id = person.account_id
    assert said == f"The account is {new_id} now; 2 issues name it.\n"
    assert new_id.startswith("anonymous-")
    assert (person.name, person.email) == ("", "")
    assert ArchivedIssue.objects.get(pk=1).description == f"Ask [~accountid:{new_id}] or [~{new_id}], not robert"
    job.refresh_from_db()
    assert job.filter == {"reporters": [new_id, "eve"], "archivedBy": [new_id]}
    assert not Account.objects.filter(account_id="rob").exists()
    assert "rob" not in str(Removal.objects.values_list().get())


def test_an_account_nobody_knows() -> None:
    with pytest.raises(CommandError, match="knows no account with the ID 'zoe'"):
        run("anonymise_account", "zoe", yes=True)
