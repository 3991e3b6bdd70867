"""People, projects and types that issues refer to: created when first seen, updated when renamed."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from archive.models import Account, IssueType, Project
from imports.records import IssueRecord, Person, ProjectRecord, Reference, TypeRecord, count_characters

# Above this the keys are forgotten and looked up again, so that memory does not grow with the file.
MAX_REMEMBERED = 100_000
MAX_REMEMBERED_CHARACTERS = 8_000_000
MAX_TYPE_ID_LENGTH = 64

Columns = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Table:
    """Where one kind of reference is stored: the attribute that identifies it, and those that may change."""

    record: type[Reference]
    model: type[models.Model]
    identity: str
    details: tuple[str, ...]

    def find(self, identities: Iterable[str]) -> dict[str, models.Model]:
        rows = self.model._default_manager.filter(**{f"{self.identity}__in": list(identities)})
        found = {}
        for row in rows:
            found[getattr(row, self.identity)] = row
        return found


_TYPES = _Table(TypeRecord, IssueType, "type_id", ("name",))
# Accounts come first, because a project's lead is one.
_TABLES = (
    _Table(Person, Account, "account_id", ("name", "email")),
    _TYPES,
    _Table(ProjectRecord, Project, "key", ("name", "type", "description", "lead")),
)


def derived_type_id(name: str) -> str:
    """The ID of a type that only CSV files have named: always the same for a name, and never one of Jira's."""
    derived = f"name:{name}"
    if len(derived) <= MAX_TYPE_ID_LENGTH:
        return derived
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"name:{digest[:32]}"


class References:
    """The primary keys of the references seen, exactly as written: a person's new name is a new reference."""

    def __init__(self) -> None:
        self.keys: dict[Reference, int] = {}
        self._characters = 0

    def key_of(self, item: Reference) -> int:
        return self.keys[item]

    def learn(self, records: Sequence[IssueRecord]) -> None:
        """Make sure that all the records' references are in the archive, with the last name each was given."""
        if len(self.keys) > MAX_REMEMBERED or self._characters > MAX_REMEMBERED_CHARACTERS:
            self.keys.clear()
            self._characters = 0
        by_table, types_by_name = self._find_new(records)
        for table in _TABLES:
            items = by_table.get(table.record)
            if items:
                self._learn_in(table, items)
        if types_by_name:
            self._learn_types_by_name(types_by_name)

    def _find_new(self, records: Sequence[IssueRecord]) -> tuple[dict[type, list[Reference]], list[TypeRecord]]:
        """References without a known key, by kind and in the file's order; apart from them types without an ID."""
        # People in details come first: if those in an issue's own fields have other names, the archive gets the latter.
        items: list[Reference] = [person for record in records for person in record.people]
        for record in records:
            items.extend(record.references())
        new: dict[Reference, None] = {}
        for item in items:
            if item not in self.keys:
                new[item] = None
        by_table: dict[type, list[Reference]] = {}
        types_by_name: list[TypeRecord] = []
        for item in new:
            self._characters += count_characters(item)
            if isinstance(item, TypeRecord) and not item.type_id:
                types_by_name.append(item)
            else:
                by_table.setdefault(type(item), []).append(item)
        return by_table, types_by_name

    def _learn_types_by_name(self, items: list[TypeRecord]) -> None:
        """The oldest type in the archive with that name; otherwise a new one, whose ID is made of the name."""
        names = [item.name for item in items]
        # In descending order, so that of several types with one name the oldest is put in last and remains.
        found = IssueType.objects.filter(name__in=names).order_by("-pk").values_list("name", "pk")
        known = dict(found)
        new = [TypeRecord(derived_type_id(name), name) for name in names if name not in known]
        if new:
            self._learn_in(_TYPES, new)
        for item in new:
            known[item.name] = self.keys[item]
        for item in items:
            self.keys[item] = known[item.name]

    def _learn_in(self, table: _Table, items: Sequence[Reference]) -> None:
        wanted: dict[str, Columns] = {}
        for item in items:
            columns = wanted.setdefault(getattr(item, table.identity), {})
            columns.update(self._details(table, item))
        stored = _create_missing(table, wanted)
        _update_changed(table, wanted, stored)
        for item in items:
            self.keys[item] = stored[getattr(item, table.identity)].pk

    def _details(self, table: _Table, item: Reference) -> Columns:
        """The reference's values as database columns. Empty ones are left out, so that they overwrite nothing."""
        details: Columns = {}
        for name in table.details:
            value = getattr(item, name)
            if value and name == "lead":
                details["lead_id"] = self.keys[value]
            elif value:
                details[name] = value
        return details


def _create_missing(table: _Table, wanted: dict[str, Columns]) -> dict[str, models.Model]:
    stored = table.find(wanted)
    missing = sorted(wanted.keys() - stored.keys())
    if missing:
        new = [table.model(**{table.identity: identity}, **wanted[identity]) for identity in missing]
        # If another transaction creates the same person in the meantime, that row is used.
        table.model._default_manager.bulk_create(new, ignore_conflicts=True)
        stored |= table.find(missing)
    return stored


def _update_changed(table: _Table, wanted: dict[str, Columns], stored: dict[str, models.Model]) -> None:
    changed = []
    for identity, columns in wanted.items():
        row = stored[identity]
        if _apply(row, columns):
            changed.append(row)
    if changed:
        table.model._default_manager.bulk_update(changed, table.details, batch_size=500)


def _apply(row: models.Model, columns: Columns) -> bool:
    """Set the columns; True if any of them differed."""
    is_changed = False
    for column, value in columns.items():
        if getattr(row, column) != value:
            setattr(row, column, value)
            is_changed = True
    return is_changed
