"""The filter form: a facet for each list of the filter, with the chosen values and a search for more."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.http import QueryDict

from archive.filters import VALUE_LISTS, IssueFilter
from archive.models import Account, ArchivedIssue, IssueType, Project

NamedRow = Account | IssueType | Project
MOST_SUGGESTIONS = 12
MOST_CHIPS = 20
LONGEST_SEARCH = 100  # characters
PERSON_PROMPT = "Name, email or account ID"
PERSON_COLUMNS = ("name", "email", "account_id")


@dataclass(frozen=True)
class Choice:
    """A value of the filter and its label. `query_without` is the page's URL query without a chosen value."""

    value: str
    label: str
    detail: str = ""
    is_known: bool = True
    query_without: str = ""


@dataclass(frozen=True)
class FacetType:
    """A facet's words, and the columns that it searches in the model of its ValueList.

    If `issue_column` is given, the facet offers only rows that an issue refers to in this column.
    """

    heading: str
    plural: str
    prompt: str
    searched_columns: tuple[str, ...]
    ordering: str
    issue_column: str = ""


FACET_TYPES: Mapping[str, FacetType] = {
    "projects": FacetType("Project", "projects", "Key or name", ("key", "name"), "key"),
    "issueTypes": FacetType("Issue type", "issue types", "Name or type ID", ("name", "type_id"), "name"),
    "reporters": FacetType("Reporter", "reporters", PERSON_PROMPT, PERSON_COLUMNS, "name", "reporter_id"),
    "archivedBy": FacetType("Archived by", "archivers", PERSON_PROMPT, PERSON_COLUMNS, "name", "archived_by_id"),
}
"""By the name of the filter's list, in the order of the form."""


@dataclass(frozen=True)
class Suggestions:
    """The first matches of a search, and whether there are more."""

    choices: Sequence[Choice]
    has_more: bool


@dataclass(frozen=True)
class Facet:
    """One list of the filter in the form. `found` is set only if the page was asked to search, without JavaScript."""

    name: str
    type: FacetType
    chosen: Sequence[Choice]
    error: str = ""
    search: str = ""
    found: Suggestions | None = None

    @property
    def chips(self) -> Sequence[Choice]:
        return self.chosen[:MOST_CHIPS]

    @property
    def beyond(self) -> Sequence[Choice]:
        """The chosen values that are not shown, because there are too many."""
        return self.chosen[MOST_CHIPS:]


def facets(query: QueryDict, errors: Mapping[str, str]) -> Iterator[Facet]:
    """The facets of a page with this URL query. `errors` has a sentence for each invalid field."""
    issue_filter = IssueFilter.lenient_from_query(query)
    for name, facet_type in FACET_TYPES.items():
        values = issue_filter.values_of(name)
        search = query.get(f"find-{name}", "").strip()
        found = None
        if search:
            found = suggestions(name, values, search)
        chosen = _chosen_choices(query, name, values)
        yield Facet(name, facet_type, chosen, errors.get(name, ""), search, found)


def suggestions(name: str, chosen: Collection[str], search: str) -> Suggestions:
    """The first values that match the search and are not chosen. Those that begin with it come first."""
    words = search.replace("\0", "").strip()[:LONGEST_SEARCH]
    rows = _search(name, words).exclude(**{f"{VALUE_LISTS[name].lookup}__in": chosen})
    found = list(rows[: MOST_SUGGESTIONS + 1])
    choices = [_known_choice(name, row) for row in found[:MOST_SUGGESTIONS]]
    return Suggestions(choices, has_more=len(found) > MOST_SUGGESTIONS)


def chosen_in(query: QueryDict, name: str) -> tuple[str, ...]:
    """The values of one list in the page's URL, as far as they can be used."""
    return IssueFilter.lenient_from_query(query).values_of(name)


def named(name: str, values: Iterable[str]) -> dict[str, NamedRow]:
    """The rows that the archive has for these values of a list, by value."""
    field = VALUE_LISTS[name]
    rows = field.model._default_manager.filter(**{f"{field.lookup}__in": list(values)})
    return {getattr(row, field.lookup): row for row in rows}


def _chosen_choices(query: QueryDict, name: str, values: Sequence[str]) -> list[Choice]:
    if not values:
        return []
    rows = named(name, values)
    choices = []
    for index, value in enumerate(values):
        query_without = ""
        if index < MOST_CHIPS:
            query_without = _query_without(query, name, value, values)
        row = rows.get(value)
        if row is None:
            choice = Choice(value, value, "not in the archive", is_known=False, query_without=query_without)
        else:
            choice = _known_choice(name, row, query_without)
        choices.append(choice)
    return choices


def _query_without(query: QueryDict, name: str, value: str, values: Iterable[str]) -> str:
    """The query of the link that removes the value. It leads to the first page and searches for nothing."""
    rest = query.copy()
    rest.setlist(name, [other for other in values if other != value])
    rest.pop("after", None)
    for key in query:
        if key.startswith("find-"):
            rest.pop(key)
    return rest.urlencode()


def _search(name: str, words: str) -> QuerySet[NamedRow]:
    facet_type = FACET_TYPES[name]
    rows: QuerySet[NamedRow] = VALUE_LISTS[name].model._default_manager.all()
    if facet_type.issue_column:
        rows = rows.filter(Exists(ArchivedIssue.objects.filter(**{facet_type.issue_column: OuterRef("pk")})))
    if not words:
        return rows.order_by(facet_type.ordering, "pk")
    rank = Case(When(_any_column(facet_type, "istartswith", words), then=Value(0)), default=Value(1))
    return rows.filter(_any_column(facet_type, "icontains", words)).order_by(rank, facet_type.ordering, "pk")


def _any_column(facet_type: FacetType, lookup: str, words: str) -> Q:
    condition = Q()
    for column in facet_type.searched_columns:
        condition |= Q(**{f"{column}__{lookup}": words})
    return condition


def _known_choice(name: str, row: NamedRow, query_without: str = "") -> Choice:
    value: str = getattr(row, VALUE_LISTS[name].lookup)
    if isinstance(row, Project):
        return Choice(value, row.key, row.name, query_without=query_without)
    detail = ""
    if isinstance(row, Account):
        detail = row.email
    return Choice(value, row.name or value, detail, query_without=query_without)
