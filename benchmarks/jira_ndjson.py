"""Sample issues in the format of Jira's REST API v2, one per line, for import benchmarks and tests."""

import datetime
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from imports.records import IssueRecord, Person
from imports.seed import make_issues


def write_ndjson(path: Path, count: int, number: int = 1) -> None:
    """Write `count` issues, generated from the seed `number`."""
    with path.open("wb") as file:
        file.writelines(lines(make_issues(count, number)))


def lines(records: Iterable[IssueRecord]) -> Iterator[bytes]:
    for record in records:
        yield json.dumps(_issue(record), ensure_ascii=False).encode() + b"\n"


def _issue(record: IssueRecord) -> dict[str, Any]:
    project, kind = record.project, record.issue_type
    assert kind
    fields: dict[str, Any] = {
        "project": {
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.type,
            "description": project.description,
            "lead": _person(project.lead),
        },
        "issuetype": {"id": kind.type_id, "name": kind.name},
        "summary": record.summary or None,
        "status": {"name": record.status, "statusCategory": {"name": record.status_category}},
        "statuscategorychangedate": _time(record.status_category_changed),
        "priority": _named(record.priority),
        "resolution": _named(record.resolution),
        "assignee": _person(record.assignee),
        "reporter": _person(record.reporter),
        "creator": _person(record.creator),
        "created": _time(record.created),
        "updated": _time(record.updated),
        "resolutiondate": _time(record.resolved),
        "duedate": record.due_date and record.due_date.isoformat(),
        "versions": [_named(name) for name in record.affects_versions],
        "fixVersions": [_named(name) for name in record.fix_versions],
        "components": [_named(name) for name in record.components],
        "labels": record.labels,
        "votes": None if record.votes is None else {"votes": record.votes},
        "description": record.description or None,
        "environment": record.environment or None,
        "timeoriginalestimate": record.original_estimate,
        "timeestimate": record.remaining_estimate,
        "timespent": record.time_spent,
        "workratio": record.work_ratio,
        "aggregatetimeoriginalestimate": record.total_original_estimate,
        "aggregatetimeestimate": record.total_remaining_estimate,
        "aggregatetimespent": record.total_time_spent,
        "security": _named(record.security_level),
        "archivedby": _person(record.archived_by),
        "archiveddate": _time(record.archived_date),
    }
    if record.parent_id:
        parent = {"id": str(record.parent_id), "key": record.parent_key, "fields": {"summary": record.parent_summary}}
        fields["parent"] = parent
    return {"id": str(record.id), "key": record.key, "fields": fields}


def _named(name: str) -> dict[str, str] | None:
    return {"name": name} if name else None


def _person(person: Person | None) -> dict[str, Any] | None:
    if person is None:
        return None
    return {"accountId": person.account_id, "displayName": person.name, "emailAddress": person.email, "active": True}


def _time(moment: datetime.datetime | None) -> str | None:
    """The moment in Jira's format, with milliseconds and an offset without a colon."""
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
