"""Errors as pages in the portal's look. Paths under /rest/ have handlers of their own."""

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from core.errors import PortalError

TITLES = {
    HTTPStatus.BAD_REQUEST: PortalError.title,
    HTTPStatus.FORBIDDEN: "You don't have access",
    HTTPStatus.NOT_FOUND: "Not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "This page can't be opened directly",
}


def refusal_page(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The page for a refusal: its title and sentence, and the next step if there is one."""
    context = {"error": error, "status": error.status, "title": error.title, "sentence": error.page_sentence}
    return render(request, error.page_template, context, status=error.status)


def error_page(request: HttpRequest, status: HTTPStatus, sentence: str) -> HttpResponse:
    context = {"status": status.value, "title": TITLES[status], "sentence": sentence}
    return render(request, PortalError.page_template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, HTTPStatus.BAD_REQUEST, "The portal does not understand this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, HTTPStatus.FORBIDDEN, "Your account may not open this page.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, HTTPStatus.NOT_FOUND, "There is no page at this address.")


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Reads neither the session nor the database: they may be what is broken."""
    page = render_to_string("500.html")
    if isinstance(sys.exception(), OperationalError | InterfaceError):  # the database is slow or away
        return HttpResponse(page, status=503, headers={"Retry-After": "5"})
    return HttpResponse(page, status=500)


class RefusedMethodMiddleware:
    """A page for whoever opens an address that only forms are sent to; Django would send an empty answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.path_info.startswith("/rest/"):
            return response
        sentence = "Only a form of the portal can be sent to this address."
        page = error_page(request, HTTPStatus.METHOD_NOT_ALLOWED, sentence)
        page["Allow"] = response.get("Allow", "")
        return page
