"""The words by which issues are found, in a table beside the issues that the ordinary export never reads.

Whatever writes issues writes their words in the same transaction; a trigger removes them with their issue. The words
are the folded texts of an issue, the same on every database. PostgreSQL finds them with a GIN index of their tsvector,
SQLite with FTS5.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol, Self

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, BooleanField, Exists, F, Func, OuterRef, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler

from archive.folding import BREAK, fold
from archive.models import ArchivedIssue, DetailKind, IssueDetail, IssueWords
from archive.search_text import Term, read_terms

SEARCHED_FIELDS = (
    "key", "summary", "labels", "components", "fix_versions", "affects_versions", "description", "environment",
)  # fmt: skip
SEARCHED_KINDS = (DetailKind.COMMENT, DetailKind.CUSTOM)
BATCH_ISSUES = 500
MANY_MATCHES = 20_000
VECTOR = "archive_vector({words})"
"""PostgreSQL's tsvector of the words, by a function that a migration creates. An index has exactly this expression."""

Found = tuple[str, Any]
"""A kind of details, and their items as IssueDetail has them."""


class SearchedIssue(Protocol):
    """An issue of the archive, or a record that an import is about to write."""

    @property
    def key(self) -> str: ...
    @property
    def summary(self) -> str: ...
    @property
    def labels(self) -> Any: ...
    @property
    def components(self) -> Any: ...
    @property
    def fix_versions(self) -> Any: ...
    @property
    def affects_versions(self) -> Any: ...
    @property
    def description(self) -> str: ...
    @property
    def environment(self) -> str: ...


def words_of(issue: SearchedIssue, details: Iterable[Found]) -> str:
    """The words by which an issue with these details is found."""
    texts = [issue.key, issue.summary, *issue.labels, *issue.components, *issue.fix_versions, *issue.affects_versions]
    texts.append(issue.description)
    texts.append(issue.environment)
    for kind, items in details:
        if kind == DetailKind.COMMENT:
            texts.extend(bodies(items))
        elif kind == DetailKind.CUSTOM:
            texts.extend(items)
    return fold(BREAK.join(texts))


def bodies(comments: Iterable[Any]) -> Iterator[str]:
    """The texts of comments, as IssueDetail has them."""
    for comment in comments:
        if isinstance(comment, dict) and isinstance(comment.get("body"), str):
            yield comment["body"]


def rewrite(issue_ids: Iterable[int]) -> None:
    """Write the words of these issues from what the archive has now. Those that it doesn't have get none."""
    remaining = iter(sorted(issue_ids))
    while batch := list(islice(remaining, BATCH_ISSUES)):
        old = IssueWords.objects.filter(issue__in=batch)
        old._raw_delete(old.db)
        IssueWords.objects.bulk_create(_read(batch))


def tidy() -> None:
    """Have PostgreSQL sort what was written into its index, which every search would have to read unsorted.

    Only the index's owner may do it; of others, the server's own vacuum does it later.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT gin_clean_pending_list(oid) FROM pg_class "
                "WHERE oid = 'issue_by_words'::regclass AND pg_has_role(relowner, 'USAGE')"
            )


def _read(issue_ids: Sequence[int]) -> Iterator[IssueWords]:
    details: dict[int, list[Found]] = {}
    found = IssueDetail.objects.filter(issue__in=issue_ids, column__kind__in=SEARCHED_KINDS)
    for issue_id, kind, items in found.order_by("pk").values_list("issue_id", "column__kind", "items"):
        details.setdefault(issue_id, []).append((kind, items))
    for issue in ArchivedIssue.objects.filter(pk__in=issue_ids).order_by("pk").only(*SEARCHED_FIELDS):
        yield IssueWords(issue_id=issue.pk, words=words_of(issue, details.get(issue.pk, ())))


class _HasWords(Func):
    """Whether a row of IssueWords has all of the terms."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, terms: Sequence[Term]) -> None:
        super().__init__(F("words"))
        self.extra["terms"] = tuple(terms)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        words, params = compiler.compile(self.source_expressions[0])
        query = " AND ".join([term.as_fts5() for term in self.extra["terms"]])
        return f"{words} MATCH %s", [*params, query]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        """The index finds the issues that have all words; which of them has a phrase, the words themselves say."""
        words, _params = compiler.compile(self.source_expressions[0])
        query = " & ".join([term.as_tsquery() for term in self.extra["terms"]])
        tests = [f"{VECTOR.format(words=words)} @@ %s::tsquery"]
        params = [query]
        for term in self.extra["terms"]:
            if len(term.words) > 1:
                tests.append(f"' ' || {words} || ' ' LIKE %s")
                params.append(term.as_like())
        return f"({' AND '.join(tests)})", params


