"""How texts are folded, and what people may type into the search field."""

import pytest

from archive.folding import LONGEST_WORD, MOST_BYTES, fold
from archive.search_text import Term, clean_text, read_terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Printer JAMS, again!", "printer jams again"),
        ("Crème brûlée straße", "creme brulee strasse"),
        ("cre\u0300me", "creme"),
        ("ĘŁÓDŹ Škoda İstanbul", "ełodz skoda istanbul"),
        ("Ёлка и Йод", "елка и иод"),
        ("ὈΔΥΣΣΕΎΣ", "οδυσσευσ"),
        ("ＡＢＣ ﬁx ①", "abc fix 1"),
        ("AC-12, foo_bar, v1.2.3, a@b.test", "ac 12 foo bar v1 2 3 a b test"),
        ("naïve—“quoted”…", "naive quoted"),
        ("東京タワーで iPhone", "東 京 タ ワ ー で iphone"),
        ("한국어", "한국어"),
        ("हिन्दी", "हिन्दी"),
        ("שָׁלוֹם مُحَمَّد", "שלום محمد"),
        ("co\u00adoper\u200date ™\ufe0f", "cooperate tm"),
        ("¶ 😀 ***", ""),
        ("one\0two", "one ¶ two"),
    ],
)
def test_texts_are_folded_to_words(text: str, words: str) -> None:
    assert fold(text) == words
    assert fold(words.replace("¶", "")) == " ".join(words.replace("¶", "").split())


@pytest.mark.parametrize("length", [LONGEST_WORD, LONGEST_WORD + 1, LONGEST_WORD + 49, LONGEST_WORD * 3])
@pytest.mark.parametrize("letter", ["x", "д", "ü"])
def test_of_a_long_word_only_the_beginning_counts(length: int, letter: str) -> None:
    folded = fold(f"before {letter * length} after")
    assert folded == f"before {fold(letter) * LONGEST_WORD} after"


def test_of_a_very_long_text_only_the_beginning_counts() -> None:
    folded = fold("жук " * MOST_BYTES)
    assert MOST_BYTES - 10 < len(folded.encode()) <= MOST_BYTES
    assert set(folded.split()) == {"жук"}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("printer jam", [Term(("printer",)), Term(("jam",))]),
        ('"printer jam" Jam', [Term(("printer", "jam")), Term(("jam",))]),
        ("jam jam JÀM", [Term(("jam",))]),
        ("pri*", [Term(("pri",), is_prefix=True)]),
        ("AC-12", [Term(("ac", "12"))]),
        ("AC-1*", [Term(("ac", "1"), is_prefix=True)]),
        ('"printer ja*"', [Term(("printer", "ja"), is_prefix=True)]),
        ("cafe\u0301*", [Term(("cafe",), is_prefix=True)]),
        ("東京*", [Term(("東", "京"))]),
        ('jam "second floor', [Term(("jam",)), Term(("second", "floor"))]),
        ("“second floor”", [Term(("second", "floor"))]),
        ('jam"floor"', [Term(("jam",)), Term(("floor",))]),
        ("* jam ** -*", [Term(("jam",))]),
        ("ja*m", [Term(("ja", "m"))]),
        ('jam ""', [Term(("jam",))]),
        ("jam AND NOT (x:y)", [Term(("jam",)), Term(("and",)), Term(("not",)), Term(("x", "y"))]),
        ("!!!", [Term(("¶¶",))]),
    ],
)
def test_every_text_is_read_as_words_phrases_and_prefixes(text: str, terms: list[Term]) -> None:
    assert read_terms(text) == terms


@pytest.mark.parametrize("text", ["", " ", "*", '"', ' * "" ', "“”", "**"])
def test_a_text_of_signs_that_stand_for_nothing_does_not_filter(text: str) -> None:
    assert clean_text(text) == ""


def test_blanks_are_put_in_order() -> None:
    assert clean_text("  printer \n jam ") == "printer jam"
