"""The parts of every operation's OpenAPI description: exact bodies, answers, headers and the server's own errors."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import append_meta
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from core.serializers import ErrorCollection

Schema = dict[str, Any]
Answers = dict[int, OpenApiResponse]


class ExactSchema(AutoSchema):
    """Describes a serializer as strictly as it reads and writes: no property but those it declares is allowed.

    A serializer may have the attribute `schema_description`, and `is_inline` if it gets no component of its own.
    A field's examples are in its `style`.
    """

    def _map_basic_serializer(self, serializer: Any, direction: str) -> Schema:
        schema: Schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        required = schema.pop("required", ())
        schema.pop("description", None)  # the docstring, which is for developers
        schema["additionalProperties"] = False
        description = getattr(serializer, "schema_description", "")
        if description:
            schema["description"] = description
        if required:
            schema["required"] = [name for name in schema["properties"] if name in required]
        return schema

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> Any:
        if getattr(field, "is_inline", False):
            inner = self._map_serializer(field, direction)  # type: ignore[no-untyped-call]
            meta = self._get_serializer_field_meta(field, direction)  # type: ignore[no-untyped-call]
            schema = append_meta(inner, meta)
        else:
            schema = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        schema.pop("x-spec-enum-id", None)  # meant for a hook of drf-spectacular that is not in use
        if isinstance(field, serializers.Field) and "examples" in field.style:
            schema["examples"] = field.style["examples"]
        return schema


def answer(body: Any, description: str, example: object) -> OpenApiResponse:
    """An answer with a body and an example of it."""
    return OpenApiResponse(body, description, examples=[OpenApiExample("Example", value=example)])


def refusal(description: str, sentence: str, fields: dict[str, str] | None = None) -> OpenApiResponse:
    """An error as Jira's ErrorCollection, with the sentence as its example."""
    return answer(ErrorCollection, description, {"errorMessages": [sentence], "errors": fields or {}})


def answer_header(name: str, description: str, statuses: Iterable[int], kind: Any = str) -> OpenApiParameter:
    """A header that the answers with these statuses always have."""
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, description=description, response=list(statuses), required=True
    )


def retry_after(*statuses: int) -> OpenApiParameter:
    """The header Retry-After of answers with these statuses."""
    return answer_header("Retry-After", "Seconds to wait before the next request.", statuses, int)


SERVER_ERRORS: Answers = {
    500: refusal("An unexpected error.", "Something went wrong on the server. … incident 0f1e2d3c4b5a."),
    503: refusal("The database does not respond.", "The portal cannot reach its database just now. Try again…"),
}
