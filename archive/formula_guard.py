"""The formula guard (`core.formula_guard`, docs/csv.md) as SQL: the test for texts that need it."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func
from django.db.models.sql.compiler import SQLCompiler

_SQL_TESTS = {
    "postgresql": r"left(ltrim({text}, ''''), 1) IN ('=','+','-','@',E'\t',E'\r',E'\n','＝','＋','－','＠')",
    "sqlite": "substr(ltrim({text}, ''''), 1, 1) IN ('=','+','-','@',char(9),char(13),char(10),'＝','＋','－','＠')",
}


def needs_guard_sql(text: str, vendor: str) -> str:
    """SQL that is true if the SQL expression `text` needs the guard, and NULL if `text` is NULL."""
    return _SQL_TESTS[vendor].format(text=text)


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
