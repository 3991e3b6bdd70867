"""What went wrong, as pages of the portal's look. Paths of the REST face have handlers of their own."""

import sys
from collections.abc import Callable, Mapping

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from exports.errors import AlreadyRunning, ExportError, JobEnded, JobNotFound, NotAnAdmin

# Where the published sentence speaks of tasks, which pages call exports.
SENTENCES: Mapping[type[ExportError], str] = {
    AlreadyRunning: "The site runs one export at a time. Wait until it has ended, or open it and cancel it.",
    JobEnded: "The export has ended already, so there is nothing left to cancel.",
    JobNotFound: "There is no export with this number.",
    NotAnAdmin: "Only Jira admins and site admins may export. Ask a site admin to give your account that role.",
}


def refusal_page(request: HttpRequest, error: ExportError) -> HttpResponse:
    """The page for a refusal: a sentence, and the way on where there is one."""
    sentence = SENTENCES.get(type(error), str(error))
    return error_page(request, error.status, sentence, job_id=getattr(error, "job_id", None))


def error_page(request: HttpRequest, status: int, sentence: str, *, job_id: int | None = None) -> HttpResponse:
    context = {"status": status, "sentence": sentence, "job_id": job_id}
    return render(request, "error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, 400, "The portal does not understand this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, 403, "Your account may not open this page.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, 404, "There is no page at this address.")


class RefusedMethodMiddleware:
    """Whoever opens an address that only a form may be sent to gets a page, where Django would send nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.path_info.startswith("/rest/"):
            return response
        page = error_page(request, 405, "This address takes what a form of the portal sends; there is no page here.")
        page["Allow"] = response.get("Allow", "")
        return page


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Asks neither the session nor the database who is there: they may be what is broken."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):  # the database is slow or away
        return HttpResponse(render_to_string("500.html"), status=503, headers={"Retry-After": "5"})
    return HttpResponse(render_to_string("500.html"), status=500)
