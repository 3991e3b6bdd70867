"""Formats for moments and durations."""

import datetime

import pytest

from core.formats import duration, rfc3339


def test_a_moment_is_written_in_utc() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    assert rfc3339(datetime.datetime(2026, 1, 31, 14, 0, 0, 5, tzinfo=zone)) == "2026-01-31T12:00:00.000005Z"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (3599, "59 min 59 s"), (3900, "1 h 5 min")],
)
def test_a_duration_has_at_most_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text
