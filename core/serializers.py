"""Bodies of the REST API. Each is declared once: read and written here, and described by core/openapi.py from here."""

import datetime
import functools
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.settings import api_settings

from core.errors import InvalidBody
from core.formats import rfc3339
from core.texts import is_usable, printable, quoted

MOST_NAMED = 20  # unknown fields


@functools.cache
def _shared(serializer_class: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The instance for all requests and threads: neither reading nor writing a body changes anything in it.

    REST framework copies all fields for each new instance, which takes as long as the rest of a small request.
    """
    return serializer_class()


class RequestBody(serializers.Serializer[Any]):
    """A JSON object sent by a client. A field it does not declare is refused, so that a misspelt one is noticed."""

    default_error_messages = {
        "invalid": "must be a JSON object, such as {{}}.",
        "null": "must be a JSON object, such as {{}}.",
    }
    error_class: type[InvalidBody] = InvalidBody
    unknown_name = 'Unknown field "{name}". Use {known}.'

    @classmethod
    def read(cls, body: object) -> dict[str, Any]:
        """The fields of a decoded body that are given and not null.

        Raises:
            InvalidBody: one or more fields are wrong. It names all of them; of unknown ones, the first MOST_NAMED.
        """
        try:
            values = _shared(cls).run_validation(body)
        except ValidationError as error:
            raise cls.error_class(complaints_by_field(error.detail)) from error
        return {name: value for name, value in values.items() if value is not None}

    def to_internal_value(self, data: Any) -> Any:
        errors: dict[str, Any] = {}
        values: Any = None
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            errors.update(error.detail)  # type: ignore[arg-type]
        if isinstance(data, Mapping):
            errors.update(self._unknown_names(data))
        if errors:
            raise ValidationError(errors)
        return values

    def _unknown_names(self, body: Mapping[str, Any]) -> dict[str, list[str]]:
        """What is wrong with each of the first MOST_NAMED unknown names, so that the response is not larger than the
        request, and how many more there are."""
        known = ", ".join(self.fields)
        unknown = [name for name in body if name not in self.fields]
        errors = {}
        for name in unknown[:MOST_NAMED]:
            readable = printable(name)
            errors[readable] = [self.unknown_name.format(name=readable, known=known)]
        more_count = len(unknown) - MOST_NAMED
        if more_count > 0:
            errors[api_settings.NON_FIELD_ERRORS_KEY] = [f"has {more_count:,} more unknown fields."]
        return errors


class ResponseBody(serializers.Serializer[Any]):
    """A JSON object sent to a client. A property without a value is left out, never null, as in Jira."""

    @classmethod
    def of(cls, instance: object) -> dict[str, Any]:
        """The body that shows the instance."""
        body: dict[str, Any] = _shared(cls).to_representation(instance)
        return body

    def to_representation(self, instance: Any) -> dict[str, Any]:
        body = super().to_representation(instance)
        return {name: value for name, value in body.items() if value is not None}


class ErrorCollection(ResponseBody):
    """Jira's body of every error."""

    errorMessages = serializers.ListField(child=serializers.CharField(), min_length=1)
    errors = serializers.DictField(child=serializers.CharField(), help_text="Errors by field.")  # type: ignore[assignment]


class TextsField(serializers.ListField):
    """A list of strings, read as a tuple without repetitions. Names every string that a database cannot hold."""

    default_error_messages = {
        "not_texts": "must be a list of strings.",
        "too_many": "holds {count:,} values; at most {most:,} are allowed.",
        "unusable": "holds {values}, which cannot be a value.",
    }

    def __init__(self, *, most: int, **options: Any) -> None:
        self.most = most
        super().__init__(child=serializers.RegexField(r"\S"), max_length=most, **options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
            self.fail("not_texts")
        if len(data) > self.most:
            self.refuse_count(len(data))
        unusable = [text for text in data if not is_usable(text)]
        if unusable:
            self.fail("unusable", values=quoted(unusable))
        return tuple(dict.fromkeys(data))

    def refuse_count(self, count: int) -> None:
        self.fail("too_many", count=count, most=self.most)


class DigitsField(serializers.RegexField):
    """A whole number written as a string of decimal digits, as Jira writes IDs."""

    def __init__(self, **options: Any) -> None:
        super().__init__("^[0-9]+$", **options)


class PercentField(serializers.IntegerField):
    """A whole number from 0 to 100."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=100, **options)


@extend_schema_field({"type": "integer", "format": "int64"})
class LongField(serializers.IntegerField):
    """A whole number of 64 bits."""


class CountField(LongField):
    """A number of things, never negative."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, **options)


class MillisecondsField(LongField):
    """A moment as milliseconds since 1970, as Jira's tasks show it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(help_text="Epoch milliseconds.", **options)

    def to_representation(self, moment: datetime.datetime) -> int:  # type: ignore[override]
        return round(moment.timestamp() * 1000)


class MomentField(serializers.DateTimeField):
    """A moment in RFC 3339, in UTC."""

    def to_representation(self, moment: datetime.datetime) -> str:
        return rfc3339(moment)


@extend_schema_field({"type": "object"})
class ObjectField(serializers.JSONField):
    """A JSON object of any form."""


def complaints_by_field(detail: Any, path: str = "") -> dict[str, str]:
    """REST framework's nested errors as one sentence per field; `range.start` names a field inside another.

    What concerns the whole body is named `body`.
    """
    if not isinstance(detail, Mapping):
        return {path or "body": " ".join(map(str, detail))}
    complaints = {}
    for name, inner in detail.items():
        if name == api_settings.NON_FIELD_ERRORS_KEY:
            inner_path = path
        elif path:
            inner_path = f"{path}.{name}"
        else:
            inner_path = name
        complaints.update(complaints_by_field(inner, inner_path))
    return complaints
