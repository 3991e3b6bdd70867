"""Atlassian Document Format as text."""

from typing import Any

from imports.adf import read_adf


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
