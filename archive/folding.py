"""Texts as words that can be compared: without case, accents and punctuation.

A word is a run of letters and digits. Its characters are decomposed (NFKD), accents are removed, and case is
folded. Scripts that are written without blanks between words have a word for each character, so that a part of
a sentence is found as a phrase. What is searched and what is searched for pass through the same function, and the
database only compares its results (docs/decisions/0013).
"""

import functools
import re
import unicodedata

LONGEST_WORD = 100  # characters; of a longer word, the rest doesn't count
MOST_BYTES = 1_000_000  # of the words of one issue; a tsvector of PostgreSQL holds no more than 1 MiB
BREAK = "\0"
"""Between two texts that are folded together. No text of the archive contains it."""
FOLDED_BREAK = "¶"
"""What it becomes: a word that no text has, so that no phrase extends over two texts."""

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Accents of the Latin, Greek and Cyrillic scripts, the vowel points of Hebrew and Arabic, which are rarely written, and
# characters that are not seen: soft hyphens, joiners, directions and variants.
_IGNORED = re.compile(
    "[\u00ad\u200c-\u200f\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
# Thai, Lao, Burmese, Khmer, kana, Bopomofo, and Chinese characters.
_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u309f\u30a1-\u30fa\u30fc-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_WORD_CATEGORIES = frozenset("LNM")
_BEYOND = re.compile(rf"(\S{{{LONGEST_WORD}}})\S+")


def _ascii_table() -> bytes:
    """For each byte of UTF-8, what it becomes: a small letter or digit, a blank, or itself if it isn't ASCII."""
    table = bytearray(range(256))
    for code in range(1, 128):
        character = chr(code)
        if character.isalnum():
            table[code] = ord(character.lower())
        else:
            table[code] = ord(" ")
    return bytes(table)


_ASCII = _ascii_table()
_BREAK = BREAK.encode()
_FOLDED_BREAK = f" {FOLDED_BREAK} ".encode()


def fold(text: str) -> str:
    """The words of the text, separated by blanks. BREAK becomes the word FOLDED_BREAK."""
    if not text.isascii():
        text = _NOT_ASCII.sub(_fold_run, text)
    # Everything but the characters outside of ASCII is done on bytes, because imports fold every text.
    folded = text.encode().translate(_ASCII).replace(_BREAK, _FOLDED_BREAK)
    while b"  " in folded:
        folded = folded.replace(b"  ", b" ")
    folded = folded.strip()
    if _may_have_long_word(folded):
        folded = _BEYOND.sub(r"\1", folded.decode()).encode()
    if len(folded) > MOST_BYTES:
        folded = folded[: MOST_BYTES + 1].rpartition(b" ")[0]
    return folded.decode()


def _may_have_long_word(folded: bytes) -> bool:
    """Whether no blank is in one of the windows of the text: a long word fills at least one of them."""
    window = LONGEST_WORD // 2
    starts = range(0, len(folded) - window, window)
    return any(folded.find(b" ", start, start + window) < 0 for start in starts)


def _fold_run(match: re.Match[str]) -> str:
    return _fold_characters(match[0])


@functools.lru_cache(maxsize=20_000)
def _fold_characters(text: str) -> str:
    """The text, which is not ASCII, as letters and digits, with blanks where words end."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    # Folding case may bring back what decomposing removes.
    folded = unicodedata.normalize("NFKD", folded)
    folded = unicodedata.normalize("NFC", _IGNORED.sub("", folded))
    kept = []
    for character in folded:
        if _WITHOUT_BLANKS.match(character) and _is_in_word(character):
            kept.append(f" {character} ")
        elif character.isascii() or _is_in_word(character):
            kept.append(character)
        else:
            kept.append(" ")
    return "".join(kept)


def _is_in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in _WORD_CATEGORIES
