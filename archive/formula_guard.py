"""The formula guard (`core.formula_guard`, docs/csv.md) as SQL: the tests for texts that need it, and guarding them."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler

_START_TESTS = {
    "postgresql": r"left(ltrim({text}, ''''), 1) IN ('=','+','-','@',E'\t',E'\r',E'\n','＝','＋','－','＠')",
    "sqlite": "substr(ltrim({text}, ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠')",
}
# A regular expression of PostgreSQL, in a string in which a backslash is nothing special.
_PG_INNER = r"""([;\t\r\n]"*)(''*[-=+@＝＋－＠])"""
_PG_ANYWHERE = r"""^''*[=+@\t\r\n＝＋－＠-]|[;\t\r\n]"*''*[-=+@＝＋－＠]"""
_PG_LIST = r";|\\[nrt]"  # in JSON, a tab or a line break is a backslash and a letter
# SQLite has no regular expressions. These patterns find all texts that need the guard, and a few others. Each looks for
# one character first, because SQLite is slow at finding one of a set.
_SQLITE_INNER = (
    """'*;[=+@＝＋－＠"''-]*'""",
    """'*' || char(9) || '[=+@＝＋－＠"''-]*'""",
    """'*' || char(13) || '[=+@＝＋－＠"''-]*'""",
    """'*' || char(10) || '[=+@＝＋－＠"''-]*'""",
)
_SQLITE_LIST = ("'*;*'", r"'*\[nrt]*'")

SQLITE_FUNCTION = "guard_formulas"
"""The name under which a connection to SQLite must know `add_guard`."""


def start_guarded_sql(text: str, vendor: str) -> str:
    """SQL of the text, which the SQL expression `text` gives, with the guard at its start if needed. NULL gives ''."""
    return f"CASE WHEN {_START_TESTS[vendor].format(text=text)} THEN '''' || {text} ELSE coalesce({text}, '') END"


def guarded_sql(text: str, vendor: str) -> str:
    """SQL of the text with the guard wherever it is needed. NULL gives ''."""
    if vendor == "sqlite":
        return f"coalesce({SQLITE_FUNCTION}({text}), '')"
    start_test = _START_TESTS[vendor].format(text=text)
    inner = f"regexp_replace(coalesce({text}, ''), '{_PG_INNER}', '\\1''\\2', 'g')"
    return f"CASE WHEN {start_test} THEN '''' ELSE '' END || {inner}"


def tested_guard_sql(text: str, vendor: str) -> str:
    """SQL of the text with the guard wherever it is needed, if no stored boolean says where. `text` isn't NULL."""
    if vendor == "postgresql":
        return f"CASE WHEN {text} ~ '{_PG_ANYWHERE}' THEN {guarded_sql(text, vendor)} ELSE {text} END"
    tests = " OR ".join(_sqlite_inner_tests([text], []))
    return (
        f"CASE WHEN {_START_TESTS[vendor].format(text=text)} OR {tests} THEN {SQLITE_FUNCTION}({text}) ELSE {text} END"
    )


class FormulaFree(Func):
    """Whether no text of a row needs the guard at its start. The database stores it for the exports."""

    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Any:
        tests: list[str] = []
        params: list[Any] = []
        for source in self.source_expressions:
            text, text_params = compiler.compile(source)
            tests.append(_START_TESTS[connection.vendor].format(text=text))
            params.extend(text_params)
        return f"NOT ({' OR '.join(tests)})", params


class InnerFormulaFree(Func):
    """Whether no text of a row needs the guard inside, after a separator.

    The last `list_count` expressions are JSON arrays of texts. The answer may be False for a row that needs no guard,
    such as one with a `;` in a list.
    """

    output_field = BooleanField()

    def __init__(self, *sources: str, list_count: int = 0) -> None:
        super().__init__(*sources)
        self.list_count = list_count

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Any:
        sources: list[str] = []
        for source in self.source_expressions:
            sql, _params = compiler.compile(source)
            sources.append(sql)
        text_count = len(sources) - self.list_count
        tests = _INNER_TESTS[connection.vendor](sources[:text_count], sources[text_count:])
        return f"NOT ({' OR '.join(tests)})", []


def _postgresql_inner_tests(texts: Sequence[str], lists: Sequence[str]) -> list[str]:
    """One test of all texts together takes less time. They are joined by what neither opens a cell nor is a sign."""
    joined = " || ' ' || ".join(texts)
    tests = [f"({joined}) ~ '{_PG_INNER}'"]
    tests += [f"({source})::text ~ '{_PG_LIST}'" for source in lists]
    return tests


def _sqlite_inner_tests(texts: Sequence[str], lists: Sequence[str]) -> list[str]:
    tests = [f"{text} GLOB {pattern}" for text in texts for pattern in _SQLITE_INNER]
    tests += [f"{source} GLOB {pattern}" for source in lists for pattern in _SQLITE_LIST]
    return tests


_INNER_TESTS = {"postgresql": _postgresql_inner_tests, "sqlite": _sqlite_inner_tests}
