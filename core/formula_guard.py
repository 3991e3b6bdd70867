"""The formula guard: which texts a spreadsheet may run as a formula, and putting a `'` in front of them.

A text that already starts with one or more `'` before the sign gets one more, so that removing one `'` always restores
the original text.
"""

import re

# The signs that OWASP ("CSV Injection") lists, with the full-width forms of the first four.
FORMULA_SIGNS = "=+-@\t\r\n＝＋－＠"
_FORMULA = re.compile(f"'*[{re.escape(FORMULA_SIGNS)}]")
_GUARDED = re.compile(f"'+[{re.escape(FORMULA_SIGNS)}]")


def add_guard(text: str) -> str:
    """The text as a spreadsheet takes it for a text."""
    if _FORMULA.match(text):
        return f"'{text}"
    return text


def remove_guard(text: str) -> str:
    """The text before it was guarded. A text without the guard is returned unchanged."""
    if _GUARDED.match(text):
        return text[1:]
    return text
