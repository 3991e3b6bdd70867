"""System checks find settings with which the portal would not keep its guarantees."""

from pathlib import Path
from typing import Any

import pytest
from django.core import checks

from jobs.checks import clock_distance


def check_ids(**arguments: Any) -> list[str]:
    found = checks.run_checks(**arguments)
    return [str(message.id) for message in found if str(message.id).startswith("exports.")]


@pytest.mark.django_db
def test_it_works() -> None:
    assert check_ids(databases=["default"]) == []
    assert abs(clock_distance()) < 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EXPORT_LEASE_SECONDS", 2),
        ("EXPORT_LEASE_SECONDS", 301),
        ("EXPORT_DEADLINE_SECONDS", 3600),
    ],
)
def test_durations_must_fit_each_other(settings: Any, name: str, value: int) -> None:
    setattr(settings, name, value)
    assert check_ids() == ["exports.E001"]


def test_the_queue_must_redeliver_after_its_timeout(settings: Any) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"retry": 3600}
    (message,) = [found for found in checks.run_checks() if found.id == "exports.E001"]
    assert message.msg == "the queue's retry is 3600 s: it must be longer than the queue's timeout (3600 s)."


@pytest.mark.parametrize("wrong", [{"orm": "other"}, {"sync": True}])
def test_jobs_and_queue_must_share_one_database(settings: Any, wrong: dict[str, Any]) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | wrong
    assert check_ids() == ["exports.E002"]


def test_the_folder_of_exported_files_must_be_writable(data_folder: Path) -> None:
    (data_folder / "exports").write_text("a file where the folder should be")
    assert check_ids() == ["exports.E003"]


@pytest.mark.django_db
def test_a_clock_that_is_off_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.checks.clock_distance", lambda: -3.0)
    (message,) = [found for found in checks.run_checks(databases=["default"]) if found.id == "exports.E004"]
    assert message.msg == "This host's clock is -3.0 s off the database's."
