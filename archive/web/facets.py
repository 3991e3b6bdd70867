"""The filter form: one facet a list of IssueFilter, with its chosen values and a search for more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.http import QueryDict

from archive.filters import LISTS, MOST_VALUES
from archive.models import Account, ArchivedIssue, IssueType, Project

Named = Account | IssueType | Project
SUGGESTIONS = 12
MOST_CHIPS = 20
LONGEST_SEARCH = 100
PERSON_PROMPT, PERSON_COLUMNS = "Name, e-mail or account ID", ("name", "email", "account_id")


@dataclass(frozen=True)
class Choice:
    """A value of the filter: what it is called, and for a chosen one the query of the page without it."""

    value: str
    label: str
    detail: str = ""
    is_known: bool = True
    query_without: str = ""


@dataclass(frozen=True)
class Kind:
    """How a facet speaks and where it searches; its model and lookup stand in `filters.LISTS`.

    `column` is the issue's key to the named row, for facets that offer only whom issues name so.
    """

    heading: str
    plural: str
    prompt: str
    searched: tuple[str, ...]
    order: str
    column: str = ""


KINDS: Mapping[str, Kind] = {
    "projects": Kind("Project", "projects", "Key or name", ("key", "name"), "key"),
    "issueTypes": Kind("Issue type", "issue types", "Name or type ID", ("name", "type_id"), "name"),
    "reporters": Kind("Reporter", "reporters", PERSON_PROMPT, PERSON_COLUMNS, "name", "reporter_id"),
    "archivedBy": Kind("Archived by", "archivers", PERSON_PROMPT, PERSON_COLUMNS, "name", "archived_by_id"),
}
FIELDS = {item.name: item for item in LISTS}


@dataclass(frozen=True)
class Suggestions:
    """What a search found: the first values, and whether there are more."""

    choices: Sequence[Choice]
    has_more: bool


@dataclass(frozen=True)
class Facet:
    """One list of the filter as the form shows it; `found` only where a page without scripts searched."""

    name: str
    kind: Kind
    chosen: Sequence[Choice]
    error: str = ""
    search: str = ""
    found: Suggestions | None = None

    @property
    def chips(self) -> Sequence[Choice]:
        return self.chosen[:MOST_CHIPS]

    @property
    def beyond(self) -> Sequence[Choice]:
        """Chosen too, but too many to show."""
        return self.chosen[MOST_CHIPS:]


def facets(query: QueryDict, errors: Mapping[str, str]) -> Iterator[Facet]:
    for name, kind in KINDS.items():
        values, search = chosen_in(query, name), query.get(f"find-{name}", "").strip()
        found = suggestions(name, values, search) if search else None
        yield Facet(name, kind, _chosen(query, name, values), errors.get(name, ""), search, found)


def suggestions(name: str, chosen: Sequence[str], search: str) -> Suggestions:
    """The first values that match the search and are not chosen yet; those that begin with it come first."""
    rows = _search(name, search.replace("\0", "").strip()[:LONGEST_SEARCH])
    found = list(rows.exclude(**{f"{FIELDS[name].lookup}__in": chosen})[: SUGGESTIONS + 1])
    return Suggestions([_choice(name, row) for row in found[:SUGGESTIONS]], has_more=len(found) > SUGGESTIONS)


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


def _chosen(query: QueryDict, name: str, values: Sequence[str]) -> list[Choice]:
    known = named(name, values) if values else {}
    return [
        _choice(name, known.get(value, value), _without(query, name, value) if index < MOST_CHIPS else "")
        for index, value in enumerate(values)
    ]


def _without(query: QueryDict, name: str, value: str) -> str:
    """The page's query without this value, for the link that takes it out; back on the first page."""
    rest = query.copy()
    rest.setlist(name, [other for other in chosen_in(query, name) if other != value])
    for passing in ("after", *(key for key in query if key.startswith("find-"))):
        rest.pop(passing, None)
    return rest.urlencode()


def _search(name: str, words: str) -> QuerySet[Named]:
    kind = KINDS[name]
    rows: QuerySet[Named] = FIELDS[name].model._default_manager.all()
    if kind.column:
        rows = rows.filter(Exists(ArchivedIssue.objects.filter(**{kind.column: OuterRef("pk")})))
    if not words:
        return rows.order_by(kind.order, "pk")
    rank = Case(When(_any(kind, "istartswith", words), then=Value(0)), default=Value(1))
    return rows.filter(_any(kind, "icontains", words)).order_by(rank, kind.order, "pk")


def _any(kind: Kind, lookup: str, words: str) -> Q:
    condition = Q()
    for column in kind.searched:
        condition |= Q(**{f"{column}__{lookup}": words})
    return condition


def _choice(name: str, row: Named | str, query_without: str = "") -> Choice:
    if isinstance(row, str):
        return Choice(row, row, "not in the archive", is_known=False, query_without=query_without)
    value: str = getattr(row, FIELDS[name].lookup)
    if isinstance(row, Project):
        return Choice(value, row.key, row.name, query_without=query_without)
    detail = row.email if isinstance(row, Account) else ""
    return Choice(value, row.name or value, detail, query_without=query_without)
