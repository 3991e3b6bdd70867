"""The ordering of exports and of the archive's indexes: by archived date, then issue ID."""

import datetime
from typing import Any

from django.db.models import BooleanField, F, Func, Value

ORDERING = ("archived_date", "id")

Position = tuple[datetime.datetime, int]
"""A position in the ordering: (archived date, issue ID)."""


class Compare(Func):
    """`(archived_date, id) < position`, or with another operator: one row comparison.

    A B-tree index finds the position directly, even if many issues have the same archived date.
    """

    output_field = BooleanField()

    def __init__(self, operator: str, position: tuple[Any, Any]) -> None:
        date, issue_id = position
        super().__init__(F("archived_date"), F("id"), Value(date), Value(issue_id))
        self.extra["operator"] = operator

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        names: list[str] = []
        params: list[Any] = []
        for source in self.source_expressions:
            name, source_params = compiler.compile(source)
            names.append(name)
            params.extend(source_params)
        date, issue_id, limit_date, limit_id = names
        return f"({date}, {issue_id}) {self.extra['operator']} ({limit_date}, {limit_id})", tuple(params)
