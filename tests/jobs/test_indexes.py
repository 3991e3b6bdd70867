"""Jobs are never deleted, and most requests ask for the few that are active: an index answers, on both databases."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from exports.models import ExportJob
from imports.models import ImportJob
from jobs.leased import JobStatus

pytestmark = pytest.mark.django_db

ENDED_COUNT = 3_000
QUESTIONS = {
    "active": lambda model: model.objects.active(),
    "questionable": lambda model: model.objects.questionable(),
    "the oldest of the questionable": lambda model: model.objects.questionable().order_by("pk")[:1],
    "leased": lambda model: model.objects.leased(),
    "the oldest that waits": lambda model: model.objects.waiting().order_by("pk")[:1],
}


@pytest.fixture(params=[ExportJob, ImportJob])
def model(request: Any, alice: User) -> Any:
    """A kind of job, of which there are thousands that have ended and one that is active."""
    kind: Any = request.param
    now = timezone.now()
    ended = [kind(submitted_by=alice, status=JobStatus.CANCELLED, finished_at=now) for _ in range(ENDED_COUNT)]
    kind.objects.bulk_create(ended)
    kind.objects.create(submitted_by=alice)
    with connection.cursor() as cursor:
        cursor.execute(f'ANALYZE "{kind._meta.db_table}"')
    return kind


def plan(rows: "QuerySet[Any]") -> str:
    sql, params = rows.query.sql_with_params()
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", params)
        return "\n".join(str(record[-1]) for record in cursor.fetchall())


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_reads_jobs_that_have_ended(model: Any, question: str) -> None:
    steps = plan(QUESTIONS[question](model))
    assert f"{model.__name__.lower()}_not_ended" in steps, steps
    assert "Seq Scan" not in steps, steps
