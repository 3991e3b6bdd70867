"""The formula guard: which texts a spreadsheet may run as a formula, the SQL test for them, and undoing the guard.

The guard is a `'` in front of such a text (docs/csv.md). A text that already starts with one or more `'` before
the sign gets one more, so that removing one `'` always restores the original text.
"""

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler

# The signs that OWASP ("CSV Injection") lists, with the full-width forms of the first four.
FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
_GUARDED = re.compile(f"'+[{re.escape(FORMULA_SIGNS)}]")

_SQL_TESTS = {
    "postgresql": r"left(ltrim({text}, ''''), 1) IN ('=','+','-','@',E'\t',E'\r',E'\n','＝','＋','－','＠')",
    "sqlite": "substr(ltrim({text}, ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠')",
}


def needs_guard_sql(text: str, vendor: str) -> str:
    """SQL that is true if the SQL expression `text` needs the guard, and NULL if `text` is NULL."""
    return _SQL_TESTS[vendor].format(text=text)


def remove_guard(text: str) -> str:
    """The text before it was guarded. A text without the guard is returned unchanged."""
    if _GUARDED.match(text):
        return text[1:]
    return text


class FormulaFree(Func):
    """Whether no text of a row needs the guard. The database stores it, so that an export need not test every cell."""

    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Any:
        tests: list[str] = []
        params: list[Any] = []
        for source in self.source_expressions:
            text, text_params = compiler.compile(source)
            tests.append(needs_guard_sql(text, connection.vendor))
            params.extend(text_params)
        return f"NOT ({' OR '.join(tests)})", params
