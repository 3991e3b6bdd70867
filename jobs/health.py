"""`/health`, for load balancers and monitors: whether the portal serves pages, and whether it works.

Anybody may ask, so the answers name no host, person or figure; `manage.py doctor` does.
"""

from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import BadRequest
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from jobs import lifecycle
from jobs.models import SEEN_SECONDS
from jobs.registry import health_checks, job_kinds
from jobs.services import worker_seen_lately


class PortalCheck(HealthCheck):
    """One check, named in the answer after its class; it runs on the request's own connection."""

    def __repr__(self) -> str:
        return type(self).__name__

    async def run(self) -> None:
        await sync_to_async(self._ask)()

    def _ask(self) -> None:
        try:
            self.look()
        except DatabaseError as error:
            raise ServiceUnavailable("the database does not answer") from error

    def look(self) -> None:
        """Raises ServiceUnavailable, saying what is wrong, or the database's own error."""
        raise NotImplementedError


class Database(PortalCheck):
    def look(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")


class RunWorker(PortalCheck):
    def look(self) -> None:
        if not worker_seen_lately():
            raise ServiceUnavailable(f"no worker has been seen for {SEEN_SECONDS} s")


class Slot(PortalCheck):
    """No job waits in vain, and none blocks the slot of its kind without a worker."""

    def look(self) -> None:
        for model in job_kinds:
            if lifecycle.find_stuck(model) is not None:
                raise ServiceUnavailable(f"an {model._meta.verbose_name} is stuck because no worker is running it")


class ReadyView(HealthCheckView):
    """Whether this web process can serve requests: for load balancers."""

    checks: tuple[type[PortalCheck], ...] = (Database,)

    async def dispatch(  # type: ignore[override]  # the library's views are asynchronous
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            response: HttpResponse = await super().dispatch(request, *args, **kwargs)
        except ValueError as error:  # what the library raises for an Accept header without a media type
            raise BadRequest(str(error)) from error
        if response.status_code == 500:  # the fault is temporary: 503 says so
            response.status_code = 503
        return response

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """Lines of text; the library's page has an inline style, which our Content Security Policy forbids."""
        response: HttpResponse = self.render_to_response_text(response_kwargs["status"])
        return response


class HealthView(ReadyView):
    """Whether the whole portal works, workers included: for monitors."""

    @property
    def checks(self) -> tuple[type[HealthCheck], ...]:  # type: ignore[override]
        return (Database, RunWorker, *health_checks, Slot)
