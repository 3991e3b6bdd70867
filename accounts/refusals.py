"""Requests of people who are signed in that were refused because their roles or scopes don't allow them.

Only so many of each person are recorded in a while, so that nobody can fill the disk with them.
"""

import logging
import threading
import time
from collections.abc import Callable
from http import HTTPStatus

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from accounts import audit
from accounts.audit_actions import Outcome

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 300
MOST_IN_WINDOW = 50
MOST_PEOPLE = 10_000


class RefusalsMiddleware:
    """Records each answer 403 to someone who is signed in. The route is recorded, not the address with its values."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.FORBIDDEN:
            _record(request)
        return response


def _record(request: HttpRequest) -> None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not _limit.allows(user.pk):
        return
    route = ""
    if request.resolver_match is not None:
        route = request.resolver_match.route
    details = {"method": request.method, "route": route}
    try:
        audit.record("access.refused", outcome=Outcome.REFUSED, details=details)
    except DatabaseError:  # the request stays refused
        logger.exception("A refused request could not be recorded")


class _Limit:
    """Counts the refusals of each person in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[int, int] = {}
        self._began_at = 0.0

    def allows(self, user_id: int) -> bool:
        now = time.monotonic()
        with self._lock:
            if now - self._began_at > WINDOW_SECONDS or len(self._counts) > MOST_PEOPLE:
                self._counts.clear()
                self._began_at = now
            count = self._counts.get(user_id, 0) + 1
            self._counts[user_id] = count
            return count <= MOST_IN_WINDOW


_limit = _Limit()
