"""Removing issues and anonymising people reach everything that is kept of issues."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from archive import detail_removals
from archive.models import Account, ArchivedIssue, DetailColumn, DetailKind, DetailPerson, IssueDetail, Removal
from tests.factories import make_account, make_detail, make_issue

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "olga")


def run(command: str, *arguments: str, **options: Any) -> str:
    call_command(command, *arguments, **options, yes=True, stdout=(output := StringIO()))
    return output.getvalue()


def name_in(issue: ArchivedIssue, *account_ids: str) -> None:
    for account_id in account_ids:
        DetailPerson.objects.create(issue=issue, account=make_account(account_id))


@pytest.mark.parametrize("command", ["delete_issues", "unarchive"])
def test_details_go_with_their_issues_and_people_whom_nothing_names_go_too(command: str) -> None:
    first = make_issue(1)
    second = make_issue(2)
    make_detail(first, DetailKind.COMMENT, [{"body": "one"}])
    make_detail(second, DetailKind.COMMENT, [{"body": "two"}])
    make_detail(second, DetailKind.CUSTOM, ["x"], name="Only there")
    name_in(first, "rob")
    name_in(second, "rob", "eve")
    run(command, keys=["FOO-2"])
    assert list(IssueDetail.objects.values_list("issue", "items")) == [(1, [{"body": "one"}])]
    assert list(DetailColumn.objects.values_list("kind", flat=True)) == ["comment"]
    assert sorted(Account.objects.values_list("account_id", flat=True)) == ["ann", "rob"]


def test_a_person_whom_only_details_name_stays_while_they_do() -> None:
    name_in(make_issue(1), "rob")
    make_issue(2, reporter="rob")
    run("delete_issues", keys=["FOO-2"])
    assert Account.objects.filter(account_id="rob").exists()


CLOUD = "557058:13cc9354-0be8-432f-959a-13d34c55315f"
ROB = {"accountId": CLOUD, "displayName": "Rob Ray"}
EVE = {"key": "eve", "name": "evie", "displayName": "Eve"}
OLD: dict[DetailKind, list[Any]] = {
    DetailKind.COMMENT: [{"author": ROB, "body": f"Ask [~accountid:{CLOUD}], Eve"}, {"author": EVE, "body": "ok"}],
    DetailKind.WATCHER: [ROB, EVE],
    DetailKind.HISTORY: [
        {
            "author": EVE,
            "items": [
                {"field": "assignee", "from": "eve", "fromString": "Eve", "to": CLOUD, "toString": "Rob Ray"},
                {"field": "Approvers", "fieldtype": "custom", "to": f"[eve, {CLOUD}]", "toString": "[Eve, Rob Ray]"},
                {"field": "status", "fieldtype": "jira", "from": "eve", "fromString": "Eve"},
            ],
        }
    ],
}


def new_details(rob: str) -> dict[str, Any]:
    person = {"accountId": rob, "displayName": ""}
    return {
        "comment": [{"author": person, "body": f"Ask [~accountid:{rob}], Eve"}, {"author": EVE, "body": "ok"}],
        "watcher": [person, EVE],
        "history": [
            {
                "author": EVE,
                "items": [
                    {"field": "assignee", "from": "eve", "fromString": "Eve", "to": rob, "toString": ""},
                    {"field": "Approvers", "fieldtype": "custom", "to": f"[eve, {rob}]", "toString": ""},
                    {"field": "status", "fieldtype": "jira", "from": "eve", "fromString": "Eve"},
                ],
            }
        ],
    }


def test_a_person_is_anonymised_in_all_details() -> None:
    issue = make_issue(1)
    for kind, items in OLD.items():
        make_detail(issue, kind, items)
    make_detail(issue, DetailKind.CUSTOM, ["Rob Ray", "Eve"], value=[ROB, EVE], name="Reviewers")
    make_detail(issue, DetailKind.FIELD, [CLOUD], name="Owner")
    name_in(issue, CLOUD, "eve")
    mentioned = make_issue(2)
    make_detail(mentioned, DetailKind.CUSTOM, [f"for [~{CLOUD}]"], name="Notes")
    make_issue(3)
    output = run("anonymise_account", CLOUD)
    rob = Account.objects.get(account_id__startswith="anonymous-").account_id
    assert output == f"The account ID is now {rob}. Issues that refer to it: 2.\n"
    found = dict(IssueDetail.objects.filter(issue=1).values_list("column__kind", "items"))
    reviewers = IssueDetail.objects.get(column__name="Reviewers")
    assert found == new_details(rob) | {"custom": [rob, "Eve"], "field": [rob]}
    assert reviewers.value == [{"accountId": rob, "displayName": ""}, EVE]
    assert IssueDetail.objects.get(issue=2).items == [f"for [~{rob}]"]
    assert "Rob Ray" not in str(list(IssueDetail.objects.values_list("items", "value")))
    assert Removal.objects.get().issue_count == 2


def test_a_person_of_data_center_is_anonymised_but_not_other_things_of_the_same_name() -> None:
    issue = make_issue(1)
    make_detail(issue, DetailKind.COMMENT, [{"author": EVE, "body": "[~eve] eve"}])
    make_detail(issue, DetailKind.CUSTOM, ["eve"], value={"name": "eve", "id": "7"}, name="Codename")
    name_in(issue, "eve")
    run("anonymise_account", "eve")
    eve = Account.objects.get(account_id__startswith="anonymous-").account_id
    comment = {"author": {"key": eve, "name": eve, "displayName": ""}, "body": f"[~{eve}] eve"}
    assert IssueDetail.objects.get(column__kind="comment").items == [comment]
    codename = IssueDetail.objects.get(column__kind="custom")
    assert (codename.items, codename.value) == (["eve"], {"name": "eve", "id": "7"})


def test_ids_with_quotes_and_other_scripts_are_found_and_many_issues_take_no_single_statement() -> None:
    person = 'jürgen "j"'
    count = detail_removals.BATCH_ROWS + 50
    for number in range(1, count + 1):
        make_detail(make_issue(number), DetailKind.COMMENT, [{"author": {"accountId": person}, "body": "x"}])
    make_account(person)
    run("anonymise_account", person)
    assert Removal.objects.get().issue_count == count
    assert "jürgen" not in str(list(IssueDetail.objects.values_list("items", flat=True)))
