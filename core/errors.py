"""The error that every refusal derives from: a status, a title and a sentence."""

from collections.abc import Mapping
from typing import ClassVar


class PortalError(Exception):
    """A refusal that the user can act on; `str()` of it is the sentence of the REST API.

    `fields` names what is wrong with which field, `retry_after` the seconds after which another try may succeed.
    """

    status: ClassVar[int] = 400
    title: ClassVar[str] = "Something went wrong"
    page_template: ClassVar[str] = "core/error.html"
    fields: Mapping[str, str] = {}
    retry_after: int | None = None

    @property
    def page_sentence(self) -> str:
        """The sentence of a page, for errors whose published wording fits the REST API only."""
        return str(self)
