"""Every refusal under /rest/ is Jira's ErrorCollection, whatever went wrong (contract, "Errors")."""

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

from core.errors import PortalError

logger = logging.getLogger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
RETRY_SECONDS = 5
NOT_LOGGED_IN = "User is not logged in."
SENTENCES: Mapping[type[Exception], str] = {
    exceptions.NotAuthenticated: NOT_LOGGED_IN,
    exceptions.AuthenticationFailed: NOT_LOGGED_IN,
}
STATUS_SENTENCES: Mapping[int, str] = {
    400: "The request cannot be understood.",
    403: "The request is refused.",
    404: "There is nothing at this address.",
    405: "This method is not allowed here.",
    413: "The request is too large.",
    500: "Something went wrong on the server.",
    503: "The portal cannot reach its database just now. Try again in a few seconds.",
}


def error_collection(sentence: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"errorMessages": [sentence], "errors": dict(fields or {})}


def error_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: the status and headers that belong to the error, the body Jira's."""
    if isinstance(error, PortalError):
        return _refusal_response(error)
    if isinstance(error, RequestDataTooBig):
        return Response(error_collection("The request body is larger than 1 MiB."), status=413)
    if isinstance(error, exceptions.Throttled):
        return _throttled_response(error)
    response = exception_handler(error, dict(context))
    if response is None:
        status, body, headers = unforeseen(error)
        return Response(body, status=status, headers=headers)
    response.data = error_collection(SENTENCES.get(type(error)) or _sentence(error, response.status_code))
    return response


def unforeseen(error: BaseException | None) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, body and headers: 503 while the database is slow or away, else 500 with a number.

    The traceback stands in the log only, beside the number.
    """
    incident = uuid.uuid4().hex[:12]
    logger.error("Incident %s", incident, exc_info=error)
    if isinstance(error, DATABASE_AWAY):
        return 503, error_collection(STATUS_SENTENCES[503]), {"Retry-After": str(RETRY_SECONDS)}
    sentence = f"{STATUS_SENTENCES[500]} The administrator finds it in the log as incident {incident}."
    return 500, error_collection(sentence), {}


def _refusal_response(error: PortalError) -> Response:
    response = Response(error_collection(str(error), error.fields), status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    return response


def _throttled_response(error: exceptions.Throttled) -> Response:
    wait = max(1, round(getattr(error, "wait", None) or 1))
    sentence = f"Too many failed sign-ins. Check e-mail and token, and try again in {wait} seconds."
    return Response(error_collection(sentence), status=429, headers={"Retry-After": str(wait)})


def _sentence(error: Exception, status: int) -> str:
    if isinstance(error, exceptions.APIException):
        return str(error.detail)
    return STATUS_SENTENCES.get(status, "The request is refused.")


class JsonErrorsMiddleware:
    """What is refused under /rest/ before a view is reached, by any middleware, is JSON as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_json = response.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or is_json or not request.path_info.startswith("/rest/"):
            return response
        if failure := getattr(request, "failure", None):
            status, body, headers = unforeseen(failure)
            return JsonResponse(body, status=status, headers=headers)
        sentence = STATUS_SENTENCES.get(response.status_code, "The request is refused.")
        return JsonResponse(error_collection(sentence), status=response.status_code)


def remember_failure(request: HttpRequest | None = None, **_: Any) -> None:
    """Keep what a middleware raised, which Django turns into a response before ours can see it."""
    if request is not None:
        request.failure = sys.exception()  # type: ignore[attr-defined]


got_request_exception.connect(remember_failure)
