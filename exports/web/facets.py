"""The filter form: one facet a list of IssueFilter, each with its chosen values and what else may be chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import QueryDict

from exports.filters import LISTS, MOST_VALUES
from exports.models import Account, IssueType, Project

Named = Account | IssueType | Project
SUGGESTIONS = 12
PERSON_PROMPT, PERSON_COLUMNS = "Name, e-mail or account ID", ("name", "email", "account_id")


@dataclass(frozen=True)
class Choice:
    """A value of the filter as a checkbox."""

    value: str
    label: str
    detail: str = ""
    is_chosen: bool = False
    is_known: bool = True


@dataclass(frozen=True)
class Kind:
    """How a facet speaks and where it searches; its model and lookup stand in `filters.LISTS`."""

    heading: str
    plural: str
    prompt: str
    by_hand: str
    searched: tuple[str, ...]
    order: str


KINDS: Mapping[str, Kind] = {
    "projects": Kind("Project", "projects", "Key or name", "Project key", ("key", "name"), "key"),
    "issueTypes": Kind("Issue type", "issue types", "Name or type ID", "Type ID", ("name", "type_id"), "name"),
    "reporters": Kind("Reporter", "reporters", PERSON_PROMPT, "Account ID", PERSON_COLUMNS, "name"),
    "archivedBy": Kind("Archived by", "archivers", PERSON_PROMPT, "Account ID", PERSON_COLUMNS, "name"),
}
FIELDS = {item.name: item for item in LISTS}


@dataclass(frozen=True)
class Facet:
    """One list of the filter as the form shows it."""

    name: str
    kind: Kind
    choices: Sequence[Choice]
    has_more: bool
    error: str = ""

    @property
    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.is_chosen]

    @property
    def summary(self) -> str:
        """What is chosen, short enough for a button."""
        chosen = self.chosen
        if len(chosen) > 1:
            return f"{chosen[0].label} + {len(chosen) - 1:,}"
        return chosen[0].label if chosen else "any"


def facet(name: str, chosen: Sequence[str], *, search: str = "", error: str = "") -> Facet:
    """The facet with what is chosen first, then the first values that match the search."""
    known = named(name, chosen)
    first = [_choice(name, known[value], is_chosen=True) if value in known else _unknown(value) for value in chosen]
    rows = list(_search(name, search).exclude(**{f"{FIELDS[name].lookup}__in": chosen})[: SUGGESTIONS + 1])
    rest = [_choice(name, row) for row in rows[:SUGGESTIONS]]
    return Facet(name, KINDS[name], [*first, *rest], has_more=len(rows) > SUGGESTIONS, error=error)


def facets(query: QueryDict, errors: Mapping[str, str]) -> list[Facet]:
    return [facet(name, chosen_in(query, name), error=errors.get(name, "")) for name in KINDS]


def chosen_in(query: QueryDict, name: str) -> list[str]:
    """The values in the URL, each once; no more than a filter may hold, without what no database can hold."""
    values = [value.replace("\0", "") for value in query.getlist(name) if value.strip("\0 \t\r\n")]
    values = [value.upper() for value in values] if name == "projects" else values  # as IssueFilter reads keys
    return list(dict.fromkeys(values))[:MOST_VALUES]


def named(name: str, values: Iterable[str]) -> dict[str, Named]:
    """What the archive knows of these values, by value."""
    field = FIELDS[name]
    rows = field.model._default_manager.filter(**{f"{field.lookup}__in": list(values)})
    return {getattr(row, field.lookup): row for row in rows}


def _search(name: str, search: str) -> QuerySet[Named]:
    kind, words = KINDS[name], search.replace("\0", "").strip()
    condition = Q()
    for column in kind.searched if words else ():
        condition |= Q(**{f"{column}__icontains": words})
    rows: QuerySet[Named] = FIELDS[name].model._default_manager.filter(condition).order_by(kind.order, "pk")
    return rows


def _choice(name: str, row: Named, *, is_chosen: bool = False) -> Choice:
    value: str = getattr(row, FIELDS[name].lookup)
    if isinstance(row, Project):
        return Choice(value, row.key, row.name, is_chosen)
    detail = row.email if isinstance(row, Account) else ""
    return Choice(value, row.name or value, detail, is_chosen)


def _unknown(value: str) -> Choice:
    return Choice(value, value, "not in the archive", is_chosen=True, is_known=False)
