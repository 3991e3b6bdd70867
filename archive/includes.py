"""What an export can include of the details of issues, beside the columns of the ordinary export."""

from collections.abc import Iterable, Mapping

from django.db.models import TextChoices

from archive.errors import InvalidFilter
from archive.models import DetailKind
from core.texts import printable

PARAMETER = "include"
SEPARATOR = ","


class Include(TextChoices):
    """A part of the details. Values are those of REST requests, labels those of the pages."""

    CUSTOM_FIELDS = "customFields", "Custom fields"
    COMMENTS = "comments", "Comments"
    WORKLOGS = "worklogs", "Work logs"
    LINKS = "links", "Issue links"
    ATTACHMENTS = "attachments", "Attachments"
    WATCHERS = "watchers", "Watchers"
    CHANGELOG = "changelog", "Change history"


KINDS: Mapping[Include, tuple[DetailKind, ...]] = {
    Include.CUSTOM_FIELDS: (DetailKind.CUSTOM, DetailKind.FIELD),
    Include.COMMENTS: (DetailKind.COMMENT,),
    Include.WORKLOGS: (DetailKind.WORKLOG,),
    Include.LINKS: (DetailKind.LINK, DetailKind.SUBTASK),
    Include.ATTACHMENTS: (DetailKind.ATTACHMENT,),
    Include.WATCHERS: (DetailKind.WATCHER,),
    Include.CHANGELOG: (DetailKind.HISTORY,),
}

Includes = tuple[Include, ...]
"""Parts of the details, each once, in the order in which Include declares them."""


def read_includes(texts: Iterable[str]) -> Includes:
    """The parts that a request names. A text can hold several, separated by commas.

    Raises:
        InvalidFilter: there is no such part. It names the first unknown one and all that exist.
    """
    wanted = set()
    for text in texts:
        for name in text.split(SEPARATOR):
            stripped = name.strip()
            if stripped:
                wanted.add(stripped)
    unknown = sorted(wanted.difference(Include.values))
    if unknown:
        known = ", ".join(Include.values)
        raise InvalidFilter({PARAMETER: f'has an unknown value "{printable(unknown[0])}". Use {known}.'})
    return tuple([include for include in Include if include in wanted])


def write_includes(includes: Includes) -> str:
    """The parts as one text, which `read_includes` reads."""
    return SEPARATOR.join(includes)


def kinds_of(includes: Includes) -> list[DetailKind]:
    """The kinds of details that the parts consist of."""
    kinds: list[DetailKind] = []
    for include in includes:
        kinds.extend(KINDS[include])
    return kinds
