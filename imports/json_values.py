"""JSON values of an issue as the archive keeps them: without what only a program needs, and with the people in them.

Addresses of REST resources and pictures are left out. People are reduced to their ID and name, documents in Atlassian's
format (ADF) to their text, and dates are written in one format.
"""

import datetime
import math
from collections.abc import Mapping
from typing import Any

from archive.detail_values import Json, person_id
from imports.adf import MAX_DEPTH, read_document
from imports.dates import read_instant
from imports.read_context import ReadContext
from imports.records import Person, count_characters

LEFT_OUT = frozenset({"self", "avatarUrls", "avatarUrl", "avatarId", "iconUrl", "thumbnail", "renderedBody"})
DATES = frozenset({"created", "updated", "started"})
PERSON_MEMBERS = ("accountId", "key", "name", "displayName")
TEXT_MEMBERS = (*PERSON_MEMBERS, "emailAddress")
# All members that Jira gives to a person. An object with others is something else.
ALL_PERSON_MEMBERS = frozenset(
    {
        *PERSON_MEMBERS, "self", "emailAddress", "avatarUrls", "active", "timeZone", "accountType", "locale", "groups",
        "applicationRoles", "expand", "deleted",
    }
)  # fmt: skip
MAX_REMEMBERED_PEOPLE = 20_000
MAX_REMEMBERED_CHARACTERS = 1_000  # of one person


class ValueReader:
    """Reduces the values of one file's issues. `people` collects the people of the issue that is read."""

    def __init__(self, context: ReadContext) -> None:
        self.people: dict[Person, None] = {}
        self._context = context
        self._known_people: dict[tuple[Any, ...], tuple[Person, Json]] = {}

    def text(self, text: str) -> str:
        return self._context.text(text)

    def read(self, value: Any, depth: int = 0) -> Json:
        """The value as the archive keeps it.

        Raises:
            ValueError: it is nested too deeply, or has a text that no database can store. The message continues the
                field's name.
        """
        if isinstance(value, str):
            return self._context.text(value)
        if isinstance(value, dict):
            return self._read_object(value, depth)
        if isinstance(value, list):
            _check_depth(depth)
            return [self.read(item, depth + 1) for item in value]
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)
        return value

    def _read_object(self, value: dict[str, Any], depth: int) -> Json:
        _check_depth(depth)
        if is_person(value):
            return self._read_person(value)
        if value.get("type") == "doc" and isinstance(value.get("content"), list):
            return self._context.text(read_document(value))
        kept: dict[str, Json] = {}
        for name, member in value.items():
            if name in LEFT_OUT:
                continue
            if name in DATES and isinstance(member, str):
                kept[name] = write_date(self._context.text(member))
            else:
                kept[self._context.text(name)] = self.read(member, depth + 1)
        return kept

    def _read_person(self, value: dict[str, Any]) -> Json:
        identity = tuple(map(value.get, TEXT_MEMBERS))
        known = self._known_people.get(identity)
        if known is None:
            known = self._learn_person(value)
            if len(self._known_people) >= MAX_REMEMBERED_PEOPLE:
                self._known_people.clear()
            if count_characters(known[0]) <= MAX_REMEMBERED_CHARACTERS:
                self._known_people[identity] = known
        person, kept = known
        self.people[person] = None
        return kept

    def _learn_person(self, value: dict[str, Any]) -> tuple[Person, Json]:
        kept = {}
        for name in PERSON_MEMBERS:
            member = value.get(name)
            if isinstance(member, str) and member:
                kept[name] = self._context.text(member)
        email = value.get("emailAddress")
        if not isinstance(email, str):
            email = ""
        person = Person(person_id(kept), kept.get("displayName", ""), self._context.text(email))
        return self._context.same(person), kept


def is_person(value: Mapping[str, Any]) -> bool:
    """Cloud identifies people by accountId; Data Center by key and name."""
    if not value.keys() <= ALL_PERSON_MEMBERS:
        return False
    for name in TEXT_MEMBERS:
        if not isinstance(value.get(name, ""), str | None):
            return False
    if isinstance(value.get("accountId"), str):
        return bool(value["accountId"])
    if not isinstance(value.get("displayName"), str):
        return False
    return any(isinstance(value.get(name), str) and value[name] for name in ("key", "name"))


def write_date(text: str) -> str:
    """The ISO 8601 date-time as RFC 3339 in UTC, to the millisecond; any other text unchanged."""
    try:
        instant = read_instant(text)
    except ValueError:
        return text
    return write_instant(instant)


def write_instant(instant: datetime.datetime) -> str:
    return instant.astimezone(datetime.UTC).isoformat(timespec="milliseconds")


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"is nested more than {MAX_DEPTH} levels deep.")
