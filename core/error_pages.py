"""Errors as pages of the portal. Errors under /rest/ are JSON instead: see `json_errors`."""

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from core.errors import PortalError, explain

TITLES = {
    HTTPStatus.BAD_REQUEST: PortalError.title,
    HTTPStatus.FORBIDDEN: "You don't have access",
    HTTPStatus.NOT_FOUND: "Page not found",
    HTTPStatus.METHOD_NOT_ALLOWED: "This page can't be opened directly",
}


def refusal_page(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The page for an error: its title and sentence. The error's template may add what to do next."""
    context = {"error": error, "status": error.status, "title": error.title, "sentence": error.page_sentence}
    response = render(request, error.page_template, context, status=error.status)
    for name, value in error.response_headers.items():
        response[name] = value
    return response


def refuse(request: HttpRequest, error: PortalError) -> HttpResponse:
    """The answer of a middleware that refuses a request: a page, which JsonErrorsMiddleware replaces under /rest/."""
    request.failure = error  # type: ignore[attr-defined]
    return refusal_page(request, error)


def error_page(request: HttpRequest, status: HTTPStatus, sentence: str) -> HttpResponse:
    """The page for an error that is not a PortalError; `status` is a key of TITLES."""
    context = {"status": status.value, "title": TITLES[status], "sentence": sentence}
    return render(request, PortalError.page_template, context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, HTTPStatus.BAD_REQUEST, "The portal could not understand this request.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, HTTPStatus.FORBIDDEN, "Your account does not have permission to open this page.")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return error_page(request, HTTPStatus.NOT_FOUND, "There is no page at this address.")


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for any other error, without the session and the database, because they may be what failed."""
    error = sys.exception()
    known = explain(error)
    if known is not None:
        return refusal_page(request, known)
    page = render_to_string("500.html")
    if isinstance(error, OperationalError | InterfaceError):  # the database is slow or unavailable
        return HttpResponse(page, status=503, headers={"Retry-After": "5"})
    return HttpResponse(page, status=500)


class RefusedMethodMiddleware:
    """Shows a page if someone opens an address that only accepts forms; Django's response would be empty."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or request.path_info.startswith("/rest/"):
            return response
        sentence = "This address only accepts forms sent from the portal's own pages."
        page = error_page(request, HTTPStatus.METHOD_NOT_ALLOWED, sentence)
        page["Allow"] = response.get("Allow", "")
        return page
