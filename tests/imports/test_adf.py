"""Atlassian Document Format as text."""

from typing import Any

import pytest

from imports.adf import MAX_DEPTH, read_adf, read_document


def doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": list(content)}


def paragraph(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": list(content)}


def text(value: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": value, "marks": list(marks)}


def item(value: str) -> dict[str, Any]:
    return {"type": "listItem", "content": [paragraph(text(value))]}


def test_paragraphs_and_lists() -> None:
    document = doc(
        {"type": "heading", "attrs": {"level": 1}, "content": [text("Steps")]},
        paragraph(text("First "), text("bold", {"type": "strong"}), {"type": "hardBreak"}, text("second line")),
        {"type": "bulletList", "content": [item("one"), item("two")]},
        {"type": "orderedList", "content": [item("a"), item("b")]},
        {"type": "codeBlock", "attrs": {"language": "sh"}, "content": [text("ls\n  -l")]},
    )
    assert read_adf(document) == "Steps\n\nFirst bold\nsecond line\n\n- one\n- two\n\n1. a\n2. b\n\nls\n  -l"


def test_a_list_in_a_list_is_indented() -> None:
    inner = {"type": "bulletList", "content": [item("in")]}
    outer = {"type": "listItem", "content": [paragraph(text("out")), inner]}
    assert read_adf(doc({"type": "bulletList", "content": [outer]})) == "- out\n  - in"


def test_a_link_keeps_its_address() -> None:
    link = {"type": "link", "attrs": {"href": "https://example.com/a"}}
    assert read_adf(doc(paragraph(text("see", link)))) == "see (https://example.com/a)"
    assert read_adf(doc(paragraph(text("https://example.com/a", link)))) == "https://example.com/a"


def test_inline_nodes() -> None:
    document = doc(
        paragraph(
            {"type": "mention", "attrs": {"id": "5b1", "text": "@alice"}},
            {"type": "emoji", "attrs": {"shortName": ":smile:", "text": "😄"}},
            {"type": "status", "attrs": {"text": "LATE"}},
            {"type": "date", "attrs": {"timestamp": "1582152559000"}},
            {"type": "inlineCard", "attrs": {"url": "https://example.com/b"}},
        )
    )
    assert read_adf(document) == "@alice😄LATE2020-02-19https://example.com/b"


def test_a_table_has_one_line_per_row() -> None:
    cells = [{"type": "tableCell", "content": [paragraph(text(value))]} for value in ("a", "b")]
    table = {"type": "table", "content": [{"type": "tableRow", "content": cells}] * 2}
    assert read_adf(doc(table)) == "a | b\na | b"


def test_an_unknown_node_gives_the_text_inside_it() -> None:
    assert read_adf(doc({"type": "novelty", "content": [paragraph(text("kept"))]})) == "kept"
    assert read_adf({}) == ""


def test_marks_that_are_not_a_list_are_ignored() -> None:
    assert read_adf(doc(paragraph({"type": "text", "text": "kept", "marks": 5}))) == "kept"


def nested(depth: int) -> dict[str, Any]:
    node = text("deep")
    for _ in range(depth - 1):
        node = {"type": "blockquote", "content": [node]}
    return node


def test_a_document_may_be_nested_up_to_a_depth() -> None:
    assert read_document(nested(MAX_DEPTH)) == "deep"
    for depth in (MAX_DEPTH + 1, 10_000):
        with pytest.raises(ValueError, match="is nested more than 100 levels deep"):
            read_document(nested(depth))


def test_lists_in_lists_do_not_make_a_text_endless(settings: Any) -> None:
    settings.IMPORT_MAX_TEXT_CHARACTERS = 100
    inner = item("a\n" * 30)
    assert read_document(doc({"type": "bulletList", "content": [inner]})).count("\n  ") == 30
    with pytest.raises(ValueError, match="has more than 100 characters of text"):
        read_document(doc({"type": "bulletList", "content": [{"type": "bulletList", "content": [inner]}]}))
