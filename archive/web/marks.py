"""What a search found in a text, marked, and the part of an issue's texts where it was found."""

import functools
import re
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from archive.folding import fold
from archive.search_text import Term

LONGEST_EXCERPT = 160  # characters
BEFORE_MARK = 50  # characters of an excerpt before what was found
MOST_CHARACTERS = 5_000  # of one text in which an excerpt is looked for

# Letters and digits with the marks that follow them. What it takes for one word may be several, such as Chinese text.
_PIECES = re.compile("(?:[^\\W_]|[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u0670\u0900-\u0dff\u0e00-\u0eff])+")
_SINGLE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

Span = tuple[int, int]
"""Where a part of a text starts and ends."""
Piece = tuple[int, int, str]
"""Where a part of a text starts and ends, and its word."""


def mark(text: str, terms: Sequence[Term]) -> SafeString:
    """The text as HTML, in which what the terms ask for is in `<mark>`."""
    return _as_html(text, _find_spans(_pieces(text), terms), 0, len(text))


def find_missing(texts: Sequence[str], terms: Sequence[Term]) -> list[Term]:
    """Those of the terms that none of the texts has."""
    lines = [f" {fold(text)} " for text in texts]
    return [term for term in terms if not any(_is_in(term, line) for line in lines)]


def excerpt(text: str, wanted: Sequence[Term], terms: Sequence[Term]) -> SafeString | None:
    """The part of the text around the first of the wanted terms, with all terms marked; None if it has none of them."""
    text = text[:MOST_CHARACTERS]
    if len(find_missing([text], wanted)) == len(wanted):
        return None
    pieces = _pieces(text)
    first = _find_spans(pieces, wanted)
    if not first:
        return None
    start = _blank_before(text, max(0, first[0][0] - BEFORE_MARK))
    end = min(len(text), max(start + LONGEST_EXCERPT, first[0][1]))
    near = [piece for piece in pieces if start <= piece[0] and piece[1] <= end]
    marked = _as_html(text, _find_spans(near, terms), start, end)
    return format_html("{}{}{}", "…" if start else "", marked, "…" if end < len(text) else "")


def _is_in(term: Term, line: str) -> bool:
    """Whether folded words, with blanks around each, have the term."""
    phrase = f" {' '.join(term.words)}"
    if not term.is_prefix:
        phrase += " "
    return phrase in line


def _blank_before(text: str, position: int) -> int:
    """The start of the word at the position, unless it is a long one."""
    blank = text.rfind(" ", max(0, position - 20), position)
    if blank < 0:
        return position
    return blank + 1


def _find_spans(pieces: Sequence[Piece], terms: Sequence[Term]) -> list[Span]:
    """Where a text with these pieces has what the terms ask for, in order, without overlaps."""
    found: set[Span] = set()
    for term in terms:
        count = len(term.words)
        for index in range(len(pieces) - count + 1):
            if _is_term(term, pieces, index):
                found.add((pieces[index][0], pieces[index + count - 1][1]))
    return _merge(sorted(found))


def _is_term(term: Term, pieces: Sequence[Piece], start: int) -> bool:
    """Whether the pieces from this one on are what the term asks for."""
    last = len(term.words) - 1
    for offset, word in enumerate(term.words):
        found = pieces[start + offset][2]
        if found != word and not (term.is_prefix and offset == last and found.startswith(word)):
            return False
    return True


def _pieces(text: str) -> list[Piece]:
    pieces: list[Piece] = []
    for match in _PIECES.finditer(text):
        start = match.start()
        for single in _SINGLE.finditer(match[0]):
            single_start = match.start() + single.start()
            _add_words(pieces, text, start, single_start)
            _add_words(pieces, text, single_start, single_start + 1)
            start = single_start + 1
        _add_words(pieces, text, start, match.end())
    return pieces


def _add_words(pieces: list[Piece], text: str, start: int, end: int) -> None:
    """Add the words of a part of the text. Each of them is the whole part: where it is in there, nobody knows."""
    if start < end:
        pieces.extend((start, end, word) for word in _fold_piece(text[start:end]))


@functools.lru_cache(maxsize=10_000)
def _fold_piece(text: str) -> list[str]:
    return fold(text).split()


def _merge(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _as_html(text: str, spans: Sequence[Span], start: int, end: int) -> SafeString:
    parts: list[tuple[str, SafeString | str]] = []
    position = start
    for span_start, span_end in spans:
        if span_end > start and span_start < end:
            marked = format_html("<mark>{}</mark>", text[max(span_start, position) : min(span_end, end)])
            parts.append((text[position:span_start], marked))
            position = min(span_end, end)
    parts.append((text[position:end], ""))
    return format_html_join("", "{}{}", parts)
