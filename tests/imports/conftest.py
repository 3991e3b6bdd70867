"""Imports write rejected issues into the working directory unless they are told where."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
