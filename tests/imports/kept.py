"""Everything that the archive keeps, by what identifies it in Jira, so that two archives can be compared."""

import re
from pathlib import Path
from typing import Any

from archive.models import (
    Account,
    ArchivedIssue,
    DetailColumn,
    DetailPerson,
    IssueDetail,
    IssueType,
    Project,
)
from exports import storage
from exports.builder import build
from exports.options import ExportOptions

PEOPLE = ("assignee", "reporter", "creator", "archived_by")
FIELDS = [field.name for field in ArchivedIssue._meta.concrete_fields if not field.is_relation]
COLUMN = ("column__kind", "column__name", "column__direction", "column__field_id", "column__type")


def read_kept() -> dict[str, Any]:
    people = [f"{person}__account_id" for person in PEOPLE]
    used_columns = IssueDetail.objects.values("column")
    columns = DetailColumn.objects.filter(pk__in=used_columns)
    return {
        "issues": list(
            ArchivedIssue.objects.order_by("pk").values(*FIELDS, *people, "project__key", "issue_type__type_id")
        ),
        "projects": sorted(Project.objects.values_list("key", "name", "type", "description", "lead__account_id")),
        "types": sorted(IssueType.objects.values_list("type_id", "name")),
        "accounts": sorted(Account.objects.values_list("account_id", "name", "email")),
        "columns": sorted(columns.values_list("kind", "field_id", "name", "direction", "type")),
        "details": {
            (issue_id, *column): (items, value)
            for issue_id, items, value, *column in IssueDetail.objects.values_list(
                "issue_id", "items", "value", *COLUMN
            )
        },
        "people": sorted(DetailPerson.objects.values_list("issue_id", "account__account_id")),
    }


def empty_archive() -> None:
    for model in (ArchivedIssue, DetailColumn, Project, IssueType, Account):
        model._default_manager.all().delete()


def export_to(path: Path, options: ExportOptions) -> None:
    with storage.begin(1, 1) as part:
        issues = ArchivedIssue.objects.all()
        build(issues, part, guard=True, report=lambda _written, _expected: None, options=options)
        storage.folder().joinpath(part.publish(options.file_format)).rename(path)


def counts_in(report: str) -> dict[str, int]:
    """The numbers of the report's first line."""
    return {
        name: int(number.replace(",", "")) for number, name in re.findall(r"([\d,]+) (\w+)", report.splitlines()[0])
    }
