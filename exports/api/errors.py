"""Every refusal under /rest/ is Jira's ErrorCollection, whatever went wrong (contract, "Errors")."""

import logging
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from exports.errors import AlreadyRunning, ExportError, InvalidFilter

logger = logging.getLogger(__name__)

SENTENCES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "User is not logged in.",
    exceptions.AuthenticationFailed: "User is not logged in.",
}
STATUS_SENTENCES = {
    400: "The request cannot be understood.",
    403: "The request is refused.",
    404: "There is nothing at this address.",
    405: "This method is not allowed here.",
    413: "The request is too large.",
    500: "Something went wrong on the server.",
    503: "The portal cannot answer just now; try again in a while.",
}


def error_collection(sentence: str, fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {"errorMessages": [sentence], "errors": dict(fields or {})}


def error_response(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: the status and headers that belong to the error, the body Jira's."""
    if isinstance(error, ExportError):
        return _export_error_response(error)
    if isinstance(error, RequestDataTooBig):
        return Response(error_collection("The request body is larger than 1 MiB."), status=413)
    response = exception_handler(error, dict(context))
    if response is None:
        return _incident_response(error)
    sentence = SENTENCES.get(type(error)) or str(getattr(error, "detail", STATUS_SENTENCES.get(response.status_code)))
    response.data = error_collection(sentence)
    return response


def _export_error_response(error: ExportError) -> Response:
    fields = error.fields if isinstance(error, InvalidFilter) else None
    response = Response(error_collection(str(error), fields), status=error.status)
    if isinstance(error, AlreadyRunning):
        response["Retry-After"] = str(error.retry_after)
    return response


def _incident_response(error: Exception) -> Response:
    """A number in the answer, the traceback only in the log."""
    incident = uuid.uuid4().hex[:12]
    logger.error("Incident %s", incident, exc_info=error)
    sentence = f"Something went wrong on the server. The administrator finds it in the log as incident {incident}."
    return Response(error_collection(sentence), status=status.HTTP_500_INTERNAL_SERVER_ERROR)


class JsonErrorsMiddleware:
    """What is refused under /rest/ before a view is reached, by any middleware, is JSON as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_json = response.get("Content-Type", "").startswith("application/json")
        if response.status_code < 400 or is_json or not request.path_info.startswith("/rest/"):
            return response
        sentence = STATUS_SENTENCES.get(response.status_code, "The request is refused.")
        return JsonResponse(error_collection(sentence), status=response.status_code)
