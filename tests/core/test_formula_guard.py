"""No cell of a guarded file is a formula, whatever separates columns where it is opened. The guard can be undone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formula_guard import FORMULA_SIGNS, INNER_SIGNS, add_guard, remove_guard, remove_guard_at_start

TEXT = st.text(st.sampled_from(FORMULA_SIGNS + "'\";, aA1|"), max_size=12) | st.text(max_size=12)


def cells_of(content: str, separator: str) -> list[str]:
    """The values of all cells as a spreadsheet reads them that separates columns by `separator`.

    Quotes count only at the start of a cell. What follows the closing quote belongs to the cell.
    """
    cells = []
    cell = ""
    is_quoted = False
    is_at_start = True
    index = 0
    while index < len(content):
        character = content[index]
        index += 1
        if is_quoted and character == '"':
            if content[index : index + 1] == '"':
                cell += '"'
                index += 1
            else:
                is_quoted = False
        elif is_quoted:
            cell += character
        elif is_at_start and character == '"':
            is_quoted = True
            is_at_start = False
        elif character in (separator, "\n", "\r"):
            cells.append(cell)
            cell = ""
            is_at_start = True
        else:
            cell += character
            is_at_start = False
    return [*cells, cell]


def record(texts: list[str]) -> str:
    """A record of a file, with numbers and empty cells between the texts."""
    quoted = ['"' + add_guard(text).replace('"', '""') + '"' for text in texts]
    return ",7,,".join(quoted) + "\n"


def test_the_reader_of_these_tests_finds_the_formula() -> None:
    assert "=1" in cells_of('"Plain","x;=1;y",3\n', ";")
    assert "=1" in cells_of('"Plain","x\n=1\ny",3\n', ";")
    assert '=1";y"' not in cells_of('"Plain","x;""=1;y",3\n', ",")
    assert "=1" in cells_of('"Plain","x;""=1;y",3\n', ";")
    assert cells_of('"Plain","x;=1;y",3\n', ",") == ["Plain", "x;=1;y", "3", ""]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@given(texts=st.lists(TEXT, min_size=1, max_size=4))
def test_no_cell_starts_with_a_sign(separator: str, texts: list[str]) -> None:
    for cell in cells_of(record(texts) * 2, separator):
        assert cell[:1] not in {*INNER_SIGNS}, (texts, cell)


@given(TEXT)
def test_the_guard_can_be_undone(text: str) -> None:
    assert remove_guard(add_guard(text)) == text
    assert remove_guard(add_guard(add_guard(text))) == add_guard(text)


@given(TEXT)
def test_the_guard_only_adds_apostrophes_before_signs(text: str) -> None:
    guarded = add_guard(text)
    assert guarded.replace("'", "") == text.replace("'", "")
    if not any(sign in text for sign in FORMULA_SIGNS):
        assert guarded == text


def test_files_of_earlier_versions_are_guarded_only_at_the_start() -> None:
    assert remove_guard_at_start("'=1\n'=2") == "=1\n'=2"
    assert remove_guard("'=1\n'=2") == "=1\n=2"
