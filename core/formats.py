"""Formats for moments and durations."""

import datetime

from django.utils import timezone


def rfc3339(moment: datetime.datetime) -> str:
    """The moment as RFC 3339 in UTC, such as `2026-01-31T12:00:00.123456Z`."""
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """A duration in seconds as text with at most two units, such as `5 s`, `3 min 20 s` or `1 h 5 min`."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {left} s"
    return f"{minutes // 60} h {minutes % 60} min"


def local_time(moment: datetime.datetime) -> datetime.datetime:
    """The moment in the user's time zone, or in UTC if it has no local time there: on the first and the last day."""
    try:
        return timezone.localtime(moment)
    except OverflowError:
        return moment.astimezone(datetime.UTC)
