"""The base of all errors that users see: a status, a title and a sentence."""

from collections.abc import Mapping
from typing import ClassVar


class PortalError(Exception):
    """An error the user can act on. `str(error)` is the sentence that the REST API returns.

    `fields` says for each wrong field what is wrong with it. `retry_after` is the number of seconds after which the
    request may succeed, if that is known.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Something went wrong"
    page_template: ClassVar[str] = "core/error.html"
    fields: Mapping[str, str] = {}
    retry_after: int | None = None

    @property
    def page_sentence(self) -> str:
        """The sentence shown on pages. Override it if the REST API's published wording would not help there."""
        return str(self)
