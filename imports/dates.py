"""Dates as Jira's CSV files write them: in the form its administrators chose, without a zone.

Jira's standard forms: Cloud `16/Jul/23 3:04 PM`, Data Center `16/Jul/23 15:04` (both English), and ISO 8601.
"""

import datetime
import functools
import re

from imports.records import read_instant

MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905
}
JIRA_FORM = re.compile(
    r"(\d{1,2})[/. -]([A-Za-z]{3})[/. -](\d{4}|\d\d)"
    r"(?:,?[ \u202f]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:[ \u202f]?([AaPp])\.?[Mm]\.?)?)?",
    re.ASCII,
)
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
REMEMBERED = 20_000


@functools.lru_cache(maxsize=REMEMBERED)
def read_moment(text: str, zone: datetime.tzinfo, date_format: str = "") -> datetime.datetime:
    """A date-time in UTC, taken in the zone where it has no offset.

    Raises:
        ValueError: it has none of the known forms.
    """
    local = _read_local(text.strip(), date_format)
    if local is None:
        return _read_iso(text.strip(), zone)
    local = local if local.tzinfo else local.replace(tzinfo=zone)
    return local.astimezone(datetime.UTC)


@functools.lru_cache(maxsize=REMEMBERED)
def read_day(text: str, date_format: str = "") -> datetime.date:
    """A day, which is the same in every zone; Jira writes it with a time of day that says nothing.

    Raises:
        ValueError: it has none of the known forms.
    """
    stripped = text.strip()
    local = _read_local(stripped, date_format)
    if local is not None:
        return local.date()
    if not ISO_DAY.match(stripped):
        raise _unknown(text)
    return _read_iso(stripped, datetime.UTC).date() if len(stripped) > len("2023-07-16") else _read_iso_day(stripped)


def _read_local(text: str, date_format: str) -> datetime.datetime | None:
    """None: neither the form asked for nor one of Jira's."""
    if date_format:
        try:
            return datetime.datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone comes next
        except ValueError:
            pass  # a file of ours or an ISO date beside it is as good
    match = JIRA_FORM.fullmatch(text)
    if not match or match[2].lower() not in MONTHS:
        return None
    day, month, year, hour, minute, second, half = match.groups()
    try:
        return datetime.datetime(  # noqa: DTZ001
            _full_year(year),
            MONTHS[month.lower()],
            int(day),
            _full_hour(hour, half),
            int(minute or 0),
            int(second or 0),
        )
    except ValueError:
        raise _unknown(text) from None


def _full_year(year: str) -> int:
    """Two digits are of the century that POSIX gives them: 69 to 99 are 19…"""
    return int(year) if len(year) > 2 else int(year) + (1900 if int(year) >= 69 else 2000)


def _full_hour(hour: str | None, half: str | None) -> int:
    if not half:
        return int(hour or 0)
    if not 1 <= int(hour or 0) <= 12:
        raise ValueError(hour)
    return int(hour or 0) % 12 + (12 if half in "Pp" else 0)


def _read_iso(text: str, zone: datetime.tzinfo) -> datetime.datetime:
    try:
        return read_instant(text, zone)
    except ValueError:
        raise _unknown(text) from None


def _read_iso_day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise _unknown(text) from None


def _unknown(text: str) -> ValueError:
    return ValueError(
        f"is {text[:80]!r}, no date such as 16/Jul/23 3:04 PM; say its form: --date-format, or on the Import page."
    )
