"""Reads the JSON of request bodies strictly."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.http import HttpRequest
from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser


class JsonParser(BaseParser):
    """Reads UTF-8 (RFC 8259, 8.1). A name given twice is refused: one of its values would be ignored silently."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The decoded value.

        Raises:
            RequestDataTooBig: the body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE.
            UnsupportedMediaType: the Content-Type names another encoding.
            ParseError: the body is not JSON, or is nested too deeply.
        """
        parameters = parse_header_parameters(media_type or "")[1]
        charset = parameters.get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsupportedMediaType(media_type or "", f"JSON is read as UTF-8, not as {charset}.")
        try:
            text = _read(stream).decode("utf-8")
            return json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8: byte {error.start} cannot be read.") from error
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error


def _read(stream: IO[Any] | HttpRequest) -> bytes:
    """The whole body. Django checks its size only if it is read as `body`."""
    if isinstance(stream, HttpRequest):
        return stream.body
    content: bytes = stream.read()
    return content


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) < len(pairs):
        raise ValueError("an object has the same name twice")
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")
