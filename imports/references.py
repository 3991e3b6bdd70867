"""People, projects and types that issues refer to: created as met, updated when renamed."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from archive.models import Account, IssueType, Project
from imports.records import IssueRecord, Person, ProjectRecord, Reference, TypeRecord

# Above this the references met are forgotten and looked up again, so that memory stays flat.
MOST_REMEMBERED = 100_000
LONGEST_TYPE_ID = 64


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one kind of reference is stored: the attribute that names it, and those that may change."""

    record: type[Reference]
    model: type[models.Model]
    identity: str
    details: tuple[str, ...]

    def stored(self, names: Iterable[str]) -> dict[str, models.Model]:
        found = self.model._default_manager.filter(**{f"{self.identity}__in": list(names)})
        return {getattr(item, self.identity): item for item in found}


_TYPES = _Kind(TypeRecord, IssueType, "type_id", ("name",))
# Accounts come first: a project's lead is one.
KINDS = (
    _Kind(Person, Account, "account_id", ("name", "email")),
    _TYPES,
    _Kind(ProjectRecord, Project, "key", ("name", "type", "description", "lead")),
)


def derived_type_id(name: str) -> str:
    """The ID of a type that only CSV files have named: the same for the same name, and none that Jira gives."""
    derived = f"name:{name}"
    is_short = len(derived) <= LONGEST_TYPE_ID
    return derived if is_short else f"name:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


class References:
    """The primary key of every reference met, exactly as it was written: a new name is a new reference."""

    def __init__(self) -> None:
        self.keys: dict[Reference, int] = {}

    def key_of(self, item: Reference) -> int:
        return self.keys[item]

    def learn(self, records: Iterable[IssueRecord]) -> None:
        """See to it that all the records' references are in the archive, by their last names."""
        if len(self.keys) > MOST_REMEMBERED:
            self.keys.clear()
        met = dict.fromkeys(item for record in records for item in record.references() if item not in self.keys)
        unnumbered = [item for item in met if isinstance(item, TypeRecord) and not item.type_id]
        for kind in KINDS:
            if items := [item for item in met if isinstance(item, kind.record) and item not in unnumbered]:
                self._learn_kind(kind, items)
        if unnumbered:
            self._learn_types_by_name(unnumbered)

    def _learn_types_by_name(self, items: list[TypeRecord]) -> None:
        """The type of that name that the archive has had for longest; else a new one, of an ID made of the name."""
        known = dict(
            IssueType.objects.filter(name__in=[item.name for item in items]).order_by("-pk").values_list("name", "pk")
        )
        if new := [TypeRecord(derived_type_id(item.name), item.name) for item in items if item.name not in known]:
            self._learn_kind(_TYPES, new)
            known |= {item.name: self.keys[item] for item in new}
        self.keys |= {item: known[item.name] for item in items}

    def _learn_kind(self, kind: _Kind, items: Sequence[Reference]) -> None:
        wanted: dict[str, dict[str, Any]] = {}
        for item in items:
            wanted.setdefault(getattr(item, kind.identity), {}).update(self._details(kind, item))
        stored = _create_missing(kind, wanted)
        _update_changed(kind, wanted, stored)
        self.keys |= {item: stored[getattr(item, kind.identity)].pk for item in items}

    def _details(self, kind: _Kind, item: Reference) -> dict[str, Any]:
        """What the reference tells, as database columns; what it leaves open never overwrites."""
        told = {name: value for name in kind.details if (value := getattr(item, name))}
        lead = told.pop("lead", None)
        return told | ({"lead_id": self.keys[lead]} if lead else {})


def _create_missing(kind: _Kind, wanted: dict[str, dict[str, Any]]) -> dict[str, models.Model]:
    stored = kind.stored(wanted)
    missing = sorted(wanted.keys() - stored.keys())
    if missing:
        new = [kind.model(**{kind.identity: name}, **wanted[name]) for name in missing]
        # Another import may create the same person meanwhile; then theirs is the one to use.
        kind.model._default_manager.bulk_create(new, ignore_conflicts=True)
        stored |= kind.stored(missing)
    return stored


def _update_changed(kind: _Kind, wanted: dict[str, dict[str, Any]], stored: dict[str, models.Model]) -> None:
    changed = []
    for name, details in wanted.items():
        item = stored[name]
        if any(getattr(item, column) != value for column, value in details.items()):
            changed.append(item)
            for column, value in details.items():
                setattr(item, column, value)
    if changed:
        kind.model._default_manager.bulk_update(changed, kind.details, batch_size=500)
