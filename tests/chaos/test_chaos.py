"""A short chaos run on real processes. `make chaos` runs longer."""

import pytest
from django.conf import settings

from tests.chaos.runs import run

pytestmark = pytest.mark.processes


def test_it_works() -> None:
    vendor = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2].removesuffix("3")
    result = run(vendor, "--workers", "2", "--faults", "10", "--issues", "15000", "--seed", "7")
    assert result["violations"] == []
    assert sum(result["faults"].values()) == 10
    assert result["jobs"].get("COMPLETE", 0) >= 1
    assert result["free_after"] <= 30
