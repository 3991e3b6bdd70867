"""How one file is to be read, and what reading it has found so far."""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils import timezone

from core.formula_guard import GuardRemoval
from imports.limits import Limits, read_limits
from imports.records import Person, ProjectRecord, TypeRecord, count_characters
from imports.unpacking import Look, keep_reading

ReferenceT = TypeVar("ReferenceT", Person, ProjectRecord, TypeRecord)

MAX_REMEMBERED = 100_000
MAX_REMEMBERED_CHARACTERS = 4_000_000
NO_FIELDS: frozenset[str] = frozenset()
MAX_REMEMBERED_SETS = 300
MAX_REMEMBERED_NAMES = 1_000  # in one set


@dataclass(slots=True)
class ReadContext:
    """What one file is read with, and what was found in it.

    What the operator chose:
    - `zone`: the zone of date-times without an offset.
    - `date_format`: a format of dates, in `strptime`'s syntax, that is tried before the known ones.
    - `date_hint`: how to choose another date format, for error messages.
    - `guard_removal`: what is removed of the formula guard; AUTO: the format decides.

    - `look`: is called for every piece of the file; what it raises stops the import.
    - `limits`: what the file may have at most.

    What the format fills in:
    - `missing_fields`: fields the file has no column for.
    - `unread_cells`: how many cells have data in each column that isn't stored, by heading.
    - `fields`: the name and the type of each field of Jira's, by its ID, as far as a JSON file says.
    - `reject_head`, `reject_suffix`: how a file of rejected issues begins, and how its name ends.
    """

    zone: datetime.tzinfo = field(default_factory=timezone.get_default_timezone)
    date_format: str = ""
    date_hint: str = ""
    guard_removal: GuardRemoval = GuardRemoval.AUTO
    look: Look = keep_reading
    limits: Limits = field(default_factory=read_limits)
    nul_count: int = 0
    missing_fields: frozenset[str] = NO_FIELDS
    unread_cells: Counter[str] = field(default_factory=Counter)
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    reject_head: bytes = b""
    reject_suffix: str = ".ndjson"
    known: dict[Any, Any] = field(default_factory=dict)
    known_characters: int = 0
    known_sets: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    def text(self, value: str) -> str:
        """The text without NUL, which PostgreSQL can't store; spaces, CRLF and control characters stay.

        Raises:
            ValueError: the text has half of a surrogate pair, which JSON can spell but UTF-8 can't, or bytes that
                aren't UTF-8; or it is too long. The message continues the field's name.
        """
        max_length = self.limits.text_characters
        if len(value) > max_length:
            sentence = f"has {len(value):,} characters; at most {max_length:,} are allowed"
            raise ValueError(f"{sentence} (IMPORT_MAX_TEXT_CHARACTERS).")
        if "\0" in value:
            self.nul_count += value.count("\0")
            value = value.replace("\0", "")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ValueError(_describe_surrogate(value)) from None
        return value

    def same(self, reference: ReferenceT) -> ReferenceT:
        """An equal reference seen before, or this one. Equal references share one object, which saves memory."""
        known: ReferenceT | None = self.known.get(reference)
        if known is not None:
            return known
        if len(self.known) >= MAX_REMEMBERED or self.known_characters > MAX_REMEMBERED_CHARACTERS:
            self.known.clear()
            self.known_characters = 0
        self.known[reference] = reference
        self.known_characters += count_characters(reference)
        return reference

    def same_names(self, names: frozenset[str]) -> frozenset[str]:
        """An equal set of names seen before, or this one. Most issues of a file have the same fields."""
        if len(names) > MAX_REMEMBERED_NAMES:
            return names
        if len(self.known_sets) >= MAX_REMEMBERED_SETS:
            self.known_sets.clear()
        return self.known_sets.setdefault(names, names)


def _describe_surrogate(value: str) -> str:
    surrogate = next(char for char in value if "\ud800" <= char <= "\udfff")
    if "\udc80" <= surrogate <= "\udcff":  # how Python's "surrogateescape" shows a byte that isn't UTF-8
        byte = ord(surrogate) - 0xDC00
        return f"contains the byte {byte:#x}, which isn't UTF-8. Save the file as UTF-8."
    return "contains half of a surrogate pair, which no database can store. Fix the text."
