"""A short chaos run on real processes, with each kind of fault once. `make chaos` runs longer."""

import pytest
from django.conf import settings

from tests.chaos.runs import run

pytestmark = pytest.mark.processes


def test_it_works() -> None:
    vendor = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2].removesuffix("3")
    result = run(vendor, "--workers", "2", "--issues", "8000", "--seed", "7")
    assert result["violations"] == []
    assert result["missing_faults"] == []
    assert result["jobs"].get("COMPLETE", 0) >= 1
    assert result["imports"].get("COMPLETE", 0) >= 1
    assert result["free_after"] <= 30
