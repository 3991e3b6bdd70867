"""What a spreadsheet may run as a formula, told by the database."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler

# The signs, and the full-width forms of the four (OWASP, "CSV Injection").
FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"

_TESTS = {
    "postgresql": r"left(ltrim({text}, ''''), 1) IN ('=','+','-','@',E'\t',E'\r',E'\n','＝','＋','－','＠')",
    "sqlite": "substr(ltrim({text}, ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠')",
}


def may_run(text: str, vendor: str) -> str:
    """SQL that is true of a text with a sign in front, also behind any number of `'`, and NULL of NULL.

    The `'` count because the guard is one: a text that had one already must get one more, or nobody
    could take the guard off again.
    """
    return _TESTS[vendor].format(text=text)


class FormulaFree(Func):
    """Whether none of the texts of a row may run: one stored truth instead of a test of every cell."""

    output_field = BooleanField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Any:
        compiled = [compiler.compile(source) for source in self.source_expressions]
        tests = " OR ".join(may_run(text, connection.vendor) for text, _ in compiled)
        return f"NOT ({tests})", [value for _, params in compiled for value in params]
