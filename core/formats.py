"""How moments and spans of time are written."""

import datetime


def rfc3339(moment: datetime.datetime) -> str:
    """RFC 3339 in UTC, such as `2026-01-31T12:00:00.123456Z`."""
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def duration(seconds: float) -> str:
    """A span of time as people say it, in two units at most."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
