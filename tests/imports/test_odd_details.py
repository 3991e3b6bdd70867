"""Whatever JSON and cells a file has, its issues are imported or rejected, and importing them again changes nothing."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from archive.models import ArchivedIssue, IssueDetail

pytestmark = pytest.mark.django_db

NAMES = (
    "comment", "comments", "worklog", "attachment", "issuelinks", "subtasks", "watches", "watchers", "changelog",
    "histories", "items", "author", "created", "accountId", "displayName", "key", "name", "emailAddress", "type",
    "content", "outwardIssue", "inwardIssue", "fields", "from", "to", "field", "total", "customfield_1", "value",
    "names", "schema", "self", "body", "",
)  # fmt: skip
TEXTS = st.text(max_size=5) | st.sampled_from(["rob", "doc", "2023-07-16T15:04:05.000+0000", "\0", "\ud800", *NAMES])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | TEXTS, inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4)
HEADINGS = st.sampled_from(
    ["Comment", "Log Work", "Attachment1", "Watchers", "Watchers Id", "Sub-tasks", "Sprint", "Custom field (A)",
     "Outward issue link (B)", "custom field ()", "Custom field (Sprint)", "Else", "Else 2"]
)  # fmt: skip
CELLS = st.text(max_size=20) | st.lists(
    st.sampled_from(["16/Jul/23 3:04 PM", "rob", "60", "text", "https://x", "", "\n"]), max_size=5
).map(";".join)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(path: Path) -> str:
    out = StringIO()
    options: dict[str, Any] = {"archived_by": "ops", "archived_date": "2024-02-03", "rejects": path.parent}
    try:
        call_command("import_issues", path, **options, stdout=out, stderr=StringIO())
    except CommandError as error:
        assert "issues or files could not be imported" in str(error)  # noqa: PT017
    return out.getvalue()


def import_twice(path: Path, client: Client) -> None:
    with transaction.atomic():
        run(path)
        before = list(IssueDetail.objects.order_by("pk").values_list())
        if ArchivedIssue.objects.exists():
            assert "1 unchanged" in run(path)
            assert list(IssueDetail.objects.order_by("pk").values_list()) == before
            assert client.get("/issues/AC-1").status_code == 200
        transaction.set_rollback(True)


@MANY
@given(fields=MEMBERS, members=MEMBERS)
def test_json(tmp_path: Path, client: Client, alice: User, fields: Any, members: Any) -> None:
    client.force_login(alice)
    basic = {"project": {"key": "AC"}, "issuetype": {"id": "1"}}
    issue = members | {"id": "1", "key": "AC-1", "fields": fields | basic}
    path = tmp_path / "issues.json"
    path.write_text(json.dumps(issue))
    import_twice(path, client)


@MANY
@given(columns=st.lists(st.tuples(HEADINGS, CELLS), max_size=6))
def test_csv(tmp_path: Path, client: Client, alice: User, columns: list[tuple[str, str]]) -> None:
    client.force_login(alice)
    pairs = [("Issue id", "1"), ("Issue key", "AC-1"), ("Issue Type", "Bug"), *columns]
    path = tmp_path / "issues.csv"
    with path.open("w", newline="", encoding="utf-8", errors="surrogatepass") as file:
        csv.writer(file).writerows([[heading for heading, _ in pairs], [cell for _, cell in pairs]])
    import_twice(path, client)
