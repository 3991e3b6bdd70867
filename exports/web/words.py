"""A filter in words, for people who read about an export later."""

from collections.abc import Mapping
from typing import Any

from archive.web.facets import KINDS, named

MOST_NAMED = 20


def filter_facts(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Heading and text for each field that narrows, people and types by name."""
    facts = [(KINDS[name].heading, _names(name, body[name])) for name in KINDS if body.get(name)]
    if dates := body.get("archivedDateRange"):
        facts.append(("Archived", f"from {dates['dateAfter']} until the day before {dates['dateBefore']}"))
    return facts


def filter_line(body: Mapping[str, Any]) -> str:
    """The filter in a line, without asking the database."""
    parts = [_amount(name, body[name]) for name in KINDS if body.get(name)]
    if dates := body.get("archivedDateRange"):
        parts.append(f"archived {dates['dateAfter']} to {dates['dateBefore']}")
    return ", ".join(parts) or "all issues"


def _names(name: str, values: list[str]) -> str:
    shown = values[:MOST_NAMED]
    known = named(name, shown)
    text = ", ".join(str(known.get(value, value)) for value in shown)
    return f"{text} and {len(values) - MOST_NAMED:,} more" if len(values) > MOST_NAMED else text


def _amount(name: str, values: list[str]) -> str:
    if name == "projects" and len(values) <= 3:
        return f"{KINDS[name].heading.lower()} {', '.join(values)}"
    noun = KINDS[name].heading.lower() if len(values) == 1 else KINDS[name].plural
    return f"{len(values):,} {noun}"
