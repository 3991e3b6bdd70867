"""System checks: settings under which a promise would not hold."""

from pathlib import Path
from typing import Any

import pytest
from django.core import checks

from jobs.checks import clock_distance


def complaints(**arguments: Any) -> list[str]:
    found = checks.run_checks(**arguments)
    return [str(message.id) for message in found if str(message.id).startswith("exports.")]


@pytest.mark.django_db
def test_it_works() -> None:
    assert complaints(databases=["default"]) == []
    assert abs(clock_distance()) < 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORT_LEASE_SECONDS", 2),
        ("EXPORT_LEASE_SECONDS", 301),
        ("EXPORT_DEADLINE_SECONDS", 3600),
    ],
)
def test_spans_stand_in_their_order(settings: Any, name: str, value: int) -> None:
    setattr(settings, name, value)
    assert complaints() == ["exports.E001"]


def test_the_queue_redelivers_after_its_timeout(settings: Any) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 3600}
    (message,) = [found for found in checks.run_checks() if found.id == "exports.E001"]
    assert message.msg == "the queue's retry is 3600 s: it must be longer than the queue's timeout (3600 s)."


@pytest.mark.parametrize("wrong", [{"orm": "other"}, {"sync": True}])
def test_jobs_and_queue_share_one_database(settings: Any, wrong: dict[str, Any]) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | wrong
    assert complaints() == ["exports.E002"]


def test_exported_files_can_be_written(data_folder: Path) -> None:
    (data_folder / "exports").write_text("a file where the folder should be")
    assert complaints() == ["exports.E003"]


@pytest.mark.parametrize(
    ("name", "value"), [("EXPORT_ATTEMPTS", 0), ("WORKER_ANSWER_SECONDS", 0), ("WORKER_NICE", -1), ("WORKER_NICE", 20)]
)
def test_numbers_out_of_range_are_told(settings: Any, name: str, value: int) -> None:
    setattr(settings, name, value)
    assert complaints() == ["exports.E004"]


@pytest.mark.django_db
def test_a_clock_that_is_off_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.checks.clock_distance", lambda: -3.0)
    (message,) = [found for found in checks.run_checks(databases=["default"]) if found.id == "exports.E005"]
    assert message.msg == "This host's clock is -3.0 s off the database's."
