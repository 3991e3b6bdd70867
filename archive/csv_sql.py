"""SQL expressions that render one cell as CSV text, with the same bytes in PostgreSQL and SQLite.

A text cell is always quoted, so an empty text is `""`. Numbers, dates and times are never quoted, and a missing
value is an empty cell. Times are ISO 8601 in UTC with the offset, as precise as stored.
In PostgreSQL, a cell is a column of `COPY … (FORMAT csv, FORCE_QUOTE (text columns))`. In SQLite, it is an
argument of the printf() call that renders the line. Cells that are too many for that are one Fragment; PostgreSQL then
renders the whole Line as one text, too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, F, Func, TextField
from django.db.models.sql.compiler import SQLCompiler

from archive.formula_guard import guarded_sql, start_guarded_sql

_PRINTF_ARGUMENTS = 100  # SQLite accepts at most 127 arguments
_CONCAT_CELLS = 45  # PostgreSQL accepts at most 100 arguments, of which a cell needs two
EMPTY_CELL = ',""'
"""An empty text with the comma before it."""

Sql = tuple[str, tuple[Any, ...]]


class Cell(Func):
    """One cell: a number or a date, as the database writes it. `is_text` cells are quoted."""

    output_field = TextField()
    is_text = False
    template = "%(expressions)s"


class TextCell(Cell):
    """A text. If `guard` is on, it has the formula guard.

    `inner_free` and `start_free` name the stored booleans which say that no text of the row needs the guard inside or
    at its start. They save testing the cell.
    """

    is_text = True

    def __init__(self, source: Expression | F | str, inner_free: str, start_free: str = "", *, guard: bool) -> None:
        sources = [source, inner_free]
        if start_free:
            sources.append(start_free)
        super().__init__(*sources)
        self.guard = guard

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Sql:
        compiled = []
        for source in self.source_expressions:
            sql, _params = compiler.compile(source)
            compiled.append(sql)
        text, inner_free, *start_free = compiled
        if not self.guard:
            return f"coalesce({text}, '')", ()
        vendor = connection.vendor
        shortcut = ""
        if start_free:
            shortcut = f"WHEN {inner_free} AND {start_free[0]} THEN {text} "
        # The booleans are NULL if the text is that of a person the issue does not have.
        inside = f"WHEN NOT {inner_free} THEN {guarded_sql(text, vendor)} "
        return f"CASE {shortcut}{inside}ELSE {start_guarded_sql(text, vendor)} END", ()


class ElementCell(Cell):
    """The element at `index` of a JSON array of texts. The cell is empty if the array is shorter.

    `count` names the stored length of the array, `inner_free` what TextCell needs.
    """

    is_text = True

    def __init__(self, source: str, count: str, inner_free: str, index: int, *, guard: bool) -> None:
        super().__init__(TextCell(Element(source, index), inner_free, guard=guard), count)
        self.index = index

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any) -> Sql:
        element, _params = compiler.compile(self.source_expressions[0])
        count, _params = compiler.compile(self.source_expressions[1])
        return f"CASE WHEN {count} > {self.index} THEN {element} ELSE '' END", ()


class TimeCell(Cell):
    """A time, such as `2016-10-07T10:53:25.123+00:00`. The connection's time zone must be UTC."""

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        return self.as_sql(compiler, connection, template="replace((%(expressions)s)::text, ' ', 'T') || ':00'")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        cell, params = compiler.compile(self.source_expressions[0])
        # Django stores six digits of a second or none. PostgreSQL writes no trailing zeros, so remove them.
        trimmed = f"CASE length({cell}) WHEN 19 THEN {cell} ELSE rtrim({cell}, '0') END"
        return f"replace({trimmed}, ' ', 'T') || '+00:00'", tuple(params) * 3


class Element(Func):
    """The element at `index` of a JSON array of texts, or NULL if the array is shorter."""

    arity = 1
    output_field = TextField()
    template = "(%(expressions)s ->> %(index)s)"

    def __init__(self, source: str, index: int) -> None:
        super().__init__(source, index=index)


class Fragment(Func):
    """Several cells as one text, in which a comma comes before each."""

    output_field = TextField()


