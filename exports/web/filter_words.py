"""Describe an export's filter in words."""

import datetime
from collections.abc import Mapping
from typing import Any

from archive.web.facets import FACET_TYPES, named

MOST_NAMED = 20


def filter_facts(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Heading and text for each field of the filter, with the names of people, projects and types."""
    facts = []
    if body.get("text"):
        facts.append(("Search", body["text"]))
    facts += [(kind.heading, _names(name, body[name])) for name, kind in FACET_TYPES.items() if body.get(name)]
    dates = body.get("archivedDateRange")
    if dates:
        facts.append(("Archived", date_range(dates["dateAfter"], dates["dateBefore"])))
    return facts


def filter_line(body: Mapping[str, Any]) -> str:
    """The filter in one line, without database queries."""
    parts = []
    if body.get("text"):
        parts.append(f"search “{body['text']}”")
    parts += [_amount(name, body[name]) for name in FACET_TYPES if body.get(name)]
    dates = body.get("archivedDateRange")
    if dates:
        parts.append(f"archived {date_range(dates['dateAfter'], dates['dateBefore'])}")
    if not parts:
        return "all archived issues"
    return ", ".join(parts)


def date_range(date_after: str, date_before: str) -> str:
    """The filter's half-open interval of ISO dates as first and last day, such as "1 Jan – 31 Dec 2023"."""
    first = datetime.date.fromisoformat(date_after)
    last = datetime.date.fromisoformat(date_before) - datetime.timedelta(days=1)
    if first == last:
        return _day(last)
    if first.year == last.year:
        return f"{first.day} {first:%b} – {_day(last)}"
    return f"{_day(first)} – {_day(last)}"


def _day(day: datetime.date) -> str:
    return f"{day.day} {day:%b} {day.year}"


def _names(name: str, values: list[str]) -> str:
    shown = values[:MOST_NAMED]
    known = named(name, shown)
    text = ", ".join(str(known.get(value, value)) for value in shown)
    if len(values) > MOST_NAMED:
        text += f" and {len(values) - MOST_NAMED:,} more"
    return text


def _amount(name: str, values: list[str]) -> str:
    kind = FACET_TYPES[name]
    if name == "projects" and len(values) <= 3:
        return f"{kind.heading.lower()} {', '.join(values)}"
    if len(values) == 1:
        return f"1 {kind.heading.lower()}"
    return f"{len(values):,} {kind.plural}"
