"""Objects for tests: `make_issue(1, summary="…")` creates an archived issue with everything it needs."""

import datetime
from typing import Any

from archive.models import Account, ArchivedIssue, DetailColumn, DetailKind, IssueDetail, IssueType, Project
from exports.models import ExportJob
from exports.models.jobs import percent

NOON = datetime.datetime(2023, 1, 2, 12, tzinfo=datetime.UTC)


def make_account(account_id: str, name: str = "") -> Account:
    return Account.objects.get_or_create(account_id=account_id, defaults={"name": name or account_id.title()})[0]


def make_project(key: str, **fields: Any) -> Project:
    return Project.objects.get_or_create(key=key, defaults={"name": f"Project {key}"} | fields)[0]


def make_type(type_id: str, name: str = "Bug") -> IssueType:
    return IssueType.objects.get_or_create(type_id=type_id, defaults={"name": name})[0]


def make_issue(
    issue_id: int, *, project: str = "FOO", issue_type: str = "1", archived_by: str = "ann", **fields: Any
) -> ArchivedIssue:
    for person in ("assignee", "reporter", "creator"):
        if isinstance(fields.get(person), str):
            fields[person] = make_account(fields[person])
    return ArchivedIssue.objects.create(
        id=issue_id,
        key=fields.pop("key", f"{project}-{issue_id}"),
        project=make_project(project),
        issue_type=make_type(issue_type),
        archived_by=make_account(archived_by),
        archived_date=fields.pop("archived_date", NOON),
        **fields,
    )


def send_heartbeat(job: ExportJob, attempt: int, *, rows_written: int, rows_expected: int) -> bool:
    """Report progress like a worker that has written this many rows."""
    progress = percent(rows_written, rows_expected)
    return job.heartbeat(attempt, progress=progress, rows_written=rows_written, rows_expected=rows_expected)


def make_detail(
    issue: ArchivedIssue, kind: DetailKind, items: list[Any], *, value: Any = None, **column: str
) -> IssueDetail:
    """What the issue has of a kind, such as its comments; `column` has attributes of DetailColumn."""
    found, _ = DetailColumn.objects.get_or_create(kind=kind, defaults=None, **column)
    return IssueDetail.objects.create(issue=issue, column=found, items=items, value=value)
