"""Turns every error under /rest/ into Jira's ErrorCollection (contract, "Errors")."""

import logging
import sys
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import InvalidBody, PortalError, explain
from core.serializers import ErrorCollection, complaints_by_field

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
RETRY_SECONDS = 5
NOT_LOGGED_IN = "User is not logged in."
OTHER_SENTENCE = "The request is refused."
STATUS_SENTENCES: Mapping[int, str] = {
    400: "The request cannot be understood.",
    403: OTHER_SENTENCE,
    404: "There is nothing at this address.",
    405: "This method is not allowed here.",
    413: "The request is too large.",
    500: "Something went wrong on the server.",
    503: "The portal cannot reach its database just now. Try again in a few seconds.",
}


def error_collection(sentence: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Jira's ErrorCollection. `fields` says what is wrong with which field."""
    return ErrorCollection.of({"errorMessages": [sentence], "errors": fields or {}})


def error_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """REST framework's exception handler: keeps the error's status and headers, with Jira's body."""
    if isinstance(error, exceptions.ValidationError):
        error = InvalidBody(complaints_by_field(error.detail))
    known = explain(error)
    if known is not None:
        return _portal_error_response(known)
    if isinstance(error, RequestDataTooBig):
        return Response(error_collection("The request body is larger than 1 MiB."), status=413)
    if isinstance(error, exceptions.Throttled):
        return _throttled_response(error)
    response = exception_handler(error, dict(context))
    if response is None:
        status, body, headers = unexpected_error(error)
        return Response(body, status=status, headers=headers)
    response.data = error_collection(_sentence(error, response.status_code))
    return response


def unexpected_error(error: BaseException | None) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers: 503 if the database does not respond, otherwise 500 with an incident number.

    The traceback is only written to the log, with the same number.
    """
    incident = uuid.uuid4().hex[:12]
    logger.error("Incident %s", incident, exc_info=error)
    if isinstance(error, DATABASE_AWAY):
        return 503, error_collection(STATUS_SENTENCES[503]), {"Retry-After": str(RETRY_SECONDS)}
    sentence = f"{STATUS_SENTENCES[500]} An administrator can find it in the log as incident {incident}."
    return 500, error_collection(sentence), {}


def _portal_error_response(error: PortalError) -> Response:
    status, body, headers = _describe(error)
    return Response(body, status=status, headers=headers)


def _describe(error: PortalError) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers."""
    return error.status, error_collection(str(error), error.fields), error.response_headers


def _throttled_response(error: exceptions.Throttled) -> Response:
    seconds = max(1, round(getattr(error, "wait", None) or 1))
    sentence = f"Too many failed sign-ins. Check email and token, and try again in {seconds} seconds."
    return Response(error_collection(sentence), status=429, headers={"Retry-After": str(seconds)})


def _sentence(error: Exception, status: int) -> str:
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return NOT_LOGGED_IN
    if isinstance(error, exceptions.APIException):
        return str(error.detail)
    return STATUS_SENTENCES.get(status, OTHER_SENTENCE)


class JsonErrorsMiddleware:
    """Turns errors that middleware answers under /rest/, before a view is reached, into JSON too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith("/rest/"):
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        failure = getattr(request, "failure", None)
        known = explain(failure)
        if known is not None:
            status, body, headers = _describe(known)
            return JsonResponse(body, status=status, headers=headers)
        if failure is not None:
            status, body, headers = unexpected_error(failure)
            return JsonResponse(body, status=status, headers=headers)
        sentence = STATUS_SENTENCES.get(response.status_code, OTHER_SENTENCE)
        return JsonResponse(error_collection(sentence), status=response.status_code)


def keep_failure(request: HttpRequest | None = None, **_: Any) -> None:
    """Keep an exception of a middleware, which Django turns into a response before JsonErrorsMiddleware sees it."""
    if request is not None:
        request.failure = sys.exception()  # type: ignore[attr-defined]


got_request_exception.connect(keep_failure)
