"""What people type into the search field: words, "phrases", and beginnings of words with `*`.

No text is wrong: a quotation mark that nothing closes reaches to the end, and signs without a word are ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archive.folding import FOLDED_BREAK, fold

LONGEST_TEXT = 500  # characters
_QUOTES = re.compile("[“”„‟«»]")  # as phones and text processors write them
_PARTS = re.compile(r'"([^"]*)"?|([^\s"]+)')
_ONLY_SIGNS = re.compile(r'[\s*"]*')
# A word that no issue has, for a text without any word.
_NO_WORD = FOLDED_BREAK * 2


@dataclass(frozen=True)
class Term:
    """Words that an issue must have next to each other. Of a prefix, the last word may go on."""

    words: tuple[str, ...]
    is_prefix: bool = False

    def as_fts5(self) -> str:
        """In the query language of SQLite's FTS5. Words have no quotation marks."""
        phrase = f'"{" ".join(self.words)}"'
        if self.is_prefix:
            phrase += "*"
        return phrase

    def as_tsquery(self) -> str:
        """As PostgreSQL's tsquery that finds the issues with all of the words, wherever they are."""
        lexemes = [f"'{word}'" for word in self.words]
        if self.is_prefix:
            lexemes[-1] += ":*"
        return " & ".join(lexemes)

    def as_like(self) -> str:
        """As a pattern of LIKE for the words of an issue, with a blank before the first and after the last.

        Words have none of LIKE's special characters.
        """
        phrase = " ".join(self.words)
        if self.is_prefix:
            return f"% {phrase}%"
        return f"% {phrase} %"


def clean_text(text: str) -> str:
    """The text as it is stored and shown. Only signs that stand for nothing, such as a single `*`, become ""."""
    text = " ".join(text.split())
    if _ONLY_SIGNS.fullmatch(_QUOTES.sub('"', text)):
        return ""
    return text


def read_terms(text: str) -> Sequence[Term]:
    """What an issue must have, each once. A text without words asks for something that no issue has."""
    terms: dict[Term, None] = {}
    for match in _PARTS.finditer(_QUOTES.sub('"', text)):
        part = match[1] or match[2] or ""
        words = fold(part).split()
        if words:
            terms[Term(tuple(words), _ends_within_word(part, words))] = None
    return list(terms) or [Term((_NO_WORD,))]


def _ends_within_word(part: str, words: Sequence[str]) -> bool:
    """Whether a `*` is at the end and its last word may go on: a letter in its place would belong to that word."""
    if not part.endswith("*"):
        return False
    continued = fold(part.rstrip("*") + "x").split()
    return len(continued) == len(words)
