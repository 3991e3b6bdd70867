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

LIST_LIMIT = 10_000


class ReadOnly:
    """Nobody can add, change or delete objects here, not even superusers: history must stay reliable."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class CappedPaginator(AnyPaginator):
    """Counts and lists at most LIST_LIMIT rows, so that a list of ten million rows is as fast as a short one."""

    @cached_property
    def count(self) -> int:
        rows: models.QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:LIST_LIMIT].count()
