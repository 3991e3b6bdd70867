"""How one cell becomes CSV text in the database itself, the same bytes in PostgreSQL and SQLite.

A text cell is always quoted, so an empty one is `""`; numbers, dates and times never are, and absent
ones are nothing at all. Times are ISO 8601 in UTC with the offset written out, as exactly as stored.
In PostgreSQL a cell is a column of `COPY … (FORMAT csv, FORCE_QUOTE (text columns))`; in SQLite it is
an argument of the printf() that writes the line.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, F, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

from archive.formula_guard import may_run

_PRINTF_ARGUMENTS = 100  # SQLite's function argument limit is 127


Sql = tuple[str, tuple[Any, ...]]


class Cell(Func):
    """One cell; subclasses say how it is written. `is_text` cells are quoted."""

    output_field = TextField()
    is_text = False
    template = "%(expressions)s"


class TextCell(Cell):
    """A text, behind a `'` where a spreadsheet would take it for a formula and `guard` is on.

    `is_free` names the stored truth that nothing in the row needs the guard, which saves testing the cell.
    """

    is_text = True

    def __init__(self, source: Expression | F | str, is_free: str = "", *, guard: bool) -> None:
        super().__init__(source, *([is_free] if is_free else []))
        self.guard = guard

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Sql:
        text, *is_free = (compiler.compile(source)[0] for source in self.source_expressions)
        if not self.guard:
            return f"coalesce({text}, '')", ()
        fast = f"WHEN {is_free[0]} THEN {text} " if is_free else ""
        return (
            f"CASE {fast}WHEN {may_run(text, connection.vendor)} THEN '''' || {text} ELSE coalesce({text}, '') END",
            (),
        )


class ElementCell(Cell):
    """The element at `index` of a JSON array of texts, empty behind the end, which its stored length tells."""

    is_text = True

    def __init__(self, source: str, count: str, index: int, *, guard: bool) -> None:
        super().__init__(TextCell(Element(source, index), guard=guard), count)
        self.index = index

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Sql:
        element, count = (compiler.compile(source)[0] for source in self.source_expressions)
        return f"CASE WHEN {count} > {self.index} THEN {element} ELSE '' END", ()


class TimeCell(Cell):
    """A time, such as `2016-10-07T10:53:25.123+00:00`; the connection's time zone must be UTC."""

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        return self.as_sql(compiler, connection, template="replace((%(expressions)s)::text, ' ', 'T') || ':00'")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        cell, params = compiler.compile(self.source_expressions[0])
        # Django writes six digits of a second or none; PostgreSQL's text ends with the last that is not 0.
        trimmed = f"CASE length({cell}) WHEN 19 THEN {cell} ELSE rtrim({cell}, '0') END"
        return f"replace({trimmed}, ' ', 'T') || '+00:00'", tuple(params) * 3


class Element(Func):
    """The element at `index` of a JSON array of texts, NULL behind its end."""

    arity = 1
    output_field = TextField()

    def __init__(self, source: str, index: int) -> None:
        super().__init__(source, index=index)

    template = "(%(expressions)s ->> %(index)s)"


class Line(Func):
    """A whole CSV record with its line end, rendered by SQLite's printf(); `%w` doubles quotes."""

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        parts, params = [], list[Any]()
        for cells in _in_groups(self.source_expressions):
            compiled = [compiler.compile(cell) for cell in cells]
            form = ",".join('"%%w"' if cell.is_text else "%%s" for cell in cells)
            parts.append(f"printf('{form}', {', '.join(sql for sql, _ in compiled)})")
            params += [value for _, values in compiled for value in values]
        return " || ',' || ".join(parts) + " || char(10)", tuple(params)


def _in_groups(cells: list[Any]) -> list[list[Any]]:
    return [cells[start : start + _PRINTF_ARGUMENTS] for start in range(0, len(cells), _PRINTF_ARGUMENTS)]