class ListCells(Fragment):
    """`width` cells with the elements of a JSON array of texts; arguments as those of ElementCell."""

    def __init__(self, source: str, count: str, inner_free: str, width: int, *, guard: bool) -> None:
        super().__init__(source, count, inner_free)
        self.width = width
        self.guard = guard

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        source, count, inner_free = self._compile(compiler)
        cells = (
            f"""string_agg(',"' || replace({self._cell(inner_free, "postgresql")}, '"', '""') || '"', '' ORDER BY n)"""
        )
        elements = f"jsonb_array_elements_text({source}) WITH ORDINALITY element(value, n)"
        padding = f"repeat('{EMPTY_CELL}', {self.width} - {count})"
        return f"coalesce((SELECT {cells} FROM {elements}), '') || {padding}", ()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        source, count, inner_free = self._compile(compiler)
        cells = f"""group_concat(',"' || replace({self._cell(inner_free, "sqlite")}, '"', '""') || '"', '')"""
        padding = f"replace(hex(zeroblob({self.width} - {count})), '00', '{EMPTY_CELL}')"
        return f"coalesce((SELECT {cells} FROM json_each({source}) element), '') || {padding}", ()

    def _compile(self, compiler: SQLCompiler) -> list[str]:
        compiled = []
        for source in self.source_expressions:
            sql, _params = compiler.compile(source)
            compiled.append(sql)
        return compiled

    def _cell(self, inner_free: str, vendor: str) -> str:
        text = "element.value"
        if not self.guard:
            return text
        inside = f"WHEN NOT {inner_free} THEN {guarded_sql(text, vendor)}"
        return f"CASE {inside} ELSE {start_guarded_sql(text, vendor)} END"


class Line(Func):
    """A whole CSV record with its line end, from cells and fragments. The first one is a cell.

    SQLite renders cells with printf(), where `%w` doubles quotes; PostgreSQL with concat().
    """

    output_field = TextField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        sql, params = self._render(compiler, _printf, _PRINTF_ARGUMENTS)
        return sql + " || char(10)", params

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        sql, params = self._render(compiler, _concat, _CONCAT_CELLS)
        return sql + r" || E'\n'", params

    def _render(self, compiler: SQLCompiler, render: "Render", most_cells: int) -> Sql:
        texts: list[str] = []
        params: list[Any] = []
        for piece in _pieces(self.source_expressions, most_cells):
            piece_params: Sequence[Any]
            if isinstance(piece, list):
                sql, piece_params = render(piece, compiler)
                if texts:
                    sql = f"',' || {sql}"
            else:
                sql, piece_params = compiler.compile(piece)
            texts.append(sql)
            params.extend(piece_params)
        return " || ".join(texts), tuple(params)


Render = Callable[[list[Any], SQLCompiler], tuple[str, list[Any]]]
"""One SQL text with the cells, separated by commas, and its parameters."""


def _pieces(expressions: Iterable[Any], most_cells: int) -> Iterator[Any]:
    """Fragments as they are, and the cells between them as lists of at most `most_cells`."""
    cells: list[Any] = []
    for expression in expressions:
        if isinstance(expression, Fragment) or len(cells) == most_cells:
            if cells:
                yield cells
            cells = []
        if isinstance(expression, Fragment):
            yield expression
        else:
            cells.append(expression)
    if cells:
        yield cells


def _printf(cells: list[Any], compiler: SQLCompiler) -> tuple[str, list[Any]]:
    """The printf() call that joins the cells with commas, and its parameters."""
    formats: list[str] = []
    arguments: list[str] = []
    params: list[Any] = []
    for cell in cells:
        argument, argument_params = compiler.compile(cell)
        formats.append('"%%w"' if cell.is_text else "%%s")
        arguments.append(argument)
        params.extend(argument_params)
    return f"printf('{','.join(formats)}', {', '.join(arguments)})", params


def _concat(cells: list[Any], compiler: SQLCompiler) -> tuple[str, list[Any]]:
    """The concat() call that joins the cells with commas, and its parameters."""
    arguments: list[str] = []
    params: list[Any] = []
    separator = ""
    for cell in cells:
        argument, argument_params = compiler.compile(cell)
        params.extend(argument_params)
        if cell.is_text:
            arguments += [f"""'{separator}"'""", f"""replace({argument}, '"', '""')"""]
            separator = '",'
        else:
            arguments += [f"'{separator}'", argument]
            separator = ","
    arguments.append(f"'{separator.removesuffix(',')}'")
    return f"concat({', '.join(arguments)})", params
