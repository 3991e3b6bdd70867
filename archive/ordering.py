"""The export's order, in which every index of the archive ends: by archived date, then issue ID."""

import datetime
from typing import Any

from django.db.models import BooleanField, F, Func, Value

ORDER = ("archived_date", "id")

Position = tuple[datetime.datetime, int]
"""A place in the order: (archived date, issue ID)."""


class Compare(Func):
    """`(archived_date, id) < position`, or another operator: one comparison of rows.

    A btree answers it at one place, however many issues share one moment.
    """

    output_field = BooleanField()

    def __init__(self, operator: str, position: tuple[Any, Any]) -> None:
        date, issue_id = position
        super().__init__(*map(F, ORDER), Value(date), Value(issue_id))
        self.extra["operator"] = operator

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        (date, _1), (issue_id, _2), (limit, p3), (limit_id, p4) = map(compiler.compile, self.source_expressions)
        return f"({date}, {issue_id}) {self.extra['operator']} ({limit}, {limit_id})", (*p3, *p4)