def find(text: str) -> "QuerySet[IssueWords, int]":
    """The IDs of the issues that have every word and phrase of the text."""
    return IssueWords.objects.filter(_HasWords(read_terms(text))).values_list("issue_id", flat=True)


@dataclass(frozen=True)
class Search:
    """A search text that a page has looked up. `ids` are the issues that it finds; None: more than MANY_MATCHES."""

    text: str
    ids: Sequence[int] | None

    @classmethod
    def read(cls, text: str) -> Self:
        """Look the text up."""
        ids = list(find(text)[: MANY_MATCHES + 1])
        if len(ids) > MANY_MATCHES:
            return cls(text, None)
        return cls(text, ids)

    @property
    def is_common(self) -> bool:
        return self.ids is None

    @property
    def has_prefix(self) -> bool:
        return any(term.is_prefix for term in read_terms(self.text))

    def condition(self, *, in_order: bool = False) -> "_IsFound":
        """That an issue is among the found ones. `in_order`: for a query that wants the first ones of an ordering."""
        if self.ids is None:
            return _IsFound(Subquery(find(self.text)), in_index=True)
        return _IsFound(_Ids(self.ids), in_index=in_order)


def condition(text: str) -> "_IsFound":
    """That an issue has every word and phrase of the text, for queries that run later, such as those of an export."""
    return _IsFound(Subquery(find(text)), in_index=Search.read(text).is_common)


def probe(text: str) -> Exists:
    """The same for a query that wants only the first such issues of an ordering, and most issues must be such."""
    return Exists(IssueWords.objects.filter(_HasWords(read_terms(text)), issue=OuterRef("pk")))


class _Ids(Func):
    """A table of these IDs, as one parameter."""

    output_field = BigIntegerField()

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__()
        self.extra["ids"] = tuple(ids)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return "(SELECT value FROM json_each(%s))", [json.dumps(self.extra["ids"])]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        return "(SELECT unnest(%s::bigint[]))", [list(self.extra["ids"])]


class _IsFound(Func):
    """Whether an issue is among the found ones.

    `in_index`: SQLite looks through an index of the issues for those that were found; otherwise it looks up each of
    them. It can't know in advance how many there are. PostgreSQL knows it well enough of words that are common.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, found: Subquery | _Ids, *, in_index: bool) -> None:
        super().__init__(F("pk"), found)
        self.extra["in_index"] = in_index
        self.extra["has_ids"] = isinstance(found, _Ids)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        if self.extra["in_index"]:
            return self._as_sql(compiler, "+{issue} IN {found}")
        return self._as_sql(compiler, "{issue} IN {found}")

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        if self.extra["in_index"] and not self.extra["has_ids"]:
            return self._as_sql(compiler, "{issue} IN {found}")
        return self._as_sql(compiler, "{issue} = ANY(ARRAY{found})")

    def _as_sql(self, compiler: SQLCompiler, template: str) -> Any:
        issue, issue_params = compiler.compile(self.source_expressions[0])
        found, found_params = compiler.compile(self.source_expressions[1])
        return template.format(issue=issue, found=found), [*issue_params, *found_params]
