"""The sweep does every step, whatever becomes of the others."""

import pytest
from django.core.management import call_command

from jobs import registry, tasks


def test_it_works(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    done: list[str] = []

    def fail() -> None:
        raise PermissionError("read-only")

    steps = [
        registry.Sweep("do the first", lambda: done.append("first")),
        registry.Sweep("do the second", fail),
        registry.Sweep("do the third", lambda: done.append("third")),
    ]
    monkeypatch.setattr(tasks, "sweeps", steps)
    tasks.sweep()
    assert done == ["first", "third"]
    assert "The sweep could not do the second" in caplog.text


@pytest.mark.django_db
def test_the_command_does_what_the_worker_does(caplog: pytest.LogCaptureFixture) -> None:
    names = [step.name for step in registry.sweeps]
    assert "delete files of imports" in names
    assert "remove expired files" in names
    assert "delete old consents and tokens" in names
    call_command("sweep")
    assert caplog.text == ""
