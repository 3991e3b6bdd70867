"""Atlassian Document Format, in which REST v3 writes descriptions, as plain text.

Node types and their attributes: developer.atlassian.com/cloud/jira/platform/apis/document/structure/.
Blocks stand apart by an empty line, items and table rows by a line break; a link shows its address.
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

Node = Mapping[str, Any]


def read_adf(node: Node) -> str:
    """The text of a document or any node of one. A node of unknown type gives the text inside it."""
    return _READERS.get(str(node.get("type")), _read_unknown)(node)


def _children(node: Node) -> list[Node]:
    content = node.get("content")
    return [child for child in content if isinstance(child, Mapping)] if isinstance(content, list) else []


def _attribute(node: Node, *names: str) -> str:
    attributes = node.get("attrs")
    found = (attributes.get(name) for name in names) if isinstance(attributes, Mapping) else iter(())
    return next((str(value) for value in found if value), "")


def _joined(separator: str) -> Callable[[Node], str]:
    def read(node: Node) -> str:
        return separator.join(text for child in _children(node) if (text := read_adf(child)))

    return read


def _named(*names: str) -> Callable[[Node], str]:
    return lambda node: _attribute(node, *names)


def _read_inline(node: Node) -> str:
    return "".join(read_adf(child) for child in _children(node))


def _read_text(node: Node) -> str:
    text, marks = str(node.get("text") or ""), node.get("marks")
    links = [mark for mark in marks or () if isinstance(mark, Mapping) and mark.get("type") == "link"]
    address = _attribute(links[0], "href") if links else ""
    return f"{text} ({address})" if address and address != text else text


def _read_date(node: Node) -> str:
    """A date node keeps milliseconds since 1970 as a string."""
    stamp = _attribute(node, "timestamp")
    try:
        return datetime.datetime.fromtimestamp(int(stamp) / 1000, datetime.UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return stamp


def _listed(sign: Callable[[int, Node], str]) -> Callable[[Node], str]:
    def read(node: Node) -> str:
        items = enumerate(_children(node), 1)
        return "\n".join(sign(number, item) + read_adf(item).replace("\n", "\n  ") for number, item in items)

    return read


def _read_titled(node: Node) -> str:
    return "\n\n".join(filter(None, (_attribute(node, "title"), _joined("\n\n")(node))))


def _read_cell(node: Node) -> str:
    return _joined(" ")(node).replace("\n", " ")


def _read_row(node: Node) -> str:
    return " | ".join(_read_cell(cell) for cell in _children(node))


def _read_unknown(node: Node) -> str:
    return _read_text(node) or _joined("\n")(node) or _attribute(node, "text", "title", "url")


_READERS: dict[str, Callable[[Node], str]] = {
    "doc": _joined("\n\n"),
    "paragraph": _read_inline,
    "heading": _read_inline,
    "codeBlock": _read_inline,
    "blockquote": _joined("\n\n"),
    "panel": _joined("\n\n"),
    "expand": _read_titled,
    "nestedExpand": _read_titled,
    "bulletList": _listed(lambda _number, _item: "- "),
    "orderedList": _listed(lambda number, _item: f"{number}. "),
    "taskList": _listed(lambda _number, item: "[x] " if _attribute(item, "state") == "DONE" else "[ ] "),
    "decisionList": _listed(lambda _number, _item: "- "),
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
