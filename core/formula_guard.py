"""The formula guard: which texts a spreadsheet may run as a formula, guarding them, and undoing the guard.

A spreadsheet runs a cell that starts with a sign such as `=`. The guard is a `'` in front of the sign. Where a
spreadsheet separates columns by `;`, it takes the quotes of a file that is separated by commas for text, so that a `;`,
a tab or a line break inside a cell starts a new one: there the guard is needed too (docs/csv.md).

If one or more `'` already precede the sign, one more is added, so that removing one `'` always restores the text.
"""

import re
from enum import StrEnum

# The signs that OWASP ("CSV Injection") lists, with the full-width forms of the first four.
INNER_SIGNS = "=+-@＝＋－＠"
FORMULA_SIGNS = INNER_SIGNS + "\t\r\n"
SEPARATORS = ";\t\r\n"

_SIGN = f"[{re.escape(FORMULA_SIGNS)}]"
_INNER_SIGN = f"[{re.escape(INNER_SIGNS)}]"
# A quote after the separator opens a cell that a second quote, which CSV adds, closes at once.
_OPENED = f'[{SEPARATORS}]"*'
_START = re.compile(f"'*{_SIGN}")
_INNER = re.compile(f"({_OPENED})('*{_INNER_SIGN})")
_GUARDED_START = re.compile(f"'+{_SIGN}")
_GUARDED_INNER = re.compile(f"({_OPENED})'('*{_INNER_SIGN})")


class GuardRemoval(StrEnum):
    """What an import removes of the guard. START is for files of version 0.2.0 and earlier."""

    AUTO = "auto"  # ON for the portal's own files, otherwise OFF
    ON = "on"
    START = "start"
    OFF = "off"


def add_guard(text: str) -> str:
    """The text with the guard wherever it is needed."""
    guarded = _INNER.sub(r"\1'\2", text)
    if _START.match(text):
        return "'" + guarded
    return guarded


def remove_guard(text: str) -> str:
    """The text before it was guarded. A text without the guard is returned unchanged."""
    if "'" not in text:
        return text
    return remove_guard_at_start(_GUARDED_INNER.sub(r"\1\2", text))


def remove_guard_at_start(text: str) -> str:
    """The text before it was guarded by version 0.2.0 or earlier, which added a `'` only to the start of a text."""
    if _GUARDED_START.match(text):
        return text[1:]
    return text
