"""The verification manifest of a file."""

import hashlib
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from archive.filters import IssueFilter
from exports import services, storage, tasks
from exports.models import ExportJob
from jobs import tasks as job_tasks
from tests.factories import make_issue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(bob: User, settings: Any) -> ExportJob:
    settings.TIME_ZONE = "Europe/Berlin"
    make_issue(1)
    make_issue(2)
    return services.request_export(bob, IssueFilter(projects=("FOO",)))


def get(user: User, job: ExportJob) -> Any:
    client = APIClient()
    client.force_authenticate(user)
    return client.get(f"/exports/{job.pk}/manifest.json")


def test_it_works(job: ExportJob, alice: User, settings: Any) -> None:
    tasks.build_export(job.pk)
    answer = get(alice, job)
    assert answer.status_code == 200
    body = answer.json()
    with storage.open_file(f"{job.pk}.1.csv") as file:
        content = file.read()
    assert (body["sha256"], body["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (body["rowsExpected"], body["rowsWritten"]) == (2, 2)
    assert body["filter"] == {"projects": ["FOO"]}
    assert body["payload"] == "{projects=[FOO]}"
    assert (body["timeZone"], body["formulaGuard"], body["version"]) == ("Europe/Berlin", True, settings.VERSION)
    assert body["asOf"].endswith("Z")
    assert body["file"] in answer["Content-Disposition"]


def test_it_remains_after_the_file_has_expired(job: ExportJob, alice: User, settings: Any) -> None:
    settings.EXPORT_KEEP_DAYS = 0
    tasks.build_export(job.pk)
    job_tasks.sweep()
    assert get(alice, job).json()["rowsWritten"] == 2


def test_there_is_none_before_the_file_exists(job: ExportJob, alice: User) -> None:
    assert get(alice, job).status_code == 409


def test_only_admins_can_read_it(job: ExportJob, carol: User) -> None:
    tasks.build_export(job.pk)
    assert get(carol, job).status_code == 404  # someone else's export does not exist for her
    assert APIClient().get(f"/exports/{job.pk}/manifest.json").status_code == 401
