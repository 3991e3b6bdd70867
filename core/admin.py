"""What the Admin pages of all apps share."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.utils.functional import cached_property

if TYPE_CHECKING:  # generic for the type checker only
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator

MOST_LISTED = 10_000


class ReadOnly:
    """Nobody adds, changes or deletes here, superusers included: history is worth what it cannot lose."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class FirstThousands(AnyPaginator):
    """Counts and lists no further than MOST_LISTED rows, so that a list costs the same at ten million."""

    @cached_property
    def count(self) -> int:
        rows: models.QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_LISTED].count()
