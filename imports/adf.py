"""Atlassian Document Format (ADF), the format of descriptions in REST v3, as plain text.

Node types and their attributes: developer.atlassian.com/cloud/jira/platform/apis/document/structure/.
Blocks are separated by an empty line, items and table rows by a line break; a link shows its address.
"""

import datetime
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings

MAX_DEPTH = 100  # nodes in nodes; Jira's editor stays below 20

Node = Mapping[str, Any]
Reader = Callable[[Node], str]


def read_document(document: Node) -> str:
    """The text of a document, or of any node in one.

    Raises:
        ValueError: its nodes are nested too deeply, or its text is too long. The message continues the field's name.
    """
    _check_depth(document)
    return read_adf(document)


def _check_depth(document: Node) -> None:
    """Level by level, because a document may be deeper than Python's stack."""
    depth = 0
    level = [document]
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"is nested more than {MAX_DEPTH} levels deep.")
        below: list[Node] = []
        for node in level:
            below.extend(_children(node))
        level = below


def read_adf(node: Node) -> str:
    """The node's text. A node of an unknown type gives the text inside it."""
    read = _READERS.get(str(node.get("type")), _read_unknown)
    return read(node)


def _children(node: Node) -> list[Node]:
    content = node.get("content")
    if not isinstance(content, list):
        return []
    return [child for child in content if isinstance(child, Mapping)]


def _attribute(node: Node, *names: str) -> str:
    """The first of these attributes that isn't empty; "" if there is none."""
    attributes = node.get("attrs")
    if not isinstance(attributes, Mapping):
        return ""
    for name in names:
        value = attributes.get(name)
        if value:
            return str(value)
    return ""


def _read_joined(node: Node, separator: str) -> str:
    """The texts of the node's children that have any."""
    texts = [read_adf(child) for child in _children(node)]
    return separator.join(filter(None, texts))


def _joined(separator: str) -> Reader:
    return partial(_read_joined, separator=separator)


def _named(*names: str) -> Reader:
    return lambda node: _attribute(node, *names)


_read_inline = _joined("")


def _read_text(node: Node) -> str:
    text = str(node.get("text") or "")
    address = _find_address(node)
    if address and address != text:
        return f"{text} ({address})"
    return text


def _find_address(node: Node) -> str:
    """The address of the link around a text; "" if there is none."""
    marks = node.get("marks")
    if not isinstance(marks, list):
        return ""
    for mark in marks:
        if isinstance(mark, Mapping) and mark.get("type") == "link":
            return _attribute(mark, "href")
    return ""


def _read_date(node: Node) -> str:
    """A date node has the milliseconds since 1970, as text."""
    timestamp = _attribute(node, "timestamp")
    try:
        return datetime.datetime.fromtimestamp(int(timestamp) / 1000, datetime.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return timestamp


def _listed(marker: Callable[[int, Node], str]) -> Reader:
    """Reads a list: each item begins with its marker, and its other lines are indented."""

    def read(node: Node) -> str:
        lines = []
        for number, item in enumerate(_children(node), 1):
            text = read_adf(item)
            _check_length(text)
            lines.append(marker(number, item) + text.replace("\n", "\n  "))
        return "\n".join(lines)

    return read


def _check_length(text: str) -> None:
    """Indentation makes a text of many lines longer with each list that it is in."""
    if len(text) > settings.IMPORT_MAX_TEXT_CHARACTERS:
        max_length = settings.IMPORT_MAX_TEXT_CHARACTERS
        raise ValueError(f"has more than {max_length:,} characters of text (IMPORT_MAX_TEXT_CHARACTERS).")


def _bullet(_number: int, _item: Node) -> str:
    return "- "


def _number(number: int, _item: Node) -> str:
    return f"{number}. "


def _checkbox(_number: int, item: Node) -> str:
    if _attribute(item, "state") == "DONE":
        return "[x] "
    return "[ ] "


def _read_titled(node: Node) -> str:
    title = _attribute(node, "title")
    body = _read_joined(node, "\n\n")
    return "\n\n".join(filter(None, (title, body)))


def _read_row(node: Node) -> str:
    cells = [_read_joined(cell, " ").replace("\n", " ") for cell in _children(node)]
    return " | ".join(cells)


def _read_unknown(node: Node) -> str:
    return _read_text(node) or _read_joined(node, "\n") or _attribute(node, "text", "title", "url")


_READERS: dict[str, Reader] = {
    "doc": _joined("\n\n"),
    "paragraph": _read_inline,
    "heading": _read_inline,
    "codeBlock": _read_inline,
    "blockquote": _joined("\n\n"),
    "panel": _joined("\n\n"),
    "expand": _read_titled,
    "nestedExpand": _read_titled,
    "bulletList": _listed(_bullet),
    "orderedList": _listed(_number),
    "taskList": _listed(_checkbox),
    "decisionList": _listed(_bullet),
    "listItem": _joined("\n"),
    "taskItem": _read_inline,
    "decisionItem": _read_inline,
    "table": _joined("\n"),
    "tableRow": _read_row,
    "rule": lambda _node: "----",
    "mediaSingle": _joined("\n"),
    "mediaGroup": _joined("\n"),
    "media": _named("alt", "url", "id"),
    "text": _read_text,
    "hardBreak": lambda _node: "\n",
    "mention": _named("text", "id"),
    "emoji": _named("text", "shortName"),
    "inlineCard": _named("url"),
    "blockCard": _named("url"),
    "embedCard": _named("url"),
    "status": _named("text"),
    "date": _read_date,
}
