"""An entry of the log is one line, whatever is in it, with the time in UTC."""

import logging
import re
import sys

from core.log_format import LineFormatter


def fail() -> None:
    raise ValueError("first\n2026-01-31T12:00:00.000Z CRITICAL forged second")


def line(message: str, *arguments: object, error: bool = False) -> str:
    failure = None
    if error:
        try:
            fail()
        except ValueError:
            failure = sys.exc_info()
    record = logging.LogRecord("exports.mail", logging.WARNING, "x.py", 1, message, arguments, failure)
    record.created = 1_769_860_800.5
    record.msecs = 500
    return LineFormatter().format(record)


def test_it_works() -> None:
    assert line("Email %s", 7) == "2026-01-31T12:00:00.500Z WARNING exports.mail Email 7"


def test_no_text_begins_a_new_line_or_controls_a_terminal() -> None:
    text = line("key %s", "A\r\n2026-01-31T12:00:00.000Z CRITICAL forged\x1b[31m\x9b\u2028\u2029\0é\t")
    assert text.splitlines() == [text]
    assert text.endswith(r"forged\x1b[31m\x9b\u2028\u2029\x00é" + "\t")


def test_a_traceback_can_be_told_from_entries() -> None:
    first, *others = line("It failed", error=True).splitlines()
    assert first == "2026-01-31T12:00:00.500Z WARNING exports.mail It failed"
    assert others
    for other in others:
        assert re.match("  ", other), other
