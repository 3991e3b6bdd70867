"""Dates as Jira writes them: ISO 8601, and in CSV files the formats its administrators chose, without an offset.

Jira's standard CSV formats are `16/Jul/23 3:04 PM` (Cloud) and `16/Jul/23 15:04` (Data Center), both in English.
"""

import datetime
import functools
import re

from django.utils import timezone

MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6,
    "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
JIRA_DATE = re.compile(
    r"(\d{1,2})[/. -]([A-Za-z]{3})[/. -](\d{4}|\d\d)"
    r"(?:,?[ \u202f]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:[ \u202f]?([AaPp])\.?[Mm]\.?)?)?",
    re.ASCII,
)
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
ISO_DAY_LENGTH = len("2023-07-16")
FIRST_YEAR_OF_1900S = 69  # POSIX: two digits from 69 to 99 mean 1969 to 1999
MAX_REMEMBERED = 20_000
MAX_LENGTH = 100  # characters; what is longer is no date, and must not be remembered


class UnknownDateFormat(ValueError):
    """A CSV date in none of the known formats. The text continues the column's heading; the caller adds a hint."""

    def __init__(self, text: str) -> None:
        super().__init__(f"is {text[:80]!r}, which isn't a date such as 16/Jul/23 3:04 PM.")


def check_format(date_format: str) -> None:
    """Raises ValueError if strptime can't use the format. The text continues the option's name."""
    sample = datetime.datetime(2023, 7, 16, 15, 4, tzinfo=datetime.UTC).strftime(date_format)
    try:
        datetime.datetime.strptime(sample, date_format)  # noqa: DTZ007 - its result isn't used
    except (ValueError, re.error):
        raise ValueError(f"is {date_format!r}, which isn't a date format such as %d.%m.%Y %H:%M.") from None


def read_instant(text: str, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    """An ISO 8601 date or date-time, in UTC. Without an offset it is in the zone, by default the site's.

    Raises:
        ValueError: it isn't one. The text continues the name of the field or option.
    """
    try:
        instant = datetime.datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=zone or timezone.get_default_timezone())
        return instant.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        reason = f"is {text[:80]!r}, which isn't a date or date-time such as 2016-10-07T10:53:25.000+0000."
        raise ValueError(reason) from None


def read_moment(text: str, zone: datetime.tzinfo, date_format: str = "") -> datetime.datetime:
    """A CSV date-time, in UTC. Without an offset it is in the zone.

    Raises:
        UnknownDateFormat: it has none of the known formats.
    """
    if len(text) > MAX_LENGTH:
        raise UnknownDateFormat(text)
    return _read_moment(text, zone, date_format)


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def _read_moment(text: str, zone: datetime.tzinfo, date_format: str) -> datetime.datetime:
    stripped = text.strip()
    local = _read_local(stripped, date_format)
    if local is None:
        return _read_iso(stripped, zone)
    if local.tzinfo is None:
        local = local.replace(tzinfo=zone)
    try:
        return local.astimezone(datetime.UTC)
    except OverflowError:  # in the first or the last hours that Python knows
        raise UnknownDateFormat(text) from None


def read_day(text: str, date_format: str = "") -> datetime.date:
    """A CSV day, which is the same in every zone; Jira adds a time of day that has no meaning.

    Raises:
        UnknownDateFormat: it has none of the known formats.
    """
    if len(text) > MAX_LENGTH:
        raise UnknownDateFormat(text)
    return _read_day(text, date_format)


@functools.lru_cache(maxsize=MAX_REMEMBERED)
def _read_day(text: str, date_format: str) -> datetime.date:
    stripped = text.strip()
    local = _read_local(stripped, date_format)
    if local is not None:
        return local.date()
    if not ISO_DAY.match(stripped):
        raise UnknownDateFormat(text)
    if len(stripped) > ISO_DAY_LENGTH:
        return _read_iso(stripped, datetime.UTC).date()
    try:
        return datetime.date.fromisoformat(stripped)
    except ValueError:
        raise UnknownDateFormat(stripped) from None


def _read_local(text: str, date_format: str) -> datetime.datetime | None:
    """The date in the chosen format or in one of Jira's; None if it is in neither."""
    if date_format:
        try:
            return datetime.datetime.strptime(text, date_format)  # noqa: DTZ007 - the caller adds the zone
        except ValueError:
            pass  # an ISO date, or one in Jira's own format, is accepted too
    match = JIRA_DATE.fullmatch(text)
    if not match:
        return None
    day, month_name, year, hour, minute, second, half = match.groups()
    month = MONTHS.get(month_name.lower())
    if month is None:
        return None
    try:
        return datetime.datetime(  # noqa: DTZ001 - the caller adds the zone
            _full_year(year), month, int(day), _full_hour(hour, half), int(minute or 0), int(second or 0)
        )
    except ValueError:
        raise UnknownDateFormat(text) from None


def _full_year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    if year >= FIRST_YEAR_OF_1900S:
        return 1900 + year
    return 2000 + year


def _full_hour(digits: str | None, half: str | None) -> int:
    """The hour from 0 to 23. `half` is the first letter of AM or PM; without it the clock has 24 hours."""
    hour = int(digits or 0)
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(digits)
    hour %= 12
    if half in "Pp":
        hour += 12
    return hour


def _read_iso(text: str, zone: datetime.tzinfo) -> datetime.datetime:
    try:
        return read_instant(text, zone)
    except ValueError:
        raise UnknownDateFormat(text) from None
