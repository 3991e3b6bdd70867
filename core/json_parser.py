"""JSON as the contract reads it: one UTF-8 object, nothing said twice."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.http import parse_header_parameters
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser


class JsonParser(BaseParser):
    """Reads UTF-8 (RFC 8259, 8.1). A name given twice is refused: one of its filters would silently not count."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The decoded value.

        Raises:
            UnsupportedMediaType: the header names another encoding.
            ParseError: it is no JSON, or nested too deeply to be a filter.
        """
        charset = parse_header_parameters(media_type or "")[1].get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8", "us-ascii"}:
            raise UnsupportedMediaType(media_type or "", f"JSON is read as UTF-8, not as {charset}.")
        try:
            return json.loads(
                stream.read().decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_refuse_constant
            )
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8: byte {error.start} cannot be read.") from error
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}.") from error


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return body


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
