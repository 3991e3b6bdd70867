"""The format of the log: one line an entry, with the time in UTC."""

import logging
import re
import time

# What could begin a new line, or control a terminal.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


class LineFormatter(logging.Formatter):
    """`2026-01-31T12:00:00.123Z LEVEL logger message`. Tracebacks follow on lines of their own, which are indented."""

    converter = time.gmtime  # type: ignore[assignment] # its argument is a time in seconds, as declared
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging calls it by this name
        record.message = _CONTROL.sub(_escaped, record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802
        text: str = super().formatException(ei)  # type: ignore[arg-type]
        return "  " + text.replace("\n", "\n  ")


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
